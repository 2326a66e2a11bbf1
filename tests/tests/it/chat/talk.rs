//! Visitor and agent talk: messages, receipts, typing, buttons, the form.

use serde_json::json;
use switchboard_tests::{api::text, desk::id, eventually, visitor::message};

use super::{SOON, conversation, enter, open_chat, said, thread};
use crate::world::World;

#[tokio::test]
async fn a_visitor_writes_an_agent_answers_and_each_sees_how_far_it_got() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({ "title": "The shop", "greeting": "Hello!" })).await;
    let (agent, console) = desk.agent().await;
    let mut visitor = enter(&desk, json!({ "name": "Ann" })).await;
    let welcome = &visitor.frames()[0];
    assert_eq!(
        (&welcome["title"], &welcome["greeting"]),
        (&json!("The shop"), &json!("Hello!"))
    );
    assert_eq!(
        (&welcome["identified"], &welcome["files"]),
        (&json!(false), &json!(true))
    );

    visitor.write("Is the blue one still there?").await;
    let conversation = conversation(&agent, &visitor.id()).await;
    assert_eq!(conversation["channel"], "webchat");
    assert_eq!(conversation["contact"]["name"], "Ann");
    let its_id = id(&conversation);
    console
        .event("the message", |event| {
            event.is("message.created", "conversation_id", &its_id)
        })
        .await;

    let note = json!({ "text": "not for the visitor" });
    agent
        .post(&format!("/conversations/{its_id}/notes"), &note)
        .await
        .ok();
    let reply = agent.reply(&its_id, "It is.", "first").await.ok();
    let told = visitor
        .frame("the answer", |frame| {
            frame["message"]["content"]["text"] == "It is."
        })
        .await;
    assert_eq!(told["message"]["from"], "agent");
    assert_eq!(told["message"]["id"], reply["id"]);

    let up_to = text(&told["message"], "position");
    visitor.say(&json!({ "type": "delivered", "up_to": up_to })).await;
    let status = async || {
        let thread = thread(&agent, &conversation).await;
        let ours = thread.iter().find(|one| one["id"] == reply["id"]);
        ours.map(|one| text(one, "status")).unwrap_or_default()
    };
    eventually("delivered", SOON, async || status().await == "delivered").await;
    visitor.say(&json!({ "type": "read", "up_to": up_to })).await;
    eventually("read", SOON, async || status().await == "read").await;

    agent
        .post(&format!("/conversations/{its_id}/read"), &json!({}))
        .await
        .ok();
    visitor
        .frame("that the agent has read it", |frame| {
            frame["type"] == "seen" && frame["unread"] == 0
        })
        .await;
    let all = format!("{:?}", visitor.frames());
    assert!(!all.contains("not for the visitor"), "{all}");
}

#[tokio::test]
async fn each_sees_the_other_type_and_nobody_sees_themselves() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let (agent, console) = desk.agent().await;
    let mut visitor = enter(&desk, json!({ "name": "Bea" })).await;
    visitor.write("hello").await;
    let conversation = conversation(&agent, &visitor.id()).await;
    let its_id = id(&conversation);

    visitor.say(&json!({ "type": "typing", "typing": true })).await;
    let event = console
        .event("the visitor typing", |event| {
            event.is("typing", "conversation_id", &its_id)
        })
        .await;
    assert_eq!(event.data()["user"]["name"], "Bea");
    let typing = json!({ "conversation_id": its_id, "typing": true });
    console.emit("typing", typing).await;
    let told = visitor
        .frame("the agent typing", |frame| frame["type"] == "typing")
        .await;
    assert_eq!(
        (&told["typing"], &told["name"]),
        (&json!(true), &json!("Someone New"))
    );
}

#[tokio::test]
async fn a_button_that_is_chosen_says_what_it_stands_for() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let (agent, _console) = desk.agent().await;
    let mut visitor = enter(&desk, json!({})).await;
    visitor.write("hello").await;
    let conversation = conversation(&agent, &visitor.id()).await;
    let path = format!("/conversations/{}/messages", id(&conversation));
    let buttons = json!({ "buttons": [{ "title": "Yes", "payload": "confirm" }, { "title": "No" }] });
    let content = json!({ "type": "interactive", "text": "Shall we?", "body": buttons });
    agent.post(&path, &json!({ "content": content })).await.ok();
    let asked = visitor
        .frame("the buttons", |frame| {
            frame["message"]["content"]["type"] == "buttons"
        })
        .await;
    assert_eq!(asked["message"]["content"]["buttons"][1]["title"], "No");

    let mut chosen = message("choice-1", "Yes");
    chosen["payload"] = json!("confirm");
    chosen["reply_to"] = asked["message"]["id"].clone();
    visitor.say(&chosen).await;
    visitor.acked("choice-1").await;
    eventually("the choice in the thread", SOON, async || {
        let thread = thread(&agent, &conversation).await;
        let choice = thread.iter().find(|one| one["content"]["type"] == "choice");
        choice.is_some_and(|one| {
            one["content"]["payload"] == "confirm" && one["reply_to"] == asked["message"]["id"]
        })
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_before_the_first_message_becomes_the_contact() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let form = json!([
        { "name": "name", "label": "Your name", "kind": "name", "required": true },
        { "name": "mail", "label": "E-mail", "kind": "email" },
        { "name": "order", "label": "Order" },
    ]);
    open_chat(&desk, json!({ "form": form })).await;
    let mut visitor = enter(&desk, json!({})).await;
    assert_eq!(visitor.frames()[0]["form"].as_array().map(Vec::len), Some(3));
    visitor.say(&message("m-1", "Hello")).await;
    let error = visitor.error().await;
    assert_eq!(
        (&error["code"], &error["id"]),
        (&json!("form_required"), &json!("m-1"))
    );

    let mut answered = message("m-1", "Hello");
    answered["form"] = json!({ "name": "Cleo", "mail": "cleo@example.com", "order": "1001" });
    visitor.say(&answered).await;
    visitor.acked("m-1").await;
    // A repetition: the answers, too, are there once.
    visitor.say(&answered).await;
    visitor.write("and more").await;
    let conversation = conversation(&desk.admin, &visitor.id()).await;
    assert_eq!(conversation["contact"]["name"], "Cleo");
    assert_eq!(conversation["contact"]["address"], "cleo@example.com");
    eventually("all of it", SOON, async || {
        thread(&desk.admin, &conversation).await.len() == 3
    })
    .await;
    let thread = thread(&desk.admin, &conversation).await;
    assert_eq!(
        said(&thread),
        [
            "Your name: Cleo\nE-mail: cleo@example.com\nOrder: 1001",
            "Hello",
            "and more"
        ]
    );
    assert_eq!(thread[0]["content"]["type"], "system");

    let again = enter(&desk, visitor.returning()).await;
    assert_eq!(
        again.frames()[0]["form"],
        json!([]),
        "who was here isn't asked again"
    );
}

#[tokio::test]
async fn a_visitor_is_told_their_place_and_the_page_says_what_they_read() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let mut first = enter(&desk, json!({ "language": "pt_BR" })).await;
    first.write("Olá").await;
    let waiting = conversation(&desk.admin, &first.id()).await;
    let mut second = enter(&desk, json!({})).await;
    second.write("Hello").await;
    for (visitor, place) in [(&first, 1), (&second, 2)] {
        visitor
            .frame("their place", |frame| {
                frame["type"] == "queue" && frame["position"] == place
            })
            .await;
    }
    let facts = format!("/conversations/{}/customer-facts", id(&waiting));
    assert_eq!(desk.admin.get(&facts).await.ok()["language"], "pt-BR");
    let (agent, _console) = desk.agent().await;
    let given = |one: &serde_json::Value| one["assignee_id"] == agent.user_id.as_str();
    eventually("both have an agent", SOON, async || {
        let (one, two) = (
            conversation(&desk.admin, &first.id()).await,
            conversation(&desk.admin, &second.id()).await,
        );
        given(&one) && given(&two)
    })
    .await;
}
