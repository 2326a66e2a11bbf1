//! Who sees what: through lists, by id, in actions, on the socket.

use serde_json::json;
use switchboard_tests::{
    Api, Console, Desk,
    api::items,
    desk::{id, sit_down},
};

use crate::world::World;

/// Every way into somebody else's conversation is shut, as if it didn't exist.
async fn sees_nothing(who: &Api, conversation: &str) {
    let at = |rest: &str| format!("/conversations/{conversation}{rest}");
    for path in [at(""), at("/messages"), at("/routing")] {
        assert_eq!(who.get(&path).await.error(404), "not_found", "{path}");
    }
    let list = who.get("/conversations?limit=200").await.ok();
    assert!(
        items(&list).iter().all(|one| id(one) != conversation),
        "it is in the list"
    );
}

/// Nor can it be changed: 404, or 403 if the role allows nobody's.
async fn changes_nothing(who: &Api, conversation: &str) {
    let actions = [
        ("resolve", json!({})),
        ("reopen", json!({})),
        ("read", json!({})),
        ("labels", json!({ "labels": ["mine"] })),
        ("snooze", json!({ "until": "2100-01-01T00:00:00Z" })),
        ("notes", json!({ "text": "hi" })),
        ("accept", json!({})),
        ("decline", json!({})),
        ("assign", json!({ "agent_id": "me" })),
        ("messages", json!({ "content": { "type": "text", "text": "hi" } })),
    ];
    for (action, body) in actions {
        let answer = who
            .post(&format!("/conversations/{conversation}/{action}"), &body)
            .await;
        assert!(
            matches!(answer.status, 403 | 404),
            "{action}: {} {}",
            answer.status,
            answer.text
        );
    }
}

/// What a console was told about a conversation.
fn told(console: &Console, conversation: &str) -> Vec<String> {
    let about =
        |data: &serde_json::Value| data["conversation_id"] == conversation || data["id"] == conversation;
    let events = console.events();
    events
        .iter()
        .filter(|event| about(event.data()))
        .map(|event| event.name.clone())
        .collect()
}

#[tokio::test]
async fn an_agent_sees_their_own_and_nobody_elses() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (owner, owners) = desk.agent().await;
    let (customer, conversation) = desk.given_to(&owner).await;
    let colleague = desk.hire("agent").await;
    let other = Console::connect(&colleague.url, colleague.token.as_deref().unwrap()).await;
    let conversation = id(&conversation);
    sees_nothing(&colleague, &conversation).await;
    changes_nothing(&colleague, &conversation).await;

    let wamid = desk.write(&customer, "more").await;
    owners
        .event("the message", |event| {
            event.is("message.created", "provider_message_id", &wamid)
        })
        .await;
    assert_eq!(
        other
            .emit(
                "typing",
                json!({ "conversation_id": conversation, "typing": true })
            )
            .await
            .unwrap()["ok"],
        false
    );
    // Given to the colleague: they see it from now on, the old owner gets the last event and then nothing.
    desk.admin
        .post(
            &format!("/conversations/{conversation}/assign"),
            &json!({ "agent_id": colleague.user_id }),
        )
        .await
        .ok();
    let second = desk.write(&customer, "even more").await;
    other
        .event("the message", |event| {
            event.is("message.created", "provider_message_id", &second)
        })
        .await;
    assert!(
        !other
            .events()
            .iter()
            .any(|event| event.is("message.created", "provider_message_id", &wamid)),
        "seen before it was theirs"
    );
    assert!(
        !owners
            .events()
            .iter()
            .any(|event| event.is("message.created", "provider_message_id", &second)),
        "seen after it was given away"
    );
    assert_eq!(
        told(&owners, &conversation).last().map(String::as_str),
        Some("conversation.updated")
    );
    sees_nothing(&owner, &conversation).await;
    changes_nothing(&owner, &conversation).await;
}

#[tokio::test]
async fn a_lead_sees_their_team_and_a_branch_manager_their_branch() {
    let world = World::shared().await;
    let (ours, theirs) = (world.desk().await, world.desk().await);
    let (lead, manager) = (ours.hire("team_lead").await, ours.hire("branch_manager").await);
    let (our_customer, their_customer) = (ours.customer(), theirs.customer());
    let consoles = [sit_down(&lead).await, sit_down(&manager).await];
    let foreign = theirs.write(&their_customer, "to the others").await;
    let their_conversation = id(&theirs.conversation(&theirs.admin, &their_customer).await);
    let own = ours.write(&our_customer, "to us").await;
    for (who, console) in [&lead, &manager].into_iter().zip(&consoles) {
        let conversation = ours.conversation(who, &our_customer).await;
        who.get(&format!("/conversations/{}/messages", id(&conversation)))
            .await
            .ok();
        sees_nothing(who, &their_conversation).await;
        changes_nothing(who, &their_conversation).await;
        console
            .event("our message", |event| {
                event.is("message.created", "provider_message_id", &own)
            })
            .await;
        assert!(!console.events().iter().any(|event| event.is(
            "message.created",
            "provider_message_id",
            &foreign
        )));
        assert!(told(console, &their_conversation).is_empty());
    }
    // A manager looks on; a lead acts.
    let conversation = id(&ours.conversation(&lead, &our_customer).await);
    assert_eq!(
        manager.reply(&conversation, "hi", "key").await.error(403),
        "forbidden"
    );
    lead.post(
        &format!("/conversations/{conversation}/labels"),
        &json!({ "labels": ["seen"] }),
    )
    .await
    .ok();
    lead_gives_only_to_their_own(&lead, &ours, &theirs, &conversation).await;
}

async fn lead_gives_only_to_their_own(lead: &Api, ours: &Desk, theirs: &Desk, conversation: &str) {
    let (own, foreign) = (ours.hire("agent").await, theirs.hire("agent").await);
    let path = format!("/conversations/{conversation}/assign");
    let give = async |agent: &str| lead.post(&path, &json!({ "agent_id": agent })).await;
    assert_eq!(give(&foreign.user_id).await.error(403), "forbidden");
    give("nobody").await.error(422);
    assert_eq!(give(&own.user_id).await.ok()["assignee_id"], own.user_id.as_str());
}

#[tokio::test]
async fn what_only_administrators_may_do() {
    let world = World::shared().await;
    let desk = world.desk().await;
    for role in ["agent", "team_lead", "branch_manager"] {
        let who = desk.hire(role).await;
        for path in ["/channels", "/ops/queues", "/ops/dead-letters?lane=ingest"] {
            assert_eq!(who.get(path).await.error(403), "forbidden", "{role} {path}");
        }
        let queue = json!({ "name": "mine", "team_ids": [] });
        assert_eq!(
            who.put("/routing/queues/mine", &queue).await.error(403),
            "forbidden"
        );
        let team = json!({ "name": "mine" });
        assert_eq!(who.put("/teams/mine", &team).await.error(403), "forbidden");
        let promoted = who
            .patch(
                &format!("/users/{}", who.user_id),
                &json!({ "role_id": "super_admin" }),
            )
            .await;
        assert_eq!(promoted.error(403), "forbidden", "{role} promotes themselves");
    }
    let agent = desk.hire("agent").await;
    let users = agent.get("/users").await.ok();
    let ids: Vec<String> = items(&users).iter().map(id).collect();
    assert_eq!(ids, [&*agent.user_id], "an agent sees other users");
}
