//! Nothing is lost, nothing is doubled, nothing is anybody else's.

use std::collections::HashSet;

use serde_json::{Value, json};
use switchboard_tests::{
    Desk, Hub, HubOptions, Isolated, Role, Visitor, desk::id, eventually, visitor::message,
};

use super::{SOON, conversation, enter, open_chat, said, thread};
use crate::world::World;

#[tokio::test]
async fn a_message_that_is_sent_again_is_one_message() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let mut visitor = enter(&desk, json!({})).await;
    visitor.say(&message("once", "Exactly once")).await;
    visitor.say(&message("once", "Exactly once")).await;
    visitor.acked("once").await;
    let returning = visitor.returning();
    drop(visitor);
    let mut visitor = enter(&desk, returning).await;
    visitor.say(&message("once", "Exactly once")).await;
    visitor.write("Then another").await;
    let conversation = conversation(&desk.admin, &visitor.id()).await;
    eventually("the other one", SOON, async || {
        said(&thread(&desk.admin, &conversation).await).contains(&"Then another".to_owned())
    })
    .await;
    assert_eq!(
        said(&thread(&desk.admin, &conversation).await),
        ["Exactly once", "Then another"]
    );
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_they_missed_in_order() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let mut visitor = enter(&desk, json!({})).await;
    visitor.write("before").await;
    let conversation = conversation(&desk.admin, &visitor.id()).await;
    let its_id = id(&conversation);
    desk.admin.reply(&its_id, "heard", "k0").await.ok();
    visitor
        .frame("the first answer", |frame| {
            frame["message"]["content"]["text"] == "heard"
        })
        .await;
    visitor
        .frame("one's own words", |frame| {
            frame["message"]["content"]["text"] == "before"
        })
        .await;
    let returning = visitor.returning();
    drop(visitor);

    let missed: Vec<String> = (0..130).map(|nth| format!("missed {nth}")).collect();
    for text in &missed {
        desk.admin.reply(&its_id, text, text).await.ok();
    }
    let note = json!({ "text": "among us" });
    desk.admin
        .post(&format!("/conversations/{its_id}/notes"), &note)
        .await
        .ok();
    let back = enter(&desk, returning.clone()).await;
    assert_eq!(back.texts(), missed);
    drop(back);

    // From nothing, as after a reload: all of it.
    let anew = enter(&desk, json!({ "token": returning["token"] })).await;
    let all: Vec<String> = ["before", "heard"]
        .map(str::to_owned)
        .into_iter()
        .chain(missed)
        .collect();
    assert_eq!(anew.texts(), all);
    let positions: Vec<Value> = anew
        .messages()
        .iter()
        .map(|one| one["position"].clone())
        .collect();
    assert!(positions.is_sorted_by(|a, b| a.as_str() < b.as_str()));
}

#[tokio::test]
async fn what_comes_while_the_mailbox_is_read_comes_once() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let mut visitor = enter(&desk, json!({})).await;
    visitor.write("hello").await;
    let conversation = conversation(&desk.admin, &visitor.id()).await;
    let token = visitor.returning()["token"].clone();
    let writing = {
        let (admin, its_id) = (desk.admin.clone(), id(&conversation));
        tokio::spawn(async move {
            for nth in 0..40 {
                let text = format!("nth {nth}");
                admin.reply(&its_id, &text, &text).await.ok();
            }
        })
    };
    let mut comers = Vec::new();
    while !writing.is_finished() && comers.len() < 20 {
        comers.push(enter(&desk, json!({ "token": token })).await);
    }
    writing.await.unwrap();
    for comer in &comers {
        comer
            .frame("the last", |frame| frame.to_string().contains("\"nth 39\""))
            .await;
        let ids: Vec<Value> = comer.messages().iter().map(|one| one["id"].clone()).collect();
        let different: HashSet<String> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(
            (ids.len(), different.len()),
            (41, 41),
            "none is missing, none comes twice"
        );
    }
}

#[tokio::test]
async fn two_visitors_never_hear_of_each_other() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let mut ann = enter(&desk, json!({})).await;
    let mut bea = enter(&desk, json!({})).await;
    assert_ne!(ann.id(), bea.id());
    // The same id from two visitors is two messages.
    for (visitor, text) in [(&mut ann, "Ann's words"), (&mut bea, "Bea's words")] {
        visitor.say(&message("m-1", text)).await;
        visitor.acked("m-1").await;
    }
    let of_ann = conversation(&desk.admin, &ann.id()).await;
    let of_bea = conversation(&desk.admin, &bea.id()).await;
    desk.admin.reply(&id(&of_ann), "for Ann", "a").await.ok();
    desk.admin.reply(&id(&of_bea), "for Bea", "b").await.ok();
    let answer = |text: &'static str| move |frame: &Value| frame["message"]["content"]["text"] == text;
    let for_ann = ann.frame("Ann's answer", answer("for Ann")).await;
    bea.frame("Bea's answer", answer("for Bea")).await;

    // Bea can't say for Ann that she has read it.
    let up_to = &for_ann["message"]["position"];
    bea.say(&json!({ "type": "read", "up_to": "ffffffffffffffffffffffffffff" }))
        .await;
    eventually("Bea's is read", SOON, async || {
        let thread = thread(&desk.admin, &of_bea).await;
        thread.last().is_some_and(|one| one["status"] == "read")
    })
    .await;
    let status = thread(&desk.admin, &of_ann).await.last().unwrap()["status"].clone();
    assert_eq!(status, "sent", "{up_to}");
    let [ann, bea] = [ann, bea].map(|visitor| format!("{:?}", visitor.frames()));
    assert!(!ann.contains("Bea") && !bea.contains("Ann"), "{ann}\n{bea}");
}

#[tokio::test]
async fn a_visitor_whose_node_is_killed_goes_on_at_another() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let [first, second] = [0, 1].map(|nth| hub.node(Role::Serve, nth).url.clone());
    let desk = Desk::open(&second, "http://127.0.0.1:9").await;
    open_chat(&desk, json!({})).await;
    let mut visitor = Visitor::enter(&first, &desk.name, json!({})).await;
    visitor.write("one").await;
    let conversation = conversation(&desk.admin, &visitor.id()).await;
    desk.admin
        .reply(&id(&conversation), "through the other node", "k1")
        .await
        .ok();
    visitor
        .frame("an answer from the other node", |frame| {
            frame["message"]["content"]["text"] == "through the other node"
        })
        .await;
    // Whether the hub took it, the visitor never hears.
    visitor.say(&message("two", "two")).await;
    hub.node(Role::Serve, 0).kill();
    visitor.ended().await;
    desk.admin.reply(&id(&conversation), "meanwhile", "k2").await.ok();

    let mut back = Visitor::enter(&second, &desk.name, visitor.returning()).await;
    assert!(
        back.texts().contains(&"meanwhile".to_owned()),
        "{:?}",
        back.texts()
    );
    back.say(&message("two", "two")).await;
    back.acked("two").await;
    back.write("three").await;
    eventually("everything", SOON, async || {
        said(&thread(&desk.admin, &conversation).await).contains(&"three".to_owned())
    })
    .await;
    let mut all = said(&thread(&desk.admin, &conversation).await);
    all.sort();
    assert_eq!(
        all,
        ["meanwhile", "one", "three", "through the other node", "two"]
    );
}
