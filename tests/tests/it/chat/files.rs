//! Files between visitor and agent, and whose they are.

use reqwest::{
    Method, RequestBuilder,
    header::{HeaderMap, HeaderValue},
};
use serde_json::{Value, json};
use switchboard_tests::{
    Desk, Visitor,
    api::{answer, items, text},
    desk::id,
    eventually_some, http,
};
use uuid::Uuid;

use super::{SOON, conversation, enter, open_chat, thread};
use crate::world::World;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot much of a picture";
const PAGE: &str = "https://shop.example.com";

fn upload(desk: &Desk, token: &str, name: &str, bytes: impl Into<reqwest::Body>) -> RequestBuilder {
    http()
        .post(format!("{}/chat/{}/files", desk.url(), desk.name))
        .bearer_auth(token)
        .header("Content-Type", "application/octet-stream")
        .header("X-File-Name", name)
        .header("Origin", PAGE)
        .body(bytes)
}

fn token(visitor: &Visitor) -> String {
    text(&visitor.frames()[0], "token")
}

async fn bytes(desk: &Desk, url: &str) -> Vec<u8> {
    let response = http().get(format!("{}{url}", desk.url())).send().await.unwrap();
    assert_eq!(response.status(), 200, "{url}");
    response.bytes().await.unwrap().to_vec()
}

async fn say_file(visitor: &mut Visitor, file: &str, words: &str) -> String {
    let id = Uuid::new_v4().to_string();
    let frame = json!({ "type": "message", "id": id, "text": words, "file": file });
    visitor.say(&frame).await;
    id
}

/// The frame that tells of the client's message with a link to its file.
async fn shown(visitor: &Visitor, client_id: &str) -> Value {
    let frame = visitor
        .frame("the file", |frame| {
            let message = &frame["message"];
            message["client_id"] == client_id && message["content"]["url"].is_string()
        })
        .await;
    frame["message"].clone()
}

#[tokio::test]
async fn a_visitor_sends_a_picture_and_gets_one() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let (agent, _console) = desk.agent().await;
    let mut visitor = enter(&desk, json!({ "name": "Ann" })).await;
    assert_eq!(visitor.frames()[0]["files"], true);
    let kept = answer(upload(&desk, &token(&visitor), "der%20R%C3%BCcken.png", PNG)).await;
    let file = kept.ok();
    assert_eq!(file["mime_type"], "image/png");
    assert_eq!(file["file_name"], "der Rücken.png");

    // Sent twice, as after a connection that broke before the acknowledgement.
    let client_id = say_file(&mut visitor, &id(&file), "This one.").await;
    visitor.acked(&client_id).await;
    visitor
        .say(&json!({ "type": "message", "id": client_id, "text": "This one.", "file": id(&file) }))
        .await;
    let told = shown(&visitor, &client_id).await;
    assert_eq!(told["content"]["text"], "This one.");
    assert_eq!(bytes(&desk, &text(&told["content"], "url")).await, PNG);

    let conversation = conversation(&agent, &visitor.id()).await;
    let all = thread(&agent, &conversation).await;
    assert_eq!(all.len(), 1, "{all:#?}");
    let content = &all[0]["content"];
    assert_eq!(
        (&content["type"], &content["text"]),
        (&json!("image"), &json!("This one."))
    );
    let got = agent
        .get(&format!("/attachments?ids={}", text(content, "attachment_id")))
        .await
        .ok();
    let seen = &items(&got)[0];
    assert_eq!(
        (&seen["state"], &seen["file_name"]),
        (&json!("stored"), &json!("der Rücken.png"))
    );
    assert_eq!(bytes(&desk, &text(seen, "url")).await, PNG);

    // The agent's answer.
    let path = format!("/attachments?conversation_id={}", id(&conversation));
    let sent = agent
        .request(Method::POST, &path)
        .header("Content-Type", "image/png")
        .header("X-File-Name", "answer.png")
        .body(PNG);
    let ours = answer(sent).await.ok();
    let content = json!({ "type": ours["send_as"], "attachment_id": ours["id"] });
    let path = format!("/conversations/{}/messages", id(&conversation));
    agent.post(&path, &json!({ "content": content })).await.ok();
    let answered = visitor
        .frame("the answer's file", |frame| {
            frame["message"]["from"] == "agent" && frame["message"]["content"]["url"].is_string()
        })
        .await;
    assert_eq!(
        bytes(&desk, &text(&answered["message"]["content"], "url")).await,
        PNG
    );

    // After a reload everything is there again.
    let back = enter(&desk, json!({ "token": token(&visitor) })).await;
    let frames = back.frames();
    let missed: Vec<&Value> = frames
        .iter()
        .filter(|frame| frame["type"] == "messages")
        .flat_map(|frame| frame["items"].as_array().unwrap())
        .collect();
    assert_eq!(missed.len(), 2, "{missed:#?}");
    assert!(
        missed.iter().all(|message| message["content"]["url"].is_string()),
        "{missed:#?}"
    );
}

#[tokio::test]
async fn a_file_is_its_uploaders_alone() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let (agent, _console) = desk.agent().await;
    let ann = enter(&desk, json!({ "name": "Ann" })).await;
    let mut bea = enter(&desk, json!({ "name": "Bea" })).await;
    let kept = answer(upload(&desk, &token(&ann), "a.png", PNG)).await;
    let file = kept.ok();
    let refused = say_file(&mut bea, &id(&file), "").await;
    let fault = bea
        .frame("the refusal", |frame| {
            frame["type"] == "error" && frame["id"] == refused
        })
        .await;
    assert_eq!(fault["code"], "no_such_file");
    // Agents have it once it is sent.
    let got = agent.get(&format!("/attachments?ids={}", id(&file))).await.ok();
    assert_eq!(items(&got).len(), 0);
    assert_eq!(
        agent.get(&format!("/attachments/{}", id(&file))).await.status,
        404
    );

    // Not even a request signed with the account's secret makes it another's.
    let request = json!({
        "visitor": { "id": "user:7" },
        "events": [{ "type": "message", "id": "m1", "text": "Mine?", "file": { "id": format!("upload:{}", id(&file)), "mime_type": "image/png" } }],
    });
    super::post_signed(&desk, &request).await;
    let theirs = conversation(&agent, "user:7").await;
    let failed = eventually_some("the file that isn't theirs", SOON, async || {
        let message = thread(&agent, &theirs).await.into_iter().next()?;
        let id = message["content"]["attachment_id"].as_str()?.to_owned();
        let got = agent.get(&format!("/attachments?ids={id}")).await.ok();
        items(&got)
            .first()
            .filter(|file| file["state"] == "failed")
            .cloned()
    })
    .await;
    assert_eq!(failed["error"]["code"], "no_such_upload");
}

#[tokio::test]
async fn what_a_chat_doesnt_take_is_refused_so_that_the_page_can_read_why() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({ "allowed_origins": [PAGE] })).await;
    let visitor = enter(&desk, json!({})).await;
    let token = token(&visitor);
    let preflight = http()
        .request(
            Method::OPTIONS,
            format!("{}/chat/{}/files", desk.url(), desk.name),
        )
        .header("Origin", PAGE)
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "authorization,content-type,x-file-name",
        );
    let allowed = preflight.send().await.unwrap();
    assert_eq!(allowed.status(), 204);
    assert_eq!(allowed.headers()["access-control-allow-origin"], PAGE);
    assert_eq!(
        allowed.headers()["access-control-allow-headers"],
        "authorization, content-type, x-file-name"
    );

    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    let forged = format!("{token}0");
    for (what, request, status) in [
        ("a forged token", upload(&desk, &forged, "a.png", PNG), 401),
        ("no token", upload(&desk, "", "a.png", PNG), 401),
        ("nothing", upload(&desk, &token, "a.png", Vec::new()), 422),
        ("a program", upload(&desk, &token, "a.png", &b"MZ\x90\0"[..]), 415),
        ("too much", upload(&desk, &token, "a.txt", large), 413),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{what}");
        assert_eq!(response.headers()["access-control-allow-origin"], PAGE, "{what}");
        let body: Value = response.json().await.unwrap();
        assert!(body["error"]["message"].is_string(), "{what}: {body}");
    }
    let mut origin = HeaderMap::new();
    origin.insert("origin", HeaderValue::from_static("https://evil.example.com"));
    let elsewhere = upload(&desk, &token, "a.png", PNG).headers(origin);
    assert_eq!(elsewhere.send().await.unwrap().status(), 403);

    // Ten a minute, of which the refused ones above took some.
    let refused = eventually_some("the limit", SOON, async || {
        let response = upload(&desk, &token, "a.png", PNG).send().await.unwrap();
        (response.status() == 429).then_some(response)
    })
    .await;
    assert!(refused.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn an_account_can_do_without_files() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({ "files": false })).await;
    let visitor = enter(&desk, json!({})).await;
    assert_eq!(visitor.frames()[0]["files"], false);
    let refused = answer(upload(&desk, &token(&visitor), "a.png", PNG)).await;
    assert_eq!(refused.error(403), "no_files");
}
