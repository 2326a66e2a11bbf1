//! What a simulation costs: `cargo run --release -p switchboard-routing --example simulation`.
//!
//! 100,000 conversations over a week, sixty agents who are just enough, and a rule with steps.

use std::time::Instant;

use serde_json::json;
use switchboard_domain::{Queue, RoutingRule, Scenario};
use switchboard_routing::{Conditions, RuleSet, simulate};

const CONVERSATIONS: u32 = 100_000;
const AGENTS: u32 = 60;

fn main() -> Result<(), serde_json::Error> {
    let conversations: Vec<_> = (0..CONVERSATIONS)
        .map(|nth| {
            let millis = 1_760_000_000_000 + i64::from(nth) * 6_048;
            json!({
                "id": format!("c{nth:06}"), "at": switchboard_domain::Timestamp::from_millis(millis), "channel": "whatsapp",
                "account_id": "wa", "queue_id": "main", "handle_secs": 300 + nth * 7919 % 2_400,
                "labels": if nth % 5 == 0 { vec!["vip"] } else { vec![] },
            })
        })
        .collect();
    let agents: Vec<_> = (0..AGENTS)
        .map(|nth| json!({ "id": format!("a{nth:02}"), "team_ids": [if nth % 4 == 0 { "vip" } else { "care" }], "capacity": 5 }))
        .collect();
    let scenario: Scenario =
        serde_json::from_value(json!({ "agents": agents, "conversations": conversations }))?;
    let queue = |id: &str, teams: &[&str]| {
        json!({
            "id": id, "name": id, "team_ids": teams, "strategy": "balanced", "offer_ttl_secs": 30,
            "auto_accept": true, "any_agent": true, "weight": 1,
        })
    };
    let queues: Vec<Queue> =
        serde_json::from_value(json!([queue("main", &["care"]), queue("vip", &["vip"])]))?;
    let rule: RoutingRule = serde_json::from_value(json!({
        "id": "vip", "name": "VIP", "version": 1, "order": 1, "enabled": true, "priority": "high", "requirements": [],
        "condition": { "match": { "field": "labels", "operator": "is", "value": "vip" } },
        "steps": [{ "queue_id": "vip", "timeout_secs": 60 }, { "queue_id": "main" }],
        "updated_at": "2026-01-01T00:00:00Z",
    }))?;
    let rules = RuleSet::new(vec![rule], "main".into());
    let conditions = Conditions {
        rules: &rules,
        queues: &queues,
        calendars: &[],
        policies: &[],
    };
    let start = Instant::now();
    let report = simulate(&scenario, &conditions, |_| true);
    let took = start.elapsed();
    if let Some(report) = report {
        println!(
            "{} conversations in {took:.2?}: {} assigned, waits {:?}",
            report.conversations, report.assigned, report.waits
        );
    }
    Ok(())
}
