//! What a decision was made from, as its trace stores it: enough to make it again, and no more.
//!
//! Of each agent only what this item could depend on is kept (the skills it asks for, the teams of its queues), as a
//! trace holds every agent of a queue. Of the customer's words nothing is kept unless a step asks for them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{Channel, Intent, Queue, Requirement, SkillLevel, TeamId, Timestamp, UserId};

use crate::{AgentState, Facts, Item, eligible::Ask, slot_ranges};

/// A trace's input, read back.
#[derive(Deserialize)]
pub(crate) struct Input {
    pub now: Timestamp,
    pub item: Item,
    /// In the order they were tried.
    pub queues: Vec<Queue>,
    pub agents: Vec<AgentState>,
}

#[derive(Serialize)]
struct Written<'a> {
    now: Timestamp,
    item: Cow<'a, Item>,
    queues: &'a [&'a Queue],
    agents: Vec<WrittenAgent<'a>>,
}

/// Reads back as an [`AgentState`].
#[derive(Serialize)]
struct WrittenAgent<'a> {
    user_id: &'a UserId,
    team_ids: Vec<&'a TeamId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skills: Vec<&'a SkillLevel>,
    intent: Intent,
    online: bool,
    total: u32,
    #[serde(with = "slot_ranges")]
    held: &'a BTreeSet<u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    channel_limits: BTreeMap<Channel, u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    held_per_channel: BTreeMap<Channel, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_assigned_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<u32>,
    auto_accept: bool,
}

impl<'a> WrittenAgent<'a> {
    fn of(agent: &'a AgentState, item: &Item, queues: &[&Queue]) -> Self {
        let serves = |team: &&TeamId| queues.iter().any(|queue| queue.team_ids.contains(team));
        let asked = |has: &&SkillLevel| {
            let asks = |requirement: &Requirement| requirement.skill_id == has.skill_id;
            item.requirements.iter().any(asks)
        };
        let channel = item.facts.channel;
        let limited = agent.channel_limits.contains_key(&channel);
        let on_channel = |units: &BTreeMap<Channel, u32>| {
            let units = units.get(&channel).filter(|_| limited);
            units.map(|&units| (channel, units)).into_iter().collect()
        };
        Self {
            user_id: &agent.user_id,
            team_ids: agent.team_ids.iter().filter(serves).collect(),
            skills: agent.skills.iter().filter(asked).collect(),
            intent: agent.intent,
            online: agent.online,
            total: agent.total,
            held: &agent.held,
            channel_limits: on_channel(&agent.channel_limits),
            held_per_channel: on_channel(&agent.held_per_channel),
            last_assigned_at: agent.last_assigned_at,
            turn: Some(agent.turn).filter(|turn| *turn > 0),
            auto_accept: agent.auto_accept,
        }
    }
}

pub(crate) fn write(ask: &Ask<'_>, queues: &[&Queue], agents: &[&AgentState]) -> Value {
    let written = Written {
        now: ask.now,
        item: without_words(ask.item),
        queues,
        agents: agents
            .iter()
            .map(|agent| WrittenAgent::of(agent, ask.item, queues))
            .collect(),
    };
    // These types have string keys only and always serialise.
    serde_json::to_value(written).unwrap_or_default()
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
        ..*item
    })
}
