//! What comes back to its agent, and what hurries because its reply window closes.

use switchboard_domain::{Intent, Outcome, Priority, Rejection, UserId};
use switchboard_routing::{AgentState, Item, LastAgent, Mode, Verdict, decide, in_order};

use crate::build::{agent, at, item, loaded, queue};

fn returning(until: i64) -> Item {
    Item {
        returns_to: Some(LastAgent {
            agent_id: "ann".into(),
            until: at(until),
        }),
        ..item("c", 0)
    }
}

fn taker(item: &Item, agents: &[AgentState], now: i64) -> Option<UserId> {
    match decide(item, agents, &[queue("main").into()], at(now))
        .into_decision()
        .outcome
    {
        Outcome::Assigned { agent_id } | Outcome::Offered { agent_id } => Some(agent_id),
        Outcome::Waiting => None,
    }
}

#[test]
fn it_waits_for_its_agent_and_then_for_anybody() {
    let full = [loaded("ann", 5, 5), agent("ben")];
    assert_eq!(taker(&returning(60), &full, 59), None);
    assert_eq!(taker(&returning(60), &full, 60), Some("ben".into()));
    let free = [loaded("ann", 4, 5), agent("ben")];
    assert_eq!(taker(&returning(60), &free, 0), Some("ann".into()));
    let decision = decide(&returning(60), &full, &[queue("main").into()], at(0)).into_decision();
    let ben = decision
        .considered
        .iter()
        .find(|one| one.agent_id.as_str() == "ben")
        .unwrap();
    assert_eq!(
        ben.rejected,
        Some(Rejection::WaitsForItsAgent {
            agent_id: "ann".into()
        })
    );
}

#[test]
fn it_does_not_wait_for_somebody_who_is_not_there() {
    let away = AgentState {
        intent: Intent::Away,
        ..agent("ann")
    };
    assert_eq!(
        taker(&returning(60), &[away, agent("ben")], 0),
        Some("ben".into())
    );
    assert_eq!(taker(&returning(60), &[agent("ben")], 0), Some("ben".into()));
}

#[test]
fn what_comes_back_is_not_offered_again() {
    let ann = AgentState {
        auto_accept: false,
        ..agent("ann")
    };
    let Verdict::Placed(placement) = decide(&returning(60), &[ann], &[queue("main").into()], at(0)) else {
        panic!("ann is free");
    };
    assert_eq!(placement.mode, Mode::Assign);
}

fn closing(id: &str, since: i64, closes: i64) -> Item {
    Item {
        window_closes_at: Some(at(closes)),
        ..item(id, since)
    }
}

fn order(items: &[Item], now: i64) -> Vec<&str> {
    let order = in_order(items, at(now));
    order
        .into_iter()
        .map(|item| item.conversation_id.as_str())
        .collect()
}

#[test]
fn urgency_rises_before_the_reply_window_closes() {
    let hour = 3_600;
    let items = [item("older", 0), closing("closing", 60, 3 * hour)];
    assert_eq!(order(&items, 100), ["older", "closing"], "there is time");
    let items = [item("older", 0), closing("closing", 60, 100 + hour)];
    assert_eq!(order(&items, 100), ["closing", "older"]);
    let urgent = Item {
        priority: Priority::Urgent,
        ..item("urgent", 90)
    };
    let items = [urgent, closing("closing", 95, 100 + 600)];
    assert_eq!(order(&items, 100), ["closing", "urgent"], "the last half hour");
    let items = [item("older", 0), closing("closed", 60, 100)];
    assert_eq!(
        order(&items, 100),
        ["older", "closed"],
        "nothing is left to be saved"
    );
}
