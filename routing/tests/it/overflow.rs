//! Overflow before a queue (closed, deep, slow) and after (waited), and that rings end.

use switchboard_domain::{Outcome, Overflow, OverflowWhen, Queue};
use switchboard_routing::{Item, QueueState, Snapshot, decide, line_up, next_wake, replay, stands_in};

use crate::build::{agent, at, item, queue};

fn flowing(id: &str, overflow: &[(OverflowWhen, &str)]) -> QueueState {
    let overflow = overflow.iter().map(|(when, to)| Overflow {
        when: when.clone(),
        to: (*to).into(),
    });
    QueueState::from(Queue {
        overflow: overflow.collect(),
        ..queue(id)
    })
}

fn stands(item: &Item, queues: &[QueueState], now: i64) -> String {
    stands_in(item, queues, at(now)).unwrap().queue.id.to_string()
}

#[test]
fn closed_hours_flow_over_before() {
    let mut queues = [
        flowing("main", &[(OverflowWhen::Closed, "night")]),
        flowing("night", &[]),
    ];
    assert_eq!(stands(&item("c", 0), &queues, 0), "main");
    queues[0].open = false;
    assert_eq!(stands(&item("c", 0), &queues, 0), "night");
}

#[test]
fn waiting_flows_over_after_at_its_age_and_the_wake_is_known() {
    let queues = [
        flowing("main", &[(OverflowWhen::WaitedSecs(60), "wide")]),
        flowing("wide", &[]),
    ];
    assert_eq!(stands(&item("c", 0), &queues, 59), "main");
    assert_eq!(stands(&item("c", 0), &queues, 60), "wide");
    let world = Snapshot {
        now: at(10),
        agents: Vec::new(),
        queues: queues.to_vec(),
        items: vec![item("c", 0)],
    };
    assert_eq!(next_wake(&world), Some(at(60)));
}

#[test]
fn depth_and_predicted_wait_count_those_before_it() {
    let mut world = Snapshot {
        now: at(100),
        agents: Vec::new(),
        queues: vec![
            flowing("main", &[(OverflowWhen::Depth(2), "deep")]),
            flowing("deep", &[]),
        ],
        items: (0..4).map(|nth| item(&format!("c{nth}"), nth)).collect(),
    };
    line_up(&mut world);
    let standing = |world: &Snapshot| -> Vec<String> {
        world
            .items
            .iter()
            .map(|item| stands(item, &world.queues, 100))
            .collect()
    };
    assert_eq!(standing(&world), ["main", "main", "deep", "deep"]);
    assert_eq!(world.queues[0].depth, 4);

    world.queues[0] = flowing("main", &[(OverflowWhen::PredictedWaitSecs(90), "deep")]);
    line_up(&mut world);
    assert_eq!(standing(&world), ["main"; 4], "nothing is known of its pace");
    world.queues[0].pace_secs = Some(30);
    assert_eq!(standing(&world), ["main", "main", "deep", "deep"]);
}

#[test]
fn a_ring_of_overflows_ends_and_is_told() {
    let mut queues = [
        flowing("main", &[(OverflowWhen::Closed, "b")]),
        flowing("b", &[(OverflowWhen::Closed, "c")]),
        flowing("c", &[(OverflowWhen::Closed, "main")]),
    ];
    for state in &mut queues {
        state.open = false;
    }
    let waits = item("x", 0);
    assert_eq!(stands(&waits, &queues, 0), "c");
    let decision = decide(&waits, &[agent("ann")], &queues, at(0)).into_decision();
    assert_eq!(
        decision.outcome,
        Outcome::Assigned {
            agent_id: "ann".into()
        }
    );
    assert_eq!(decision.queue_id, Some("c".into()));
    assert_eq!(decision.overflowed_from, ["main".into(), "b".into()]);
    assert_eq!(replay(&decision).unwrap(), decision);
}

#[test]
fn an_overflow_to_a_queue_that_is_gone_is_none() {
    let mut queues = [flowing("main", &[(OverflowWhen::Closed, "gone")])];
    queues[0].open = false;
    assert_eq!(stands(&item("c", 0), &queues, 0), "main");
}
