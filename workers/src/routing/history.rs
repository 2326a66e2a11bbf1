//! What happened in the last days, as a scenario that can be played again.

use std::{collections::HashMap, time::Duration};

use switchboard_domain::{
    ConversationId, Happened, PresenceChange, Scenario, ScenarioAgent, ScenarioConversation, Shift,
    Timestamp, User, UserId,
};
use switchboard_store::{Opened, PastAssignment};

use crate::{Hub, error::WorkError};

/// The most conversations of one scenario.
const MOST: i64 = 500_000;
/// Presence is looked up from before the first conversation: somebody may have come the day before.
const BEFORE: Duration = Duration::from_hours(24 * 7);

impl Hub {
    /// The conversations that were opened since `since`, with what became of them, and the agents as they were there.
    /// Also what had to be assumed.
    pub async fn past(&self, since: Timestamp) -> Result<(Scenario, Vec<String>), WorkError> {
        let now = self.clock.now();
        let (opened, assignments, changes, users, present) = tokio::try_join!(
            self.store.conversations.opened_since(since, MOST),
            self.store.assignments.since(since),
            self.store.presence_sessions.since(since.minus(BEFORE)),
            self.store.users.agents(),
            self.store.presence.all(now),
        )?;
        let mut given: HashMap<ConversationId, Vec<PastAssignment>> = HashMap::new();
        for one in assignments {
            given.entry(one.conversation_id.clone()).or_default().push(one);
        }
        let mut known: HashMap<UserId, Vec<PresenceChange>> = HashMap::new();
        for change in changes {
            known.entry(change.user_id.clone()).or_default().push(change);
        }
        let typical = typical_secs(given.values().flatten(), now);
        let mut unknown = 0;
        let conversations = opened.into_iter().map(|one| {
            let held = given.remove(&one.id).unwrap_or_default();
            conversation(one, &held, typical, now)
        });
        let conversations = conversations.collect();
        let agents = users.into_iter().map(|user| {
            let changes = known.remove(&user.id).unwrap_or_default();
            let there = present.iter().any(|one| {
                one.presence.user_id == user.id && one.presence.online && one.presence.intent.is_routable()
            });
            unknown += u32::from(changes.is_empty());
            agent(user, &changes, there, (since, now))
        });
        let agents = agents.collect();
        let mut assumptions = vec![
            "A first reply is taken to come with the assignment.".to_owned(),
            "Where queues flow over by depth or predicted wait, single conversations may take another way."
                .to_owned(),
            "What was written, and what was known of customers then, isn't replayed: rules that ask for it match nobody."
                .to_owned(),
            format!("What nobody had yet is taken to need {typical} seconds, the median of the others."),
        ];
        if unknown > 0 {
            let words =
                "agents have no recorded presence in this time; they are taken to be as they are now.";
            assumptions.push(format!("{unknown} {words}"));
        }
        Ok((
            Scenario {
                agents,
                conversations,
            },
            assumptions,
        ))
    }
}

fn conversation(one: Opened, held: &[PastAssignment], typical: u32, now: Timestamp) -> ScenarioConversation {
    let first = held
        .iter()
        .filter(|held| held.taken)
        .min_by_key(|held| held.created_at);
    let worked: u64 = held
        .iter()
        .filter(|held| held.taken)
        .map(|held| held.ended_at.unwrap_or(now).since(held.created_at).as_secs())
        .sum();
    ScenarioConversation {
        happened: first.map(|first| Happened {
            queue_id: first.queue_id.clone(),
            agent_id: first.agent_id.clone(),
            waited_secs: secs(first.created_at.since(one.created_at)),
        }),
        handle_secs: if first.is_some() {
            u32::try_from(worked).unwrap_or(u32::MAX)
        } else {
            typical
        },
        id: one.id,
        at: one.created_at,
        channel: one.channel,
        account_id: one.account_id,
        branch_id: one.branch_id,
        queue_id: one.home_queue_id,
        labels: one.labels,
        text: String::new(),
        language: None,
        customer: [].into(),
        orders: [].into(),
        first_reply_secs: 0,
        last_agent_id: None,
    }
}

fn agent(
    user: User,
    changes: &[PresenceChange],
    there_now: bool,
    (since, now): (Timestamp, Timestamp),
) -> ScenarioAgent {
    let mut shifts = Vec::new();
    let mut began: Option<Timestamp> = None;
    for change in changes {
        let there = change.online && change.status.is_routable();
        match (there, began) {
            (true, None) => began = Some(change.at),
            (false, Some(from)) => {
                shifts.push(Shift {
                    from,
                    until: change.at,
                });
                began = None;
            }
            _ => {}
        }
    }
    let open = began.or((changes.is_empty() && there_now).then_some(since));
    shifts.extend(open.map(|from| Shift {
        from,
        until: now.plus(BEFORE),
    }));
    if shifts.is_empty() {
        // Nobody's shift, instead of everybody's.
        shifts.push(Shift {
            from: since,
            until: since,
        });
    }
    ScenarioAgent {
        id: user.id,
        team_ids: user.team_ids,
        skills: user.skills,
        capacity: user.capacity,
        channel_limits: user.channel_limits,
        shifts,
    }
}

fn typical_secs<'a>(held: impl Iterator<Item = &'a PastAssignment>, now: Timestamp) -> u32 {
    let taken = held.filter(|held| held.taken);
    let mut secs: Vec<u32> = taken
        .map(|held| secs(held.ended_at.unwrap_or(now).since(held.created_at)))
        .collect();
    secs.sort_unstable();
    secs.get(secs.len() / 2).copied().unwrap_or(300)
}

fn secs(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
