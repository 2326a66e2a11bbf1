//! The snapshot that the engine decides on.

use switchboard_domain::{Conversation, QueueId, RoutingState, TeamId, Timestamp};
use switchboard_routing::{Facts, Item, LastAgent, QueueState, Snapshot, line_up, stands_in};
use switchboard_store::{Classified, Routable};

use super::{known::Known, setting::Setting};
use crate::{Hub, error::WorkError, with_reply_window};

/// The most items one pass looks at while somebody is free.
const MOST_WAITING: i64 = 10_000;
/// And while nobody is: enough to explain.
const FEW_WAITING: i64 = 100;

/// A snapshot, and what came to light while it was made.
pub struct Gathered {
    pub snapshot: Snapshot,
    /// What its items were made from, in the same order.
    pub waiting: Vec<Routable>,
    /// The published version they were classified by.
    pub rules_version: u32,
    /// Conversations that belong elsewhere than they stand.
    pub classified: Vec<Classified>,
    /// There are more than were read.
    pub more: bool,
}

impl Hub {
    /// Everything a pass looks at; `None` if nothing waits.
    pub(super) async fn gather(&self, now: Timestamp) -> Result<Option<Gathered>, WorkError> {
        let (agents, setting) = tokio::try_join!(self.floor(now), self.setting(now))?;
        let anybody = agents
            .iter()
            .any(|agent| agent.online && agent.intent.is_routable() && agent.used() < agent.total);
        let limit = if anybody { MOST_WAITING } else { FEW_WAITING };
        let waiting = self.store.conversations.waiting(limit).await?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let more = waiting.len() as i64 == limit;
        let items = self.items(&waiting, &setting).await?;
        let mut snapshot = Snapshot {
            now,
            agents,
            queues: setting.queues.clone(),
            items,
        };
        if setting.counts_places() {
            line_up(&mut snapshot);
        }
        let classified = waiting
            .iter()
            .zip(&snapshot.items)
            .filter_map(|(one, item)| moved(one, item, &snapshot.queues, now))
            .collect();
        Ok(Some(Gathered {
            waiting,
            rules_version: setting.version,
            snapshot,
            classified,
            more,
        }))
    }

    /// How everything stands, whether somebody is free or not; for those who want to know why.
    pub(crate) async fn whole_snapshot(&self, now: Timestamp, limit: i64) -> Result<Snapshot, WorkError> {
        let (agents, setting) = tokio::try_join!(self.floor(now), self.setting(now))?;
        let waiting = self.store.conversations.waiting(limit).await?;
        let items = self.items(&waiting, &setting).await?;
        Ok(Snapshot {
            now,
            agents,
            queues: setting.queues,
            items,
        })
    }

    /// Waiting conversations as the engine sees them, by the rules as they are now.
    pub(crate) async fn items(
        &self,
        waiting: &[Routable],
        setting: &Setting,
    ) -> Result<Vec<Item>, WorkError> {
        let known = self.known(waiting, setting).await?;
        Ok(waiting.iter().map(|one| item(one, setting, &known)).collect())
    }
}

fn item(one: &Routable, setting: &Setting, known: &Known) -> Item {
    let conversation = &one.conversation;
    let mut facts = facts(conversation);
    known.tell(&mut facts, &conversation.customer_id);
    facts.open_hours.clone_from(&setting.open);
    let mut classification = setting.rules.classify(&facts);
    let known = |id: &QueueId| setting.queues.iter().any(|state| state.queue.id == *id);
    let placed = one.waiting.placed_in.clone().filter(known);
    if let Some(queue) = placed {
        // Where a person put it, whatever the rules say.
        classification.rule = None;
        classification.steps.clear();
        classification.queue_id = queue.clone();
        classification.default_queue = queue;
    } else if classification.rule.is_none()
        && let Some(queue) = one.waiting.home.clone().filter(known)
    {
        // No rule: the account's own queue.
        classification.queue_id = queue.clone();
        classification.default_queue = queue;
    }
    let mut item = Item::new(conversation.id.clone(), facts, one.waiting.since, classification);
    item.declined.clone_from(&one.waiting.declined);
    let last = one.last_agent_id.clone();
    item.last_agent = last.map(|agent| LastAgent::new(agent, one.waiting.since));
    let returns = one.waiting.returns_to.clone();
    item.returns_to = returns.map(|(agent_id, until)| LastAgent { agent_id, until });
    item.window_closes_at = with_reply_window(conversation.clone()).reply_window_until;
    item
}

/// What has to be written of an item that doesn't stand where its conversation says.
fn moved(one: &Routable, item: &Item, queues: &[QueueState], now: Timestamp) -> Option<Classified> {
    let conversation = &one.conversation;
    let stands = stands_in(item, queues, now).map_or(&item.default_queue, |state| &state.queue.id);
    if conversation.queue_id.as_ref() == Some(stands)
        && one.waiting.rule == item.rule
        && conversation.priority == item.priority
        && one.waiting.requirements == item.requirements
    {
        return None;
    }
    Some(Classified {
        conversation_id: conversation.id.clone(),
        team_id: team(conversation, queues, stands),
        queue_id: stands.clone(),
        priority: item.priority,
        requirements: item.requirements.clone(),
        rule: item.rule.clone(),
    })
}

fn facts(conversation: &Conversation) -> Facts {
    let mut facts = Facts::new(conversation.channel, conversation.account_id.clone());
    facts.branch_id.clone_from(&conversation.branch_id);
    facts.labels.clone_from(&conversation.labels);
    facts.text = conversation
        .last_message
        .as_ref()
        .map(|last| last.preview.clone())
        .unwrap_or_default();
    facts
}

/// A conversation belongs to a team that serves its queue; it stays with the team it has if that is one of them.
fn team(conversation: &Conversation, queues: &[QueueState], queue: &QueueId) -> Option<TeamId> {
    debug_assert_eq!(conversation.routing_state, RoutingState::Waiting);
    let state = queues.iter().find(|state| state.queue.id == *queue)?;
    let teams = &state.queue.team_ids;
    match &conversation.team_id {
        Some(team) if teams.contains(team) => None,
        _ => teams.first().cloned(),
    }
}
