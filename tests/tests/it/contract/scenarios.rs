//! What the field's own documentation says its routers do, played against the hub over its API.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_domain::Timestamp;
use switchboard_tests::{
    Api, Console, Desk,
    api::{PASSWORD, items, text},
    desk::{Customer, id, sit_down, time},
    eventually, eventually_some,
};

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);

/// A desk whose conversations take steps through queues of their own, each served by a team of its own.
struct Floor {
    desk: Desk,
    lead: Api,
}

impl Floor {
    async fn open(world: &World) -> Self {
        let desk = world.desk().await;
        let lead = desk.hire("team_lead").await;
        Self { desk, lead }
    }

    /// A queue, and the team that serves it, both of this name.
    async fn queue(&self, suffix: &str, change: Value) -> String {
        let name = format!("{}{suffix}", self.desk.name);
        let team = json!({ "name": name, "branch_id": self.desk.name });
        self.desk.admin.put(&format!("/teams/{name}"), &team).await.ok();
        let mut queue = json!({ "name": name, "team_ids": [name], "any_agent": true, "offer_ttl_secs": 60 });
        for (field, value) in change.as_object().unwrap() {
            queue[field] = value.clone();
        }
        self.desk
            .admin
            .put(&format!("/routing/queues/{name}"), &queue)
            .await
            .ok();
        name
    }

    async fn skill(&self, suffix: &str) -> String {
        let name = format!("{}{suffix}", self.desk.name);
        let path = format!("/routing/skills/{name}");
        self.desk.admin.put(&path, &json!({ "name": name })).await.ok();
        name
    }

    /// What is written to the desk goes by this rule.
    async fn rule(&self, steps: Value, change: Value) {
        let account = json!({ "match": { "field": "account", "operator": "is", "value": self.desk.name } });
        let mut rule = json!({ "name": "R", "condition": account, "steps": steps });
        for (field, value) in change.as_object().unwrap() {
            rule[field] = value.clone();
        }
        let path = format!("/routing/rules/{}", self.desk.name);
        self.desk.admin.put(&path, &rule).await.ok();
    }

    async fn agent(&self, team: &str, capacity: u32, skills: &[(&str, u8)]) -> Api {
        let email = format!("{}-{}@desk.test", team, uuid::Uuid::new_v4().simple());
        let skills: Vec<Value> = skills
            .iter()
            .map(|(skill, level)| json!({ "skill_id": skill, "level": level }))
            .collect();
        let user = json!({
            "email": email, "name": "Someone", "password": PASSWORD, "role_id": "agent", "team_ids": [team],
            "capacity": capacity, "skills": skills,
        });
        self.desk.admin.post("/users", &user).await.ok();
        Api::sign_in(self.desk.url(), &email).await
    }

    async fn written(&self) -> (Customer, Value) {
        let customer = self.desk.customer();
        self.desk.write(&customer, "hello").await;
        let one = self
            .desk
            .conversation_that(&self.desk.admin, &customer, |one| {
                one["routing_state"] == "waiting" || one["routing_state"] == "offered"
            })
            .await;
        (customer, one)
    }

    async fn now(&self, conversation: &Value) -> Value {
        let path = format!("/conversations/{}", id(conversation));
        self.desk.admin.get(&path).await.ok()
    }

    /// The first decision about the conversation that fits, once there is one.
    async fn decided(&self, conversation: &Value, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/conversations/{}/routing", id(conversation));
        eventually_some(what, SOON, async || {
            let list = self.desk.admin.get(&path).await.ok();
            let mut oldest_first = items(&list).iter().rev();
            oldest_first.find(|one| fits(one)).cloned()
        })
        .await
    }
}

/// How long the conversation had waited when it was decided.
fn age(decision: &Value, since: Timestamp) -> f64 {
    time(decision, "at").since(since).as_secs_f64()
}

async fn offer(console: &Console, conversation: &Value) -> Value {
    let conversation = id(conversation);
    console
        .event("an offer", |event| {
            event.is("assignment.offered", "conversation_id", &conversation)
        })
        .await
        .data()
        .clone()
}

async fn decline(agent: &Api, conversation: &Value) {
    let path = format!("/conversations/{}/decline", id(conversation));
    agent.post(&path, &json!({})).await.ok();
}

/// Twilio `TaskRouter`, "Lifecycle of a Task: Timeout evaluation" (twilio.com/docs/taskrouter/task-evaluation): targets
/// Q1, Q2, Q3, ten seconds each; a reservation in Q1 times out after five; the task is evaluated again and maps to Q2, which it leaves when
/// the *sum* of both time-outs is over, whenever it came there. With `skip_if: workers.available == 0`
/// (twilio.com/docs/taskrouter/worker-presence), since the only worker is away by then. Here three fifths as long.
#[tokio::test]
async fn time_outs_add_up_and_a_missed_offer_makes_away() {
    let world = World::shared().await;
    let floor = Floor::open(&world).await;
    let (first, second, third) = (
        floor.queue("q1", json!({ "offer_ttl_secs": 2 })).await,
        floor.queue("q2", json!({})).await,
        floor.queue("q3", json!({})).await,
    );
    let steps = json!([
        { "queue_id": first, "timeout_secs": 6, "skip_if_no_agent_available": true },
        { "queue_id": second, "timeout_secs": 6 },
        { "queue_id": third },
    ]);
    floor.rule(steps, json!({})).await;
    let agent = floor.agent(&first, 1, &[]).await;
    let console = sit_down(&agent).await;
    let customer = floor.desk.customer();
    floor.desk.write(&customer, "hello").await;
    let conversation = floor.desk.conversation(&floor.desk.admin, &customer).await;
    // `skip_if` acts only where no reservation is possible at once: an agent of Q1 was there.
    assert_eq!(
        offer(&console, &conversation).await["agent_id"],
        agent.user_id.as_str()
    );
    let since = time(&floor.now(&conversation).await, "waiting_since");

    let presence = format!("/routing/agents/{}/presence", agent.user_id);
    eventually("the agent is away", SOON, async || {
        let changes = agent.get(&presence.replace(&agent.user_id, "me")).await.ok();
        let latest = items(&changes)[0].clone();
        (latest["status"] == "away") && (latest["cause"] == "missed_offer")
    })
    .await;
    let in_second = floor
        .decided(&conversation, "it stands in the second queue", |one| {
            one["queue_id"] == second.as_str()
        })
        .await;
    let entered = age(&in_second, since);
    assert!((2.0..6.0).contains(&entered), "skipped at age {entered}");
    assert_eq!(in_second["outcome"]["type"], "waiting");
    let in_third = floor
        .decided(&conversation, "it stands in the third queue", |one| {
            one["queue_id"] == third.as_str()
        })
        .await;
    let left = age(&in_third, since);
    assert!(
        (12.0..16.0).contains(&left),
        "it left the second queue at age {left}"
    );
    let after = floor.now(&conversation).await;
    assert_eq!(time(&after, "waiting_since"), since, "it keeps its age");
    assert_eq!(after["queue_id"], third.as_str());
}

/// Twilio `TaskRouter`, the same two time-outs with nobody there and without `skip_if`: step two is entered when the first
/// is over and left when both are.
#[tokio::test]
async fn without_anybody_steps_take_their_time() {
    let world = World::shared().await;
    let floor = Floor::open(&world).await;
    let (first, second, third) = (
        floor.queue("q1", json!({})).await,
        floor.queue("q2", json!({})).await,
        floor.queue("q3", json!({})).await,
    );
    let steps = json!([
        { "queue_id": first, "timeout_secs": 2 }, { "queue_id": second, "timeout_secs": 2 }, { "queue_id": third },
    ]);
    floor.rule(steps, json!({})).await;
    let (_, conversation) = floor.written().await;
    let since = time(&conversation, "waiting_since");
    for (queue, least) in [(&first, 0.0), (&second, 2.0), (&third, 4.0)] {
        let decision = floor
            .decided(&conversation, "its queue", |one| {
                one["queue_id"] == queue.as_str()
            })
            .await;
        let age = age(&decision, since);
        assert!((least..least + 4.0).contains(&age), "in {queue} at age {age}");
    }
}

/// Azure Communication Services, "Distribution modes" (learn.microsoft.com/azure/communication-services/concepts/router/
/// distribution-concepts), "Longest idle mode": A 3 of 5, B 3 of 4, C 3 of 5 and idle for longer than A, D 0 of 3: a
/// new job is offered in the order D, C, A, B. Whoever declines isn't asked again.
#[tokio::test]
async fn offers_go_by_load_ratio_then_by_whoever_had_nothing_for_longest() {
    let world = World::shared().await;
    let floor = Floor::open(&world).await;
    let queue = floor.queue("q", json!({})).await;
    floor.rule(json!([{ "queue_id": queue }]), json!({})).await;
    let mut agents = Vec::new();
    for capacity in [5, 4, 5, 3] {
        agents.push(floor.agent(&queue, capacity, &[]).await);
    }
    let [a, b, c, d] = &agents[..] else { unreachable!() };
    // Held by hand: C's first, then A's, then B's.
    for agent in [c, a, b] {
        for _ in 0..3 {
            let (_, one) = floor.written().await;
            let path = format!("/conversations/{}/assign", id(&one));
            floor
                .desk
                .admin
                .post(&path, &json!({ "agent_id": agent.user_id }))
                .await
                .ok();
        }
    }
    let mut consoles = Vec::new();
    for agent in [a, b, c, d] {
        consoles.push(sit_down(agent).await);
    }
    let (_, job) = floor.written().await;
    for (agent, nth) in [(d, 3), (c, 2), (a, 0), (b, 1)] {
        let offered = offer(&consoles[nth], &job).await;
        assert_eq!(offered["agent_id"], agent.user_id.as_str());
        let holder = floor.now(&job).await["offer"]["agent_id"].clone();
        assert_eq!(holder, agent.user_id.as_str(), "out of turn");
        decline(agent, &job).await;
    }
    let waits = floor
        .decided(&job, "all have declined", |one| {
            let considered = one["considered"].as_array().unwrap();
            considered.len() == 4
                && considered
                    .iter()
                    .all(|one| one["rejected"]["reason"] == "declined")
        })
        .await;
    assert_eq!(waits["outcome"]["type"], "waiting");
    for console in &consoles {
        let conversation = id(&job);
        let offers = console.events();
        let offers = offers
            .iter()
            .filter(|event| event.is("assignment.offered", "conversation_id", &conversation));
        assert_eq!(offers.count(), 1, "asked again");
    }
}

/// Salesforce Omni-Channel, "Prioritize Additional Routing Skills" (releasenotes.docs.salesforce.com,
/// `rn_omnichannel_iterative_routing`): language is required and never drops; location drops first, then product, then the
/// issue's type, each group as a whole after its time-out; the work goes to whoever has what is left.
#[tokio::test]
async fn additional_skills_drop_tier_by_tier_and_required_ones_never() {
    let world = World::shared().await;
    let floor = Floor::open(&world).await;
    let queue = floor.queue("q", json!({})).await;
    let (french, software, mouse, france, canada) = (
        floor.skill("french").await,
        floor.skill("software").await,
        floor.skill("mouse").await,
        floor.skill("france").await,
        floor.skill("canada").await,
    );
    let asked = |skill: &str, tier: u8, secs: Option<u32>| json!({ "skill_id": skill, "min_level": 5, "tier": tier, "expires_after_secs": secs });
    let requirements = json!([
        asked(&french, 0, None),
        asked(&software, 1, Some(6)),
        asked(&mouse, 2, Some(4)),
        asked(&france, 3, Some(2)),
        asked(&canada, 3, Some(2)),
    ]);
    floor
        .rule(
            json!([{ "queue_id": queue }]),
            json!({ "requirements": requirements }),
        )
        .await;
    // No French: never. All but the location: after two seconds. French alone: after six.
    let all: Vec<(&str, u8)> = [&software, &mouse, &france, &canada]
        .map(|skill| (skill.as_str(), 9))
        .into();
    let never = floor.agent(&queue, 5, &all).await;
    let second = floor
        .agent(
            &queue,
            1,
            &[(&french, 5), (&software, 5), (&mouse, 5), (&france, 5)],
        )
        .await;
    let last = floor.agent(&queue, 5, &[(&french, 5), (&software, 4)]).await;
    let (_never, _second, _last) = (
        sit_down(&never).await,
        sit_down(&second).await,
        sit_down(&last).await,
    );
    let customers = [floor.desk.customer(), floor.desk.customer()];
    for customer in &customers {
        floor.desk.write(customer, "bonjour").await;
    }
    for (customer, agent, least) in [(&customers[0], &second, 2.0), (&customers[1], &last, 6.0)] {
        let one = floor.desk.conversation(&floor.desk.admin, customer).await;
        let taken = floor
            .decided(&one, "it found somebody", |one| {
                one["outcome"]["type"] == "offered"
            })
            .await;
        assert_eq!(taken["outcome"]["agent_id"], agent.user_id.as_str());
        let age = age(&taken, time(&floor.now(&one).await, "waiting_since"));
        assert!((least..least + 4.0).contains(&age), "dropped at age {age}");
        let missing = taken["considered"].as_array().unwrap().iter();
        let missing = missing
            .filter(|one| one["agent_id"] == never.user_id.as_str())
            .map(|one| one["rejected"]["skill_id"].clone());
        assert_eq!(missing.collect::<Vec<_>>(), [json!(french)]);
    }
}

/// Zendesk, "About omnichannel routing": a queue gives the higher priority first, then whoever was eligible earlier.
#[tokio::test]
async fn the_higher_priority_goes_first_then_the_older() {
    let world = World::shared().await;
    let floor = Floor::open(&world).await;
    let queue = floor.queue("q", json!({ "auto_accept": true })).await;
    floor
        .rule(json!([{ "queue_id": queue }]), json!({ "order": 2 }))
        .await;
    let urgent = json!({ "all": [
        { "match": { "field": "account", "operator": "is", "value": floor.desk.name } },
        { "match": { "field": "text", "operator": "contains", "value": "outage" } },
    ] });
    let rule = json!({ "name": "U", "order": 1, "condition": urgent, "steps": [{ "queue_id": queue }], "priority": "urgent" });
    let path = format!("/routing/rules/{}u", floor.desk.name);
    floor.desk.admin.put(&path, &rule).await.ok();
    let customers = [
        floor.desk.customer(),
        floor.desk.customer(),
        floor.desk.customer(),
    ];
    for (customer, words) in customers.iter().zip(["first", "second", "total outage"]) {
        floor.desk.write(customer, words).await;
        let waits = |one: &Value| one["routing_state"] == "waiting";
        floor
            .desk
            .conversation_that(&floor.desk.admin, customer, waits)
            .await;
    }
    let agent = floor.agent(&queue, 1, &[]).await;
    let _console = sit_down(&agent).await;
    for nth in [2, 0, 1] {
        let mine = |one: &Value| one["assignee_id"] == agent.user_id.as_str() && one["status"] == "open";
        let held = floor.desk.conversation_that(&agent, &customers[nth], mine).await;
        agent
            .post(&format!("/conversations/{}/resolve", id(&held)), &json!({}))
            .await
            .ok();
    }
    floor.desk.admin.delete(&path).await.ok();
}

/// Zendesk and Salesforce document that manual assignments may exceed a capacity; here it is written down, as is
/// whatever else people do by hand. An agent who learns a skill, or is given room, gets work at once.
#[tokio::test]
async fn what_is_given_by_hand_is_written_down_and_what_changes_wakes() {
    let world = World::shared().await;
    let floor = Floor::open(&world).await;
    let skill = floor.skill("s").await;
    let needs = json!({ "requirements": [{ "skill_id": skill, "min_level": 3, "tier": 0 }] });
    floor.rule(json!([{ "queue_id": floor.desk.name }]), needs).await;
    let agent = floor.agent(&floor.desk.name, 1, &[(&skill, 2)]).await;
    let _console = sit_down(&agent).await;
    let (_, one) = floor.written().await;
    let user = format!("/users/{}", agent.user_id);
    let skills = json!({ "skills": [{ "skill_id": skill, "level": 3 }] });
    floor.desk.admin.patch(&user, &skills).await.ok();
    eventually("the skill is enough", SOON, async || {
        floor.now(&one).await["assignee_id"] == agent.user_id.as_str()
    })
    .await;
    let (_, two) = floor.written().await;
    let give = json!({ "agent_id": agent.user_id });
    floor
        .lead
        .post(&format!("/conversations/{}/assign", id(&two)), &give)
        .await
        .ok();
    floor
        .lead
        .post(
            &format!("/conversations/{}/transfer", id(&two)),
            &json!({ "queue_id": floor.desk.name }),
        )
        .await
        .ok();
    let released = format!("/routing/agents/{}/release", agent.user_id);
    floor.lead.post(&released, &json!({})).await.ok();
    for (object, action) in [
        (&id(&two), "conversation.assigned"),
        (&id(&two), "conversation.over_capacity"),
        (&id(&two), "conversation.transferred"),
        (&agent.user_id, "agent.released"),
    ] {
        let log = floor.desk.admin.get("/audit-logs?limit=200").await.ok();
        let mut entries = items(&log).iter();
        let entry =
            entries.find(|one| text(one, "action") == action && one["object"]["id"] == object.as_str());
        let entry = entry.unwrap_or_else(|| panic!("no entry of {action}"));
        assert_eq!(entry["actor"]["id"], floor.lead.user_id.as_str());
    }
}

/// Snoozed, a conversation is out of its queue, and waits again when its time has come.
#[tokio::test]
async fn a_snoozed_conversation_wakes_and_is_given_out_again() {
    let world = World::shared().await;
    let floor = Floor::open(&world).await;
    let (agent, _console) = floor.desk.agent().await;
    let (_, one) = floor.desk.given_to(&agent).await;
    let until = Timestamp::from_millis(switchboard_tests::desk::now().as_millis() + 2_000);
    let path = format!("/conversations/{}", id(&one));
    let snoozed = agent
        .post(&format!("{path}/snooze"), &json!({ "until": until }))
        .await
        .ok();
    assert_eq!(snoozed["status"], "snoozed");
    let woken = floor
        .desk
        .conversation_that(
            &agent,
            &Customer {
                phone: text(&one["contact"], "external_id"),
            },
            |one| one["status"] == "open" && one["assignee_id"] == agent.user_id.as_str(),
        )
        .await;
    assert_eq!(id(&woken), id(&one));
    assert!(switchboard_tests::desk::now() >= until);
}
