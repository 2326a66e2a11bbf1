//! Two sets of rules beside each other.

use std::collections::BTreeSet;

use switchboard_domain::{ConversationId, Difference, Field, Operator, Rejection, RoutingRule};
use switchboard_routing::{Facts, Item, RuleSet, Snapshot, assign_pass, compare};

use crate::build::{agent, at, item, loaded, needs, queue, rule, skilled, when};

/// The same three conversations, two agents with room for one each, under `rules`.
fn world(rules: Vec<RoutingRule>) -> Snapshot {
    let rules = RuleSet::new(rules, "main".into());
    let items = ["a", "b", "c"].into_iter().zip(0..).map(|(id, since)| {
        let mut facts = Facts::new(switchboard_domain::Channel::Whatsapp, "wa-demo");
        facts.labels = vec![id.to_owned()];
        let classification = rules.classify(&facts);
        Item {
            ..Item::new(id.into(), facts, at(since), classification)
        }
    });
    Snapshot {
        now: at(100),
        agents: vec![
            loaded("busy", 4, 5),
            switchboard_routing::AgentState {
                total: 1,
                ..skilled("able", &[("sales", 5)])
            },
        ],
        queues: vec![queue("main").into(), queue("vip").into()],
        items: items.collect(),
    }
}

fn labelled(label: &str) -> switchboard_domain::Condition {
    when(Field::Labels, Operator::Contains, label)
}

#[test]
fn the_same_rules_decide_the_same() {
    let live = world(Vec::new());
    let pass = assign_pass(&live, 0);
    let placed: Vec<_> = pass.placements.iter().collect();
    let waits: Vec<ConversationId> = vec!["c".into()];
    let found = compare(&live, &placed, &waits.iter().collect(), &live.clone());
    assert_eq!(found.len(), 3);
    for one in &found {
        assert!(one.differs_in.is_empty(), "{one:?}");
    }
    assert_eq!(found[2].decision_id, None, "the third waits");
    assert_eq!(
        found[0].decision_id.as_ref(),
        Some(&pass.placements[0].decision.id)
    );
}

#[test]
fn a_difference_names_its_kinds_and_how_the_others_agent_fared() {
    let live = world(Vec::new());
    let pass = assign_pass(&live, 0);
    // `a`, the first, goes to the idle agent; a rule would send it to `vip`, for those who sell at level 9.
    assert_eq!(pass.placements[0].agent_id.as_str(), "able");
    let strict = RoutingRule {
        requirements: vec![needs("sales", 9)],
        ..rule("vip", 1, labelled("a"))
    };
    let shadow = world(vec![strict]);
    let placed: Vec<_> = pass.placements.iter().collect();
    let found = compare(&live, &placed, &BTreeSet::new(), &shadow);
    let [a, b] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        a.differs_in,
        [
            Difference::Queue,
            Difference::Rule,
            Difference::Priority,
            Difference::Requirements,
            Difference::Agent
        ]
    );
    assert_eq!(
        (a.live.queue_id.as_str(), a.shadow.queue_id.as_str()),
        ("main", "vip")
    );
    assert_eq!(a.shadow.agent_id, None, "nobody sells so well");
    assert!(matches!(
        a.shadow.others_agent.as_ref().unwrap().rejected,
        Some(Rejection::MissingSkill {
            needed: 9,
            has: 5,
            ..
        })
    ));
    // With `a` out of the way, `b` would have had the idle agent: only that differs, and it says why not now.
    assert_eq!(b.differs_in, [Difference::Agent]);
    assert_eq!(b.shadow.agent_id.as_ref().unwrap().as_str(), "able");
    assert!(matches!(
        b.live.others_agent.as_ref().unwrap().rejected,
        Some(Rejection::AtCapacity { .. })
    ));
    assert_eq!(b.shadow.others_agent.as_ref().unwrap().rank, Some(2));
}

#[test]
fn what_waits_is_compared_where_it_is_asked_for_and_a_next_version_is_the_same_rule() {
    let (old, new) = (
        rule("main", 1, labelled("c")),
        RoutingRule {
            version: 4,
            ..rule("main", 1, labelled("c"))
        },
    );
    let mut live = world(vec![old]);
    let mut shadow = world(vec![RoutingRule {
        requirements: Vec::new(),
        ..new
    }]);
    for one in [&mut live, &mut shadow] {
        one.agents = vec![agent("novice")];
        one.items = vec![one.items.remove(2), item("d", 5)];
    }
    let pass = assign_pass(&live, 0);
    let placed: Vec<_> = pass.placements.iter().collect();
    assert_eq!(placed.len(), 1, "the novice takes d, who asks for nothing");
    let c: ConversationId = "c".into();
    let found = compare(&live, &placed, &BTreeSet::from([&c]), &shadow);
    assert_eq!(found[0].differs_in, [Difference::Requirements, Difference::Agent]);
    assert_eq!(found[0].decision_id, None);
    assert!(matches!(
        found[0].live.others_agent.as_ref().unwrap().rejected,
        Some(Rejection::MissingSkill { .. })
    ));
    assert!(found[1].differs_in.is_empty(), "there is room for both");
}
