//! What is stored of a customer: handed out, and forgotten for good.

mod crash;
mod everything;
mod lanes;
mod planted;
mod visitor;

use serde_json::Value;
use switchboard_tests::{
    Hub, HubOptions, Isolated,
    api::{items, text},
    desk::{fresh_wamid, id, now},
    eventually,
    wa::Text,
};

use crate::outbound::Talk;
use everything::{database, everything, places};
use planted::{PLANTED, SHARED, SOON, begin, erasure_is, plant, posted, written};

/// Each line of an export by its kind.
fn lines(export: &str) -> Vec<Value> {
    export
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn nothing_is_left_of_who_is_erased() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner);
    let hub = Hub::start(options.clone()).await;
    let talk = Talk::at(hub.url()).await;
    let (desk, admin) = (&talk.desk, &talk.desk.admin);
    let gone = plant(&corner, &talk, "gone").await;
    let other = plant(&corner, &talk, "other").await;
    let before = everything(&corner).await;
    for trace in gone.traces().iter().chain([&SHARED.to_owned()]) {
        assert!(!places(&before, trace).is_empty(), "{trace} was never planted");
    }
    let path = format!("/customers/{}", gone.customer);

    let found = admin.get(&format!("/customers?q={}", gone.phone)).await.ok();
    assert_eq!(items(&found).len(), 1);
    let refused = talk.agent.get(&format!("{path}/erasure")).await;
    assert_eq!(refused.error(403), "forbidden");
    assert_eq!(begin(&talk.agent, &gone.customer).await.error(403), "forbidden");
    for _ in 0..2 {
        let begun = begin(admin, &gone.customer).await;
        assert_eq!(begun.status, 202, "{}", begun.text);
    }
    eventually("the agent's console is told", SOON, async || {
        let events = talk.console.events();
        let mut erased = events.iter().filter(|event| event.name == "conversation.erased");
        erased.any(|event| event.data()["conversation_id"] == gone.conversation.as_str())
    })
    .await;
    let ended = erasure_is(admin, &gone.customer, "erased").await;
    assert_eq!(ended["progress"]["files_left"], 0, "{ended}");
    assert_eq!(
        ended["progress"]["messages"],
        ended["progress"]["messages_erased"]
    );

    // What is told again of it, late or twice, brings nothing back.
    posted(&talk, &gone.webhook).await;
    for status in ["delivered", "read"] {
        posted(
            &talk,
            &desk.number.status(&gone.reply, &gone.phone, status, now()),
        )
        .await;
    }
    let last = desk.customer();
    desk.write(&last, "after those").await;
    desk.conversation(admin, &last).await;
    eventually("nothing of them in the database", SOON, async || {
        let all = database(&corner).await;
        gone.traces().iter().all(|trace| places(&all, trace).is_empty())
    })
    .await;
    let after = everything(&corner).await;
    for trace in gone.traces() {
        let left = places(&after, &trace);
        assert!(left.is_empty(), "{trace} is left in {left:?}");
    }

    untouched(&before, &after, &other.traces());
    for file in other.files {
        let bytes = talk.agent.get(&format!("/attachments/{file}")).await;
        assert_eq!(bytes.status, 200, "another's file is gone: {}", bytes.text);
    }
    let gone_file = admin.get(&format!("/attachments/{}", gone.files[1])).await;
    assert_eq!(gone_file.status, 404);
    assert_eq!(
        admin
            .get(&format!("/conversations/{}", gone.conversation))
            .await
            .status,
        404
    );
    let found = admin.get(&format!("/customers?q={}", gone.phone)).await.ok();
    assert!(items(&found).is_empty());
    let verified = options.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{verified:?}");

    // Who writes again is somebody new.
    posted(&talk, &written(&talk, &gone.phone, "Back", "hello again")).await;
    let who = switchboard_tests::desk::Customer { phone: gone.phone };
    let conversation = desk.conversation(admin, &who).await;
    assert_ne!(text(&conversation, "customer_id"), gone.customer);
    assert_ne!(id(&conversation), gone.conversation);
}

/// What holds something of somebody else holds it as before.
fn untouched(before: &[(String, String)], after: &[(String, String)], traces: &[String]) {
    let kept = [
        "customers",
        "orders",
        "conversations",
        "messages",
        "attachments",
        "event_log",
        "deliveries",
    ];
    for trace in traces {
        for document in places(before, trace) {
            if kept.contains(&document.0.as_str()) {
                assert!(after.contains(document), "{trace}: {document:?} was changed");
            }
        }
    }
}

#[tokio::test]
async fn an_export_has_everything_and_is_written_down() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let talk = Talk::at(hub.url()).await;
    let admin = &talk.desk.admin;
    let theirs = plant(&corner, &talk, "theirs").await;
    // The decision and the comparison that were put there by hand aren't whole.
    let made_up = corner
        .database()
        .await
        .collection::<mongodb::bson::Document>("routing_decisions");
    made_up
        .delete_one(mongodb::bson::doc! { "_id": "d-theirs" })
        .await
        .unwrap();
    plant(&corner, &talk, "others").await;
    let role = serde_json::json!({ "name": "Masked", "grants": { "data.export": "all" }, "mask_pii": true });
    admin.put("/roles/masked", &role).await.ok();
    let clerk = talk.desk.hire("masked").await;
    let path = format!("/customers/{}/export", theirs.customer);
    let export = clerk.post(&path, &serde_json::json!({})).await;
    assert_eq!(export.status, 200);
    let here = ["name", "text", "reply", "note", "file", "caption", "attribute"];
    for which in here {
        assert!(
            export.text.contains(&theirs.words(which)),
            "{which} isn't in {}",
            export.text
        );
        assert!(!export.text.contains(&planted::words("others", which)));
    }
    assert!(PLANTED.len() > here.len());
    for there in [
        &theirs.phone,
        &theirs.files[0],
        &theirs.reply,
        "/files/",
        "theirs@planted.test",
        "\"paid\"",
    ] {
        assert!(export.text.contains(there), "{there} isn't in {}", export.text);
    }
    let lines = lines(&export.text);
    let last = lines.last().unwrap();
    assert_eq!(
        (last["kind"].as_str(), last["data"]["lines"].as_u64()),
        (Some("end"), Some(lines.len() as u64 - 1))
    );
    let entries = admin.get("/audit-logs?action=customer.exported").await.ok();
    assert_eq!(items(&entries).len(), 1);
    assert!(!entries.to_string().contains(&theirs.phone));
    assert_eq!(
        talk.agent.post(&path, &serde_json::json!({})).await.error(403),
        "forbidden"
    );
}

/// A webhook with this id of the provider's.
fn webhook(talk: &Talk, phone: &str, body: &str) -> switchboard_tests::wa::SignedWebhook {
    talk.desk.number.text(&Text {
        id: &fresh_wamid(),
        from: phone,
        name: body,
        body,
        at: now(),
    })
}
