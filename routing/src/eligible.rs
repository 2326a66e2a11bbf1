//! Whether an agent can take an item, and if not, why not.

use switchboard_domain::{Queue, Rejection, Requirement, Timestamp, UserId};

use crate::{AgentState, Item, requirements::holding};

/// An item's question to agents, with what holds at this instant worked out once.
pub(crate) struct Ask<'a> {
    pub item: &'a Item,
    pub now: Timestamp,
    pub holding: Vec<&'a Requirement>,
    /// The agent it goes back to before anybody else is asked.
    pub only: Option<&'a UserId>,
}

impl<'a> Ask<'a> {
    pub fn new(item: &'a Item, now: Timestamp) -> Self {
        Self {
            item,
            now,
            holding: holding(&item.requirements, item.age(now)),
            only: None,
        }
    }

    /// As [`Self::new`]; a conversation that comes back waits for the agent it had, if they are there to be waited for.
    pub fn among<'s>(
        item: &'a Item,
        now: Timestamp,
        find: impl Fn(&UserId) -> Option<&'s AgentState>,
    ) -> Self {
        let mut ask = Self::new(item, now);
        ask.only = item
            .returns_to
            .as_ref()
            .filter(|last| now < last.until && !item.declined.contains(&last.agent_id))
            .map(|last| &last.agent_id)
            .filter(|id| find(id).is_some_and(|agent| agent.intent.is_routable() && agent.online));
        ask
    }

    /// Nobody has declined it or lost the race for it, and it isn't anybody's: it is refused as any other of its kind is.
    pub fn is_unrefused(&self) -> bool {
        self.item.declined.is_empty() && self.item.raced.is_empty() && self.only.is_none()
    }

    /// Why `agent` can't take it in `queue`; `None` if they can.
    ///
    /// What lasts comes first (team, channel, skill), then what passes (presence, capacity), so that the reason shown
    /// is the one that would remain.
    pub fn rejection(&self, queue: &Queue, agent: &AgentState) -> Option<Rejection> {
        self.never(queue, agent).or_else(|| self.not_now(queue, agent))
    }

    pub fn never(&self, queue: &Queue, agent: &AgentState) -> Option<Rejection> {
        if !agent.serves(queue) {
            return Some(Rejection::NotInQueueTeams);
        }
        if agent.channel_limits.get(&self.item.facts.channel) == Some(&0) {
            return Some(Rejection::ChannelNotAllowed);
        }
        // Requirements that have dropped were asked for once: dropping never shuts out.
        if self.item.requirements.is_empty() && !queue.any_agent {
            return Some(Rejection::NoRequirement);
        }
        let missing = self.holding.iter().find(|needed| {
            agent
                .level(&needed.skill_id)
                .is_none_or(|level| level < needed.min_level)
        });
        if let Some(needed) = missing {
            return Some(Rejection::MissingSkill {
                skill_id: needed.skill_id.clone(),
                needed: needed.min_level,
                has: agent.level(&needed.skill_id).unwrap_or(0),
            });
        }
        self.item
            .declined
            .contains(&agent.user_id)
            .then_some(Rejection::Declined)
    }

    /// Why an agent who could take it can't at this moment, whatever they hold.
    pub fn absent(&self, agent: &AgentState) -> Option<Rejection> {
        if !agent.intent.is_routable() {
            return Some(Rejection::NotRoutable);
        }
        if !agent.online {
            return Some(Rejection::NoDevice);
        }
        if let Some(only) = self.only.filter(|only| **only != agent.user_id) {
            return Some(Rejection::WaitsForItsAgent {
                agent_id: only.clone(),
            });
        }
        if self.item.raced.contains(&agent.user_id) {
            return Some(Rejection::Raced);
        }
        let kept = agent.kept_for.as_ref();
        let other = kept.filter(|conversation| **conversation != self.item.conversation_id);
        other.map(|conversation| Rejection::KeptFor {
            conversation_id: conversation.clone(),
        })
    }

    /// Units in use and at most, in all and on the item's channel.
    pub fn loads(&self, agent: &AgentState) -> impl Iterator<Item = (u32, u32)> {
        let channel = self.item.facts.channel;
        let on_channel = agent.channel_limits.get(&channel).map(|&limit| {
            let used = agent.held_per_channel.get(&channel).copied().unwrap_or(0);
            (used, limit)
        });
        [Some((agent.used(), agent.total)), on_channel]
            .into_iter()
            .flatten()
    }

    fn not_now(&self, queue: &Queue, agent: &AgentState) -> Option<Rejection> {
        self.absent(agent).or_else(|| {
            self.loads(agent)
                .find_map(|(used, total)| full(used, total, weight(queue)))
        })
    }
}

/// Units a conversation of the queue takes; never none.
pub(crate) fn weight(queue: &Queue) -> u32 {
    queue.weight.max(1)
}

fn full(used: u32, total: u32, needed: u32) -> Option<Rejection> {
    (used.saturating_add(needed) > total).then_some(Rejection::AtCapacity { used, total, needed })
}

/// Why `agent` can't take `item` in `queue` at `now`; `None` if they can.
pub fn rejection(item: &Item, queue: &Queue, agent: &AgentState, now: Timestamp) -> Option<Rejection> {
    Ask::new(item, now).rejection(queue, agent)
}
