//! Short ways to make agents, queues and items.

use serde_json::Value;
use switchboard_domain::{
    Channel, Condition, Field, Intent, Operator, Priority, Queue, Requirement, RoutingRule, SkillLevel, Step,
    Strategy, Timestamp,
};
use switchboard_routing::{AgentState, Facts, Item, RuleSet};

/// An instant, in seconds after the start of the test's day.
pub fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_760_000_000 + secs)
}

/// Available on a live device, of team `care`, with room for five.
pub fn agent(id: &str) -> AgentState {
    AgentState {
        user_id: id.into(),
        team_ids: vec!["care".into()],
        skills: Vec::new(),
        intent: Intent::Available,
        online: true,
        total: 5,
        held: [].into(),
        channel_limits: [].into(),
        held_per_channel: [].into(),
        last_assigned_at: None,
        turn: 0,
        auto_accept: true,
        kept_for: None,
    }
}

pub fn skilled(id: &str, skills: &[(&str, u8)]) -> AgentState {
    let skills = skills.iter().map(|&(skill, level)| SkillLevel {
        skill_id: skill.into(),
        level,
    });
    AgentState {
        skills: skills.collect(),
        ..agent(id)
    }
}

/// An agent who holds `used` of `total` units.
pub fn loaded(id: &str, used: u32, total: u32) -> AgentState {
    AgentState {
        held: (0..used).collect(),
        total,
        ..agent(id)
    }
}

/// Served by team `care`, for any of its agents, one unit each.
pub fn queue(id: &str) -> Queue {
    Queue {
        id: id.into(),
        name: id.to_owned(),
        team_ids: vec!["care".into()],
        strategy: Strategy::Balanced,
        offer_ttl_secs: 20,
        auto_accept: false,
        any_agent: true,
        weight: 1,
        wrap_up_secs: 0,
        business_hours_id: None,
        overflow: Vec::new(),
    }
}

/// Waits in queue `main` since `since` seconds.
pub fn item(id: &str, since: i64) -> Item {
    let rules = RuleSet::new(Vec::new(), "main".into());
    let facts = Facts::new(Channel::Whatsapp, "wa-demo");
    let classification = rules.classify(&facts);
    Item::new(id.into(), facts, at(since), classification)
}

pub fn asking(id: &str, since: i64, requirements: &[Requirement]) -> Item {
    Item {
        requirements: requirements.to_vec(),
        ..item(id, since)
    }
}

/// Never drops.
pub fn needs(skill: &str, min_level: u8) -> Requirement {
    Requirement {
        skill_id: skill.into(),
        min_level,
        tier: 0,
        expires_after_secs: None,
    }
}

pub fn drops(skill: &str, tier: u8, expires_after_secs: Option<u32>) -> Requirement {
    Requirement {
        tier,
        expires_after_secs,
        ..needs(skill, 5)
    }
}

pub fn step(queue: &str, timeout_secs: Option<u32>) -> Step {
    Step {
        queue_id: queue.into(),
        condition: None,
        timeout_secs,
        skip_if_no_agent_available: false,
    }
}

pub fn when(field: Field, operator: Operator, value: impl Into<Value>) -> Condition {
    Condition::Match {
        field,
        operator,
        value: value.into(),
    }
}

pub fn rule(id: &str, order: i32, condition: Condition) -> RoutingRule {
    RoutingRule {
        id: id.into(),
        name: id.to_owned(),
        version: 3,
        order,
        enabled: true,
        condition,
        steps: vec![step(id, None)],
        priority: Priority::High,
        requirements: vec![needs("sales", 4)],
        updated_at: at(0),
    }
}
