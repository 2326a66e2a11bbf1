//! Service levels by table: when they begin, stand still, are kept and broken.

use serde_json::json;
use switchboard_domain::{Channel, SlaEvent, SlaEventKind, SlaMetric, SlaPolicy, SlaState, SlaTimer};
use switchboard_routing::{Calendar, SlaSubject, policy_of, sla_timers};

use crate::build::at;
use SlaEventKind::{AgentReplied, CustomerWrote, Reopened, Resolved, Snoozed, Woke};
use SlaMetric::{FirstResponse, NextResponse, Resolution};
use SlaState::{Met, Paused, Running};

fn policy(change: &serde_json::Value) -> SlaPolicy {
    let mut policy = json!({
        "id": "gold", "name": "Gold", "order": 0, "enabled": true, "first_response_secs": 60,
        "next_response_secs": 120, "resolution_secs": 600, "business_hours_id": null, "warn_at_percent": 80,
        "pause_while_snoozed": true, "pause_while_customers_turn": false, "on_reopen": "continue",
    });
    for (field, value) in change.as_object().unwrap() {
        policy[field] = value.clone();
    }
    serde_json::from_value(policy).unwrap()
}

fn timers(policy: &SlaPolicy, events: &[(i64, SlaEventKind)], now: i64) -> Vec<SlaTimer> {
    let events: Vec<SlaEvent> = events
        .iter()
        .map(|&(secs, what)| SlaEvent { at: at(secs), what })
        .collect();
    let timers = sla_timers(policy, &Calendar::always(), &events, at(now));
    let backwards: Vec<SlaEvent> = events.into_iter().rev().collect();
    assert_eq!(
        sla_timers(policy, &Calendar::always(), &backwards, at(now)),
        timers,
        "order doesn't matter"
    );
    timers
}

fn brief(timers: &[SlaTimer]) -> Vec<(SlaMetric, SlaState, u64, bool)> {
    timers
        .iter()
        .map(|timer| (timer.metric, timer.state, timer.elapsed_secs, timer.breached))
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn the_table_of_responses() {
    let standard = policy(&json!({}));
    for (what, events, now, expected) in [
        ("nothing happened", vec![], 50, vec![]),
        (
            "running",
            vec![(0, CustomerWrote)],
            59,
            vec![
                (FirstResponse, Running, 59, false),
                (Resolution, Running, 59, false),
            ],
        ),
        (
            "broken at its target",
            vec![(0, CustomerWrote)],
            60,
            vec![
                (FirstResponse, Running, 60, true),
                (Resolution, Running, 60, false),
            ],
        ),
        (
            "kept at its target",
            vec![(0, CustomerWrote), (60, AgentReplied)],
            90,
            vec![(FirstResponse, Met, 60, false), (Resolution, Running, 90, false)],
        ),
        (
            "answered late stays broken",
            vec![(0, CustomerWrote), (61, AgentReplied)],
            90,
            vec![(FirstResponse, Met, 61, true), (Resolution, Running, 90, false)],
        ),
        (
            "writing twice doesn't begin again",
            vec![(0, CustomerWrote), (30, CustomerWrote)],
            50,
            vec![
                (FirstResponse, Running, 50, false),
                (Resolution, Running, 50, false),
            ],
        ),
        (
            "the next response",
            vec![(0, CustomerWrote), (10, AgentReplied), (100, CustomerWrote)],
            150,
            vec![
                (FirstResponse, Met, 10, false),
                (NextResponse, Running, 50, false),
                (Resolution, Running, 150, false),
            ],
        ),
        (
            "one broken next response stays told",
            vec![
                (0, CustomerWrote),
                (10, AgentReplied),
                (100, CustomerWrote),
                (300, AgentReplied),
                (310, CustomerWrote),
                (320, AgentReplied),
            ],
            330,
            vec![
                (FirstResponse, Met, 10, false),
                (NextResponse, Met, 10, true),
                (Resolution, Running, 330, false),
            ],
        ),
        (
            "resolved without an answer",
            vec![(0, CustomerWrote), (20, Resolved)],
            500,
            vec![(FirstResponse, Met, 20, false), (Resolution, Met, 20, false)],
        ),
        (
            "we wrote first",
            vec![(0, AgentReplied), (10, CustomerWrote)],
            20,
            vec![
                (NextResponse, Running, 10, false),
                (Resolution, Running, 10, false),
            ],
        ),
    ] {
        assert_eq!(brief(&timers(&standard, &events, now)), expected, "{what}");
    }
}

#[test]
fn the_table_of_resolution() {
    let rows = |change, events: &[(i64, SlaEventKind)], now| {
        let timers = timers(&policy(&change), events, now);
        brief(&timers)
            .into_iter()
            .find(|row| row.0 == Resolution)
            .map(|(_, state, elapsed, breached)| (state, elapsed, breached))
    };
    let snoozed = [(0, CustomerWrote), (10, AgentReplied), (100, Snoozed)];
    assert_eq!(rows(json!({}), &snoozed, 900), Some((Paused, 100, false)));
    assert_eq!(
        rows(json!({ "pause_while_snoozed": false }), &snoozed, 900),
        Some((Running, 900, true))
    );
    let woken = [snoozed.as_slice(), &[(800, Woke)]].concat();
    assert_eq!(rows(json!({}), &woken, 900), Some((Running, 200, false)));

    let waiting = [(0, CustomerWrote), (10, AgentReplied), (400, CustomerWrote)];
    let paused = json!({ "pause_while_customers_turn": true });
    assert_eq!(
        rows(paused.clone(), &waiting[..2], 300),
        Some((Paused, 10, false))
    );
    assert_eq!(rows(paused.clone(), &waiting, 500), Some((Running, 110, false)));
    let both = [
        (0, CustomerWrote),
        (10, AgentReplied),
        (20, Snoozed),
        (30, CustomerWrote),
    ];
    assert_eq!(
        rows(paused, &both, 100),
        Some((Paused, 10, false)),
        "still snoozed"
    );

    let again = [(0, CustomerWrote), (100, Resolved), (1_000, Reopened)];
    assert_eq!(
        rows(json!({}), &again, 1_100),
        Some((Running, 200, false)),
        "resolved takes no time"
    );
    assert_eq!(
        rows(json!({ "on_reopen": "restart" }), &again, 1_100),
        Some((Running, 100, false))
    );
    let resolved_again = [again.as_slice(), &[(1_050, Resolved)]].concat();
    assert_eq!(rows(json!({}), &resolved_again, 2_000), Some((Met, 150, false)));
}

#[test]
fn warnings_and_dues_follow_open_time() {
    let office = json!({
        "id": "office", "name": "Office", "time_zone": "Europe/Vienna",
        "weekly": [{ "days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "from": "09:00", "until": "17:00" }],
    });
    let calendar = Calendar::new(&serde_json::from_value(office).unwrap()).unwrap();
    let policy = policy(&json!({ "first_response_secs": 3600 }));
    let friday = "2026-11-20T16:30:00+01:00".parse().unwrap();
    let wrote = [SlaEvent {
        at: friday,
        what: CustomerWrote,
    }];
    let saturday = "2026-11-21T12:00:00+01:00".parse().unwrap();
    let timers = sla_timers(&policy, &calendar, &wrote, saturday);
    let first = &timers[0];
    assert_eq!((first.elapsed_secs, first.breached), (1800, false));
    assert_eq!(first.warns_at, "2026-11-23T09:18:00+01:00".parse().ok());
    assert_eq!(first.due_at, "2026-11-23T09:30:00+01:00".parse().ok());
}

#[test]
fn the_first_policy_that_applies() {
    let policies = [
        policy(&json!({ "id": "all", "order": 9 })),
        policy(&json!({ "id": "vip", "order": 1, "labels": ["vip", "gold"] })),
        policy(&json!({ "id": "line", "order": 2, "channels": ["line"], "queue_ids": ["main"] })),
        policy(&json!({ "id": "off", "order": 0, "enabled": false })),
    ];
    let under = |queue: &str, label: &str, channel| {
        let (queue, labels) = (queue.into(), [label.to_owned()]);
        let subject = SlaSubject {
            queue_id: Some(&queue),
            labels: &labels,
            channel,
        };
        policy_of(&policies, &subject).map(|policy| policy.id.to_string())
    };
    assert_eq!(under("main", "gold", Channel::Line).as_deref(), Some("vip"));
    assert_eq!(under("main", "x", Channel::Line).as_deref(), Some("line"));
    assert_eq!(under("other", "x", Channel::Line).as_deref(), Some("all"));
    assert_eq!(under("main", "x", Channel::Whatsapp).as_deref(), Some("all"));
}
