//! Why an agent isn't given work, worked out from how things stand.

use switchboard_domain::{AgentExplanation, QueueId, Timestamp, User, WhyNot};
use switchboard_routing::{AgentState, Item, QueueState, decide, in_order, line_up, tried_queues};

use crate::{Hub, error::WorkError};

/// Conversations looked at, and told of.
const LOOKED_AT: i64 = 10_000;
const TOLD: usize = 100;

impl Hub {
    /// As the engine sees it at this moment.
    pub async fn explain_agent(&self, user: &User) -> Result<AgentExplanation, WorkError> {
        let now = self.clock.now();
        let mut snapshot = self.whole_snapshot(now, LOOKED_AT).await?;
        line_up(&mut snapshot);
        let agent = snapshot.agents.iter().find(|agent| agent.user_id == user.id);
        let presence = self.store.presence.of(&user.id, now).await?;
        let absent = AgentState::new(user, Some(&presence));
        let agent = agent.unwrap_or(&absent);
        let queues: Vec<&QueueState> = snapshot
            .queues
            .iter()
            .filter(|state| agent.serves(&state.queue))
            .collect();
        let theirs: Vec<(&Item, &QueueId)> = in_order(&snapshot.items, now)
            .into_iter()
            .filter_map(|item| Some((item, stands(item, &snapshot.queues, agent, now)?)))
            .collect();
        let why_not = |&(item, queue): &(&Item, &QueueId)| {
            let decision = decide(item, &snapshot.agents, &snapshot.queues, now).into_decision();
            let mine = decision
                .considered
                .into_iter()
                .find(|one| one.agent_id == user.id);
            let (rank, rejected) = mine.map_or((None, None), |mine| (mine.rank, mine.rejected));
            WhyNot {
                conversation_id: item.conversation_id.clone(),
                queue_id: queue.clone(),
                waiting_since: item.waiting_since,
                rejected,
                rank,
            }
        };
        Ok(AgentExplanation {
            agent_id: user.id.clone(),
            at: now,
            obstacles: obstacles(user, agent, &queues),
            status: agent.intent,
            online: agent.online,
            used: agent.used(),
            total: agent.total,
            last_assigned_at: agent.last_assigned_at,
            queues: queues.iter().map(|state| state.queue.id.clone()).collect(),
            waiting: u32::try_from(theirs.len()).unwrap_or(u32::MAX),
            conversations: theirs.iter().take(TOLD).map(why_not).collect(),
        })
    }
}

/// The queue in which the item and the agent meet.
fn stands<'q>(
    item: &Item,
    queues: &'q [QueueState],
    agent: &AgentState,
    now: Timestamp,
) -> Option<&'q QueueId> {
    let mut tried = tried_queues(item, queues, now).into_iter();
    tried
        .find(|state| agent.serves(&state.queue))
        .map(|state| &state.queue.id)
}

fn obstacles(user: &User, agent: &AgentState, queues: &[&QueueState]) -> Vec<String> {
    let full = agent.total > 0 && agent.used() >= agent.total;
    [
        (!user.enabled, "The account is disabled.".to_owned()),
        (user.capacity == 0, "The capacity is zero.".to_owned()),
        (queues.is_empty(), "None of the teams serves a queue.".to_owned()),
        (
            !agent.intent.is_routable(),
            format!("The status is {}, not available.", agent.intent.as_str()),
        ),
        (!agent.online, "No console is connected.".to_owned()),
        (
            full,
            format!(
                "All {} units of capacity are in use ({}).",
                agent.total,
                agent.used()
            ),
        ),
    ]
    .into_iter()
    .filter_map(|(holds, words)| holds.then_some(words))
    .collect()
}
