//! Each reason why an agent can't take an item.

use switchboard_domain::{Channel, Intent, Presence, Queue, Rejection, User};
use switchboard_routing::{AgentState, Item, rejection};

use crate::build::{agent, asking, at, drops, item, loaded, needs, queue, skilled};

fn why(item: &Item, queue: &Queue, agent: &AgentState) -> Option<Rejection> {
    rejection(item, queue, agent, at(100))
}

#[test]
fn an_available_agent_of_the_team_can_take_it() {
    assert_eq!(why(&item("c", 0), &queue("main"), &agent("ann")), None);
}

#[test]
fn presence() {
    for intent in [Intent::Busy, Intent::Away, Intent::Offline] {
        let ann = AgentState {
            intent,
            ..agent("ann")
        };
        assert_eq!(
            why(&item("c", 0), &queue("main"), &ann),
            Some(Rejection::NotRoutable)
        );
    }
    let ann = AgentState {
        online: false,
        ..agent("ann")
    };
    assert_eq!(
        why(&item("c", 0), &queue("main"), &ann),
        Some(Rejection::NoDevice)
    );
}

#[test]
fn an_unknown_presence_takes_no_work() {
    let mut user = User {
        id: "ann".into(),
        email: "ann@demo.test".to_owned(),
        name: "Ann".to_owned(),
        role_id: "agent".into(),
        team_ids: vec!["care".into()],
        branch_id: None,
        skills: vec![],
        channel_limits: [].into(),
        capacity: 5,
        auto_accept: false,
        enabled: true,
    };
    let unknown = AgentState::new(&user, None);
    assert_eq!(
        why(&item("c", 0), &queue("main"), &unknown),
        Some(Rejection::NotRoutable)
    );

    let here = Presence {
        user_id: "ann".into(),
        intent: Intent::Available,
        online: true,
        changed_at: at(0),
    };
    assert_eq!(
        why(
            &item("c", 0),
            &queue("main"),
            &AgentState::new(&user, Some(&here))
        ),
        None
    );
    user.enabled = false;
    let disabled = AgentState::new(&user, Some(&here));
    let full = Rejection::AtCapacity {
        used: 0,
        total: 0,
        needed: 1,
    };
    assert_eq!(why(&item("c", 0), &queue("main"), &disabled), Some(full));
}

#[test]
fn team_and_channel() {
    let ann = AgentState {
        team_ids: vec!["sales".into()],
        ..agent("ann")
    };
    assert_eq!(
        why(&item("c", 0), &queue("main"), &ann),
        Some(Rejection::NotInQueueTeams)
    );
    let ann = AgentState {
        channel_limits: [(Channel::Whatsapp, 0)].into(),
        ..agent("ann")
    };
    assert_eq!(
        why(&item("c", 0), &queue("main"), &ann),
        Some(Rejection::ChannelNotAllowed)
    );
}

#[test]
fn skills_at_their_level() {
    let asks = asking("c", 0, &[needs("german", 5)]);
    let short = |has| {
        Some(Rejection::MissingSkill {
            skill_id: "german".into(),
            needed: 5,
            has,
        })
    };
    assert_eq!(
        why(&asks, &queue("main"), &skilled("ann", &[("german", 5)])),
        None
    );
    assert_eq!(
        why(&asks, &queue("main"), &skilled("ann", &[("german", 4)])),
        short(4)
    );
    assert_eq!(
        why(&asks, &queue("main"), &skilled("ann", &[("french", 9)])),
        short(0)
    );
    let any_level = asking("c", 0, &[needs("german", 0)]);
    assert_eq!(
        why(&any_level, &queue("main"), &skilled("ann", &[("german", 0)])),
        None
    );
    assert!(
        why(&any_level, &queue("main"), &agent("ann")).is_some(),
        "level 0 still asks for the skill"
    );
}

#[test]
fn no_skill_asked_does_not_mean_anyone() {
    let strict = Queue {
        any_agent: false,
        ..queue("main")
    };
    assert_eq!(
        why(&item("c", 0), &strict, &agent("ann")),
        Some(Rejection::NoRequirement)
    );
    let dropped = asking("c", 0, &[drops("gold", 1, Some(60))]);
    assert_eq!(
        why(&dropped, &strict, &agent("ann")),
        None,
        "dropping a requirement shuts nobody out"
    );
}

#[test]
fn capacity_counts_weight_and_slots_beyond_the_total() {
    let heavy = Queue {
        weight: 2,
        ..queue("main")
    };
    let full = |used, total, needed| Some(Rejection::AtCapacity { used, total, needed });
    assert_eq!(why(&item("c", 0), &heavy, &loaded("ann", 3, 5)), None);
    assert_eq!(why(&item("c", 0), &heavy, &loaded("ann", 4, 5)), full(4, 5, 2));
    assert_eq!(
        why(&item("c", 0), &queue("main"), &loaded("ann", 7, 5)),
        full(7, 5, 1)
    );
    let weightless = Queue {
        weight: 0,
        ..queue("main")
    };
    assert_eq!(
        why(&item("c", 0), &weightless, &loaded("ann", 5, 5)),
        full(5, 5, 1)
    );
}

#[test]
fn a_channel_has_a_limit_of_its_own() {
    let mut ann = loaded("ann", 2, 5);
    ann.channel_limits = [(Channel::Whatsapp, 2)].into();
    ann.held_per_channel = [(Channel::Whatsapp, 1)].into();
    assert_eq!(why(&item("c", 0), &queue("main"), &ann), None);
    ann.held_per_channel = [(Channel::Whatsapp, 2)].into();
    let full = Rejection::AtCapacity {
        used: 2,
        total: 2,
        needed: 1,
    };
    assert_eq!(why(&item("c", 0), &queue("main"), &ann), Some(full));
}

#[test]
fn refused_and_raced() {
    let mut asks = item("c", 0);
    asks.declined.push("ann".into());
    assert_eq!(
        why(&asks, &queue("main"), &agent("ann")),
        Some(Rejection::Declined)
    );
    assert_eq!(why(&asks, &queue("main"), &agent("ben")), None);
    asks.raced.push("ben".into());
    assert_eq!(why(&asks, &queue("main"), &agent("ben")), Some(Rejection::Raced));
}
