//! A visitor of a web chat: what they said, what they uploaded, and who they are when they come back.

use serde_json::json;
use switchboard_tests::{
    Hub, HubOptions, Isolated, Visitor,
    api::{answer, text},
    desk::id,
    eventually, http,
};
use uuid::Uuid;

use super::{
    everything::{everything, places},
    planted::{SOON, begin, erasure_is},
};
use crate::{
    chat::{conversation, enter, open_chat},
    outbound::Talk,
};

const WORDS: [&str; 6] = [
    "Visitor Name-7731",
    "visitor-7731@planted.test",
    "visitor-words-7731",
    "visitor-sent-bytes-7731",
    "visitor-unsent-bytes-7731",
    "visitor-file-7731",
];

async fn upload(talk: &Talk, visitor: &Visitor, bytes: &'static str) -> String {
    let desk = &talk.desk;
    let request = http()
        .post(format!("{}/chat/{}/files", desk.url(), desk.name))
        .bearer_auth(text(&visitor.frames()[0], "token"))
        .header("Content-Type", "text/plain")
        .header("X-File-Name", format!("{}.txt", WORDS[5]))
        .body(bytes);
    id(&answer(request).await.ok())
}

async fn say(visitor: &mut Visitor, words: &str, file: Option<&str>) {
    let id = Uuid::new_v4().to_string();
    let frame = json!({ "type": "message", "id": id, "text": words, "file": file });
    visitor.say(&frame).await;
    visitor.acked(&id).await;
}

#[tokio::test]
async fn a_visitor_is_forgotten_with_their_uploads_and_comes_back_as_somebody_new() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let talk = Talk::at(hub.url()).await;
    let admin = &talk.desk.admin;
    open_chat(&talk.desk, json!({})).await;
    let hello = json!({ "name": WORDS[0], "email": WORDS[1] });
    let mut visitor = enter(&talk.desk, hello).await;
    let sent = upload(&talk, &visitor, WORDS[3]).await;
    upload(&talk, &visitor, WORDS[4]).await;
    say(&mut visitor, WORDS[2], Some(&sent)).await;
    let theirs = conversation(&talk.agent, &visitor.id()).await;
    let customer = text(&theirs, "customer_id");
    eventually("everything is there", SOON, async || {
        let all = everything(&corner).await;
        let stored = places(&all, "stored").len() >= 3;
        stored && WORDS.iter().all(|words| !places(&all, words).is_empty())
    })
    .await;
    begin(admin, &customer).await.ok();
    erasure_is(admin, &customer, "erased").await;
    let after = everything(&corner).await;
    for trace in WORDS.iter().copied().chain([visitor.id().as_str()]) {
        let left = places(&after, trace);
        assert!(left.is_empty(), "{trace} is left in {left:?}");
    }
    // Their connection is the same, and they aren't.
    say(&mut visitor, "hello again", None).await;
    let again = conversation(admin, &visitor.id()).await;
    assert_ne!(text(&again, "customer_id"), customer);
}
