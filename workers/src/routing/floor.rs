//! The agents as they stand, with what they hold.

use std::collections::HashMap;

use switchboard_domain::{Timestamp, UserId};
use switchboard_routing::AgentState;
use switchboard_store::Held;

use crate::{Hub, error::WorkError};

impl Hub {
    /// Everyone who may be given work.
    pub async fn floor(&self, now: Timestamp) -> Result<Vec<AgentState>, WorkError> {
        let store = &self.store;
        let (users, presences, live) = tokio::try_join!(
            store.users.agents(),
            store.presence.all(now),
            store.assignments.live(),
        )?;
        let presences: HashMap<UserId, _> = presences
            .into_iter()
            .map(|known| (known.presence.user_id.clone(), known))
            .collect();
        let mut agents: Vec<AgentState> = users
            .iter()
            .map(|user| {
                let known = presences.get(&user.id);
                let mut agent = AgentState::new(user, known.map(|known| &known.presence));
                agent.last_assigned_at = known.and_then(|known| known.last_assigned_at);
                agent
            })
            .collect();
        load(&mut agents, live);
        Ok(agents)
    }
}

fn load(agents: &mut [AgentState], live: Vec<Held>) {
    let by_id: HashMap<UserId, usize> = agents
        .iter()
        .enumerate()
        .map(|(index, agent)| (agent.user_id.clone(), index))
        .collect();
    for held in live {
        let Some(index) = by_id.get(&held.assignment.agent_id) else {
            continue;
        };
        let agent = &mut agents[*index];
        *agent.held_per_channel.entry(held.channel).or_default() += held.assignment.weight;
        agent.held.extend(held.slots);
    }
}
