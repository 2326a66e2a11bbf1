//! What the engine is given: agents, queues and waiting items, as they stand at one instant.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use switchboard_domain::{
    Channel, ConversationId, Intent, Presence, Priority, Queue, QueueId, Requirement, RuleId, SkillId,
    SkillLevel, Step, TeamId, Timestamp, User, UserId,
};

use crate::{Classification, Facts, capacity};

/// How long a conversation that comes back prefers the agent it had.
pub const STICKY_FOR: Duration = Duration::from_hours(72);

/// An agent, with the work they hold.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentState {
    pub user_id: UserId,
    pub team_ids: Vec<TeamId>,
    pub skills: Vec<SkillLevel>,
    pub intent: Intent,
    /// At least one live device.
    pub online: bool,
    /// Units of work at once.
    pub total: u32,
    /// The slots that live assignments hold, those beyond the total included.
    pub held: BTreeSet<u32>,
    /// The most units at once on a channel; zero: the channel isn't theirs; absent: no limit of its own.
    pub channel_limits: BTreeMap<Channel, u32>,
    /// Units held on each channel.
    pub held_per_channel: BTreeMap<Channel, u32>,
    pub last_assigned_at: Option<Timestamp>,
    /// Orders assignments of the same instant: one pass makes many. Zero in a fresh snapshot.
    pub turn: u32,
    pub auto_accept: bool,
    /// A heavier conversation that comes first and waits for units of theirs; set by a pass, none in a fresh snapshot.
    pub kept_for: Option<ConversationId>,
}

impl AgentState {
    /// A user who holds nothing yet. Without a known presence they take no work; disabled, they have no capacity.
    pub fn new(user: &User, presence: Option<&Presence>) -> Self {
        Self {
            user_id: user.id.clone(),
            team_ids: user.team_ids.clone(),
            skills: user.skills.clone(),
            intent: presence.map_or(Intent::Offline, |presence| presence.intent),
            online: presence.is_some_and(|presence| presence.online),
            total: if user.enabled { user.capacity } else { 0 },
            held: BTreeSet::new(),
            channel_limits: user.channel_limits.clone(),
            held_per_channel: BTreeMap::new(),
            last_assigned_at: None,
            turn: 0,
            auto_accept: user.auto_accept,
            kept_for: None,
        }
    }

    /// Units in use.
    pub fn used(&self) -> u32 {
        capacity::units(&self.held)
    }

    /// Their level in a skill; none if they don't have it.
    pub fn level(&self, skill: &SkillId) -> Option<u8> {
        self.skills
            .iter()
            .filter(|has| has.skill_id == *skill)
            .map(|has| has.level)
            .max()
    }

    /// Whether a team of theirs serves the queue.
    pub fn serves(&self, queue: &Queue) -> bool {
        self.team_ids.iter().any(|team| queue.team_ids.contains(team))
    }

    /// Takes the slots of a placement.
    pub(crate) fn take(&mut self, slots: &[u32], channel: Channel, now: Timestamp, turn: u32) {
        self.held.extend(slots);
        *self.held_per_channel.entry(channel).or_default() += u32::try_from(slots.len()).unwrap_or(u32::MAX);
        self.last_assigned_at = Some(now);
        self.turn = turn;
    }
}

/// A queue as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueState {
    #[serde(flatten)]
    pub queue: Queue,
    /// Within its business hours.
    #[serde(default = "yes")]
    pub open: bool,
    /// How many wait in it: see [`crate::line_up`].
    #[serde(default)]
    pub depth: u32,
    /// Seconds between two conversations that left it for an agent lately; none if none did.
    #[serde(default)]
    pub pace_secs: Option<u32>,
}

fn yes() -> bool {
    true
}

impl From<Queue> for QueueState {
    fn from(queue: Queue) -> Self {
        Self {
            queue,
            open: true,
            depth: 0,
            pace_secs: None,
        }
    }
}

/// The agent a conversation had before, and until when it prefers them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastAgent {
    pub agent_id: UserId,
    pub until: Timestamp,
}

impl LastAgent {
    /// Preferred for [`STICKY_FOR`] from the end of their assignment.
    pub fn new(agent_id: UserId, ended_at: Timestamp) -> Self {
        Self {
            agent_id,
            until: ended_at.plus(STICKY_FOR),
        }
    }
}

/// A conversation that waits for an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub conversation_id: ConversationId,
    pub facts: Facts,
    /// Since when, through declines and time-outs.
    pub waiting_since: Timestamp,
    pub priority: Priority,
    /// Seconds added to its age in the queue's order, at most [`crate::MAX_BOOST`].
    #[serde(default)]
    pub boost_secs: u32,
    pub requirements: Vec<Requirement>,
    /// Agents who declined it in this wait.
    #[serde(default)]
    pub declined: Vec<UserId>,
    /// Agents whose reservation was just lost to a simultaneous one: passed over when it is decided again.
    #[serde(default)]
    pub raced: Vec<UserId>,
    pub rule: Option<(RuleId, u32)>,
    pub steps: Vec<Step>,
    /// Where it stands while no step applies.
    pub default_queue: QueueId,
    #[serde(default)]
    pub last_agent: Option<LastAgent>,
    /// The agent it was with before it fell silent: until then it waits for them, if they are there.
    #[serde(default)]
    pub returns_to: Option<LastAgent>,
    /// When the channel stops taking free replies.
    #[serde(default)]
    pub window_closes_at: Option<Timestamp>,
    /// How many stand before it in its queue: see [`crate::line_up`].
    #[serde(default)]
    pub ahead: u32,
}

impl Item {
    pub fn new(
        conversation_id: ConversationId,
        facts: Facts,
        waiting_since: Timestamp,
        classification: Classification,
    ) -> Self {
        Self {
            conversation_id,
            facts,
            waiting_since,
            priority: classification.priority,
            boost_secs: 0,
            requirements: classification.requirements,
            declined: Vec::new(),
            raced: Vec::new(),
            rule: classification.rule,
            steps: classification.steps,
            default_queue: classification.default_queue,
            last_agent: None,
            returns_to: None,
            window_closes_at: None,
            ahead: 0,
        }
    }

    pub fn age(&self, now: Timestamp) -> Duration {
        now.since(self.waiting_since)
    }

    pub(crate) fn classify_as(&mut self, classification: Classification) {
        self.priority = classification.priority;
        self.requirements = classification.requirements;
        self.rule = classification.rule;
        self.steps = classification.steps;
        self.default_queue = classification.default_queue;
    }
}

/// Everything one pass looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub now: Timestamp,
    pub agents: Vec<AgentState>,
    pub queues: Vec<QueueState>,
    pub items: Vec<Item>,
}
