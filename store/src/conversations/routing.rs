//! What the routing worker does to conversations: each step is a compare-and-set on the state it starts from.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use mongodb::{
    bson::{Bson, DateTime, Document, doc},
    options::ReturnDocument,
};
use serde::Deserialize;
use switchboard_domain::{
    Assignment, AssignmentId, AssignmentStatus, Conversation, ConversationId, Priority, QueueId, Requirement,
    RuleId, TeamId, Timestamp, UserId, Waiting,
};

use super::{Conversations, row::Row};
use crate::{
    bulk::{self, Update},
    dates::{date, timestamp},
    error::StoreError,
};

/// A conversation that waits for an agent, with all the engine wants to know of it.
#[derive(Clone, Debug)]
pub struct Routable {
    pub conversation: Conversation,
    pub waiting: Waiting,
    pub last_agent_id: Option<UserId>,
}

/// Who has a conversation, and when its customer last wrote.
#[derive(Clone, Debug)]
pub struct Holding {
    pub assignment_id: Option<AssignmentId>,
    pub last_inbound_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct HoldingRow {
    #[serde(rename = "_id")]
    id: ConversationId,
    assignment_id: Option<AssignmentId>,
    last_inbound_at: Option<DateTime>,
}

/// What classification decided.
#[derive(Clone, Debug)]
pub struct Classified {
    pub conversation_id: ConversationId,
    pub queue_id: QueueId,
    pub team_id: Option<TeamId>,
    pub priority: Priority,
    pub requirements: Vec<Requirement>,
    pub rule: Option<(RuleId, u32)>,
}

impl Conversations {
    /// Those that wait, the most urgent and longest waiting first.
    pub async fn waiting(&self, limit: i64) -> Result<Vec<Routable>, StoreError> {
        let rows: Vec<Row> = self
            .rows
            .find(doc! { "routing_state": "waiting", "status": "open" })
            .sort(doc! { "priority_level": -1, "waiting.since": 1, "_id": 1 })
            .limit(limit)
            .batch_size(5000)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().filter_map(Routable::from_row).collect())
    }

    /// Of these, those that are there.
    pub async fn holdings(
        &self,
        ids: &[ConversationId],
    ) -> Result<HashMap<ConversationId, Holding>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(ConversationId::as_str).collect();
        let rows: Vec<HoldingRow> = self
            .rows
            .clone_with_type::<HoldingRow>()
            .find(doc! { "_id": { "$in": ids } })
            .projection(doc! { "assignment_id": 1, "last_inbound_at": 1 })
            .batch_size(5000)
            .await?
            .try_collect()
            .await?;
        let holding = |row: HoldingRow| {
            let holding = Holding {
                assignment_id: row.assignment_id,
                last_inbound_at: row.last_inbound_at.map(timestamp),
            };
            (row.id, holding)
        };
        Ok(rows.into_iter().map(holding).collect())
    }

    /// Puts them into the queues that the rules chose.
    pub async fn classify(&self, classified: &[Classified]) -> Result<(), StoreError> {
        let updates = classified
            .iter()
            .map(|one| {
                let mut set = doc! {
                    "queue_id": one.queue_id.as_str(),
                    "priority": bson(&one.priority)?,
                    "priority_level": one.priority.level(),
                    "waiting.requirements": bson(&one.requirements)?,
                    "waiting.rule_id": one.rule.as_ref().map(|(id, _)| id.as_str()),
                    "waiting.rule_version": one.rule.as_ref().map(|(_, version)| i64::from(*version)),
                };
                if let Some(team) = &one.team_id {
                    set.insert("team_id", team.as_str());
                }
                let filter = doc! { "_id": one.conversation_id.as_str(), "routing_state": "waiting" };
                Ok(Update::new(filter, doc! { "$set": set }))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        bulk::update(&self.bulk, "conversations", updates).await?;
        Ok(())
    }

    /// Gives waiting conversations to the agents who were reserved for them; those that no longer wait are not
    /// among the answers, and their reservations have to be ended.
    pub async fn place(&self, assignments: &[Assignment]) -> Result<Vec<Conversation>, StoreError> {
        let updates = assignments
            .iter()
            .map(|assignment| {
                let filter = doc! {
                    "_id": assignment.conversation_id.as_str(), "routing_state": "waiting", "status": "open",
                };
                Update::new(filter, placed(assignment))
            })
            .collect();
        bulk::update(&self.bulk, "conversations", updates).await?;
        let ids: Vec<&str> = assignments
            .iter()
            .map(|assignment| assignment.id.as_str())
            .collect();
        let rows: Vec<Row> = self
            .rows
            .find(doc! { "assignment_id": { "$in": ids } })
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(Conversation::from).collect())
    }

    /// The agent took the offer.
    pub async fn accepted(&self, assignment: &Assignment) -> Result<Option<Conversation>, StoreError> {
        let filter = doc! { "assignment_id": assignment.id.as_str(), "routing_state": "offered" };
        self.step(filter, placed(assignment)).await
    }

    /// Back into the queue at its old age, or at another. `declined` won't be asked again for this wait.
    pub async fn requeue(
        &self,
        assignment: &AssignmentId,
        declined: Option<&UserId>,
        since: Option<Timestamp>,
    ) -> Result<Option<Conversation>, StoreError> {
        let mut set =
            doc! { "routing_state": "waiting", "assignee_id": null, "assignment_id": null, "offer": null };
        if let Some(since) = since {
            set.insert("waiting.since", date(since));
        }
        let mut update = doc! { "$set": set, "$inc": { "version": 1 } };
        if let Some(agent) = declined {
            update.insert("$addToSet", doc! { "waiting.declined": agent.as_str() });
        }
        let filter = doc! {
            "assignment_id": assignment.as_str(), "routing_state": { "$in": ["offered", "assigned"] }, "status": "open",
        };
        self.step(filter, update).await
    }

    /// A person puts it into a queue: it waits there, whatever the rules say, as old as its customer's last message.
    pub async fn put_into_queue(
        &self,
        conversation: &Conversation,
        queue: &QueueId,
        team: Option<&TeamId>,
        by: &UserId,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        let filter = doc! {
            "_id": conversation.id.as_str(), "status": "open", "version": conversation.version,
        };
        let since = conversation.waiting_since.unwrap_or(now);
        let since = conversation
            .last_inbound_at
            .map_or(since, |at| at.clamp(since.min(now), now));
        let mut set = doc! {
            "routing_state": "waiting", "assignee_id": null, "assignment_id": null, "offer": null,
            "queue_id": queue.as_str(),
            "waiting": {
                "since": date(since), "requirements": [], "declined": [by.as_str()], "rule_id": null,
                "rule_version": null, "placed_in": queue.as_str(),
            },
        };
        if let Some(team) = team {
            set.insert("team_id", team.as_str());
        }
        self.step(filter, doc! { "$set": set, "$inc": { "version": 1 } })
            .await
    }

    /// An agent leaves: those of theirs whose customers have fallen silent wait for somebody else, as new as now.
    pub async fn reroute_silent_of(
        &self,
        agent: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Conversation>, StoreError> {
        let filter = doc! { "assignee_id": agent.as_str(), "routing_state": "inactive", "status": "open" };
        let silent: Vec<Row> = self.rows.find(filter).await?.try_collect().await?;
        let mut rerouted = Vec::with_capacity(silent.len());
        for row in silent {
            let filter = doc! { "_id": row.id.as_str(), "routing_state": "inactive", "status": "open" };
            let waiting = doc! {
                "since": date(now), "requirements": [], "declined": [], "rule_id": null, "rule_version": null,
            };
            let set = doc! { "routing_state": "waiting", "assignee_id": null, "waiting": waiting };
            rerouted.extend(
                self.step(filter, doc! { "$set": set, "$inc": { "version": 1 } })
                    .await?,
            );
        }
        Ok(rerouted)
    }

    /// Its customer has been silent: the conversation stays its agent's, without its assignment.
    pub async fn fall_silent(&self, assignment: &AssignmentId) -> Result<Option<Conversation>, StoreError> {
        let filter = doc! {
            "assignment_id": assignment.as_str(), "routing_state": "assigned", "status": "open",
        };
        let update = doc! {
            "$set": { "routing_state": "inactive", "assignment_id": null }, "$inc": { "version": 1 },
        };
        self.step(filter, update).await
    }

    /// Its customer has written again: it waits, for its agent first. It stays on that agent's screen meanwhile.
    pub async fn reactivate(
        &self,
        id: &ConversationId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        let filter = doc! { "_id": id.as_str(), "routing_state": "inactive", "status": "open" };
        let update = vec![
            doc! { "$set": {
                "routing_state": "waiting",
                "version": { "$add": ["$version", 1] },
                "waiting": { "$literal": {
                    "since": date(now), "requirements": [], "declined": [], "rule_id": null, "rule_version": null,
                } },
            } },
            doc! { "$set": { "waiting.returns_to": { "agent_id": "$assignee_id", "until": date(until) } } },
        ];
        let row = self
            .rows
            .find_one_and_update(filter, update)
            .return_document(ReturnDocument::After)
            .await?;
        Ok(row.map(Conversation::from))
    }

    /// A person decided: whoever had it, the assignment's agent has it now.
    pub async fn reassign(
        &self,
        conversation: &Conversation,
        assignment: &Assignment,
    ) -> Result<Option<Conversation>, StoreError> {
        let filter = doc! {
            "_id": conversation.id.as_str(),
            "status": "open",
            "assignment_id": conversation.assignment_id.as_ref().map(AssignmentId::as_str),
        };
        self.step(filter, placed(assignment)).await
    }

    pub(super) async fn step(
        &self,
        filter: Document,
        update: Document,
    ) -> Result<Option<Conversation>, StoreError> {
        let row = self
            .rows
            .find_one_and_update(filter, update)
            .return_document(ReturnDocument::After)
            .await?;
        Ok(row.map(Conversation::from))
    }

    /// Conversations snoozed until before `now`.
    pub async fn due_snoozed(&self, now: Timestamp, limit: i64) -> Result<Vec<ConversationId>, StoreError> {
        let rows: Vec<Row> = self
            .rows
            .find(doc! { "status": "snoozed", "snoozed_until": { "$lte": date(now) } })
            .limit(limit)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

fn placed(assignment: &Assignment) -> Document {
    let agent = assignment.agent_id.as_str();
    let set = if assignment.status == AssignmentStatus::Offered {
        doc! {
            "routing_state": "offered",
            "assignee_id": null,
            "assignment_id": assignment.id.as_str(),
            "offer": {
                "assignment_id": assignment.id.as_str(),
                "agent_id": agent,
                "expires_at": assignment.expires_at.map(date),
            },
        }
    } else {
        doc! {
            "routing_state": "assigned",
            "assignee_id": agent,
            "assignment_id": assignment.id.as_str(),
            "offer": null,
            "last_agent_id": agent,
        }
    };
    doc! { "$set": set, "$inc": { "version": 1 }, "$currentDate": { "placed_at": true } }
}

fn bson(value: &impl serde::Serialize) -> Result<Bson, StoreError> {
    Ok(mongodb::bson::serialize_to_bson(value)?)
}

impl Routable {
    fn from_row(mut row: Row) -> Option<Self> {
        let waiting = row
            .waiting
            .take()?
            .into_waiting(row.priority, row.home_queue_id.take());
        let last_agent_id = row.last_agent_id.take();
        let since = waiting.since;
        let mut conversation = Conversation::from(row);
        conversation.waiting_since = Some(since);
        Some(Self {
            conversation,
            waiting,
            last_agent_id,
        })
    }
}
