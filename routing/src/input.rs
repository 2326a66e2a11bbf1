//! What a decision was made from, as its trace stores it: enough to make it again, and no more.
//!
//! Of each agent only what this item could depend on is kept (the skills it asks for, the teams of its queues), as a
//! table without repeated names: a trace holds every agent of a queue. Of the customer's words nothing is kept unless
//! a step asks for them.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{
    Channel, ConversationId, Intent, Requirement, SkillId, SkillLevel, TeamId, Timestamp, UserId,
};

use crate::{AgentState, Facts, Item, QueueState, eligible::Ask, slot_ranges};

/// What each place of a [`Row`] means; written along, for whoever reads a trace.
const COLUMNS: [&str; 13] = [
    "user_id",
    "team_ids",
    "skills",
    "intent",
    "online",
    "total",
    "held",
    "channel_limit",
    "held_on_channel",
    "last_assigned_ms",
    "turn",
    "auto_accept",
    "kept_for",
];

/// An agent, as [`COLUMNS`] says.
#[derive(Serialize, Deserialize)]
struct Row<'a>(
    Cow<'a, UserId>,
    Vec<Cow<'a, TeamId>>,
    Vec<(Cow<'a, SkillId>, u8)>,
    Intent,
    bool,
    u32,
    String,
    Option<u32>,
    u32,
    Option<i64>,
    u32,
    bool,
    #[serde(default)] Option<Cow<'a, ConversationId>>,
);

#[derive(Serialize, Deserialize)]
struct Table<'a> {
    columns: Vec<Cow<'a, str>>,
    rows: Vec<Row<'a>>,
}

/// A trace's input.
#[derive(Serialize, Deserialize)]
pub(crate) struct Input<'a> {
    pub now: Timestamp,
    pub item: Cow<'a, Item>,
    /// In the order they were tried, then those that flowed over into them.
    pub queues: Vec<Cow<'a, QueueState>>,
    agents: Table<'a>,
}

impl Input<'_> {
    /// The agents it holds; none if a row can't be read.
    pub fn agents(&self) -> Option<Vec<AgentState>> {
        let channel = self.item.facts.channel;
        self.agents.rows.iter().map(|row| row.agent(channel)).collect()
    }
}

pub(crate) fn write(ask: &Ask<'_>, queues: &[&QueueState], agents: &[&AgentState]) -> Value {
    let rows = agents.iter().map(|agent| Row::of(agent, ask.item, queues));
    let input = Input {
        now: ask.now,
        item: without_words(ask.item),
        queues: queues.iter().map(|queue| Cow::Borrowed(*queue)).collect(),
        agents: Table {
            columns: COLUMNS.map(Cow::Borrowed).to_vec(),
            rows: rows.collect(),
        },
    };
    // These types have string keys only and always serialise.
    serde_json::to_value(input).unwrap_or_default()
}

impl<'a> Row<'a> {
    fn of(agent: &'a AgentState, item: &Item, queues: &[&QueueState]) -> Self {
        let serves = |team: &&TeamId| queues.iter().any(|state| state.queue.team_ids.contains(team));
        let asked = |has: &&SkillLevel| {
            let asks = |requirement: &Requirement| requirement.skill_id == has.skill_id;
            item.requirements.iter().any(asks)
        };
        let skills = agent.skills.iter().filter(asked);
        let channel = item.facts.channel;
        Self(
            Cow::Borrowed(&agent.user_id),
            agent.team_ids.iter().filter(serves).map(Cow::Borrowed).collect(),
            skills
                .map(|has| (Cow::Borrowed(&has.skill_id), has.level))
                .collect(),
            agent.intent,
            agent.online,
            agent.total,
            slot_ranges::write(&agent.held),
            agent.channel_limits.get(&channel).copied(),
            agent.held_per_channel.get(&channel).copied().unwrap_or(0),
            agent.last_assigned_at.map(Timestamp::as_millis),
            agent.turn,
            agent.auto_accept,
            agent.kept_for.as_ref().map(Cow::Borrowed),
        )
    }

    fn agent(&self, channel: Channel) -> Option<AgentState> {
        let Self(
            user_id,
            teams,
            skills,
            intent,
            online,
            total,
            held,
            limit,
            on_channel,
            last,
            turn,
            auto,
            kept,
        ) = self;
        let skills = skills.iter().map(|(skill, level)| SkillLevel {
            skill_id: skill.as_ref().clone(),
            level: *level,
        });
        Some(AgentState {
            user_id: user_id.as_ref().clone(),
            team_ids: teams.iter().map(|team| team.as_ref().clone()).collect(),
            skills: skills.collect(),
            intent: *intent,
            online: *online,
            total: *total,
            held: slot_ranges::read(held)?,
            channel_limits: limit.map(|limit| (channel, limit)).into_iter().collect(),
            held_per_channel: BTreeMap::from([(channel, *on_channel)]),
            last_assigned_at: last.map(Timestamp::from_millis),
            turn: *turn,
            auto_accept: *auto,
            kept_for: kept.as_ref().map(|kept| kept.as_ref().clone()),
        })
    }
}

fn without_words(item: &Item) -> Cow<'_, Item> {
    if item.steps.iter().any(|step| step.condition.is_some()) {
        return Cow::Borrowed(item);
    }
    Cow::Owned(Item {
        facts: Facts::new(item.facts.channel, item.facts.account_id.clone()),
        conversation_id: item.conversation_id.clone(),
        requirements: item.requirements.clone(),
        declined: item.declined.clone(),
        raced: item.raced.clone(),
        rule: item.rule.clone(),
        steps: item.steps.clone(),
        default_queue: item.default_queue.clone(),
        last_agent: item.last_agent.clone(),
        returns_to: item.returns_to.clone(),
        ..*item
    })
}
