//! Files end to end: what a customer sends, what an agent sends, and who may have it.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use switchboard_tests::{
    Api,
    api::{Answer, answer, items, text},
    desk::{fresh_wamid, id, now},
    eventually_some, http,
};

use crate::{outbound::Talk, world::World};

const SOON: Duration = Duration::from_secs(30);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot much of a picture";

fn upload(
    agent: &Api,
    conversation: &str,
    name: &str,
    mime: &str,
    bytes: impl Into<reqwest::Body>,
) -> RequestBuilder {
    agent
        .request(
            Method::POST,
            &format!("/attachments?conversation_id={conversation}"),
        )
        .header("Content-Type", mime)
        .header("X-File-Name", name)
        .body(bytes)
}

async fn uploaded(talk: &Talk, name: &str, mime: &str, bytes: &'static [u8]) -> Value {
    answer(upload(&talk.agent, &talk.conversation, name, mime, bytes))
        .await
        .ok()
}

/// The reply's id.
async fn send(talk: &Talk, content: Value) -> Answer {
    let path = format!("/conversations/{}/messages", talk.conversation);
    talk.agent.post(&path, &json!({ "content": content })).await
}

/// What a link gives: status, headers, bytes.
async fn get(url: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let response = http().get(url).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn what_an_agent_uploads_reaches_the_provider_by_a_link_it_can_follow() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let file = uploaded(&talk, "Gr%C3%BC%C3%9Fe.png", "application/pdf", PNG).await;
    assert_eq!(
        (&file["state"], &file["mime_type"]),
        (&json!("stored"), &json!("image/png"))
    );
    assert_eq!(
        (&file["send_as"], &file["file_name"]),
        (&json!("image"), &json!("Grüße.png"))
    );
    let content = json!({ "type": "image", "attachment_id": file["id"], "text": "Here it is." });
    let reply = send(&talk, content).await.ok();
    assert_eq!(reply["content"]["mime_type"], "image/png");
    let sent = talk.becomes(&id(&reply), "sent", SOON).await;
    assert_eq!(sent["content"]["attachment_id"], file["id"]);
    assert!(
        sent["content"]["url"].is_null(),
        "the provider's link is nobody else's"
    );
    let body = talk.graph.messages()[0].body.clone();
    assert_eq!(body["image"]["caption"], "Here it is.");
    let (status, headers, bytes) = get(body["image"]["link"].as_str().unwrap()).await;
    assert_eq!((status, bytes.as_slice()), (200, PNG));
    assert_eq!(headers["content-type"], "image/png");

    // A type that browsers don't show is still named to the provider, who goes by it.
    let zip = uploaded(
        &talk,
        "a.docx",
        "application/octet-stream",
        b"PK\x03\x04 a letter",
    )
    .await;
    assert_eq!(zip["send_as"], "document");
    let reply = send(&talk, json!({ "type": "document", "attachment_id": zip["id"] }))
        .await
        .ok();
    talk.becomes(&id(&reply), "sent", SOON).await;
    let body = talk.graph.messages()[1].body.clone();
    assert_eq!(body["document"]["filename"], "a.docx");
    let (_, headers, _) = get(body["document"]["link"].as_str().unwrap()).await;
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(headers["content-type"], docx);
    let (_, headers, _) = get(&format!("{}{}", world.url(), text(&zip, "url"))).await;
    assert_eq!(headers["content-type"], "application/octet-stream");
}

#[tokio::test]
async fn an_account_may_have_files_handed_over_as_bytes() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let path = format!("/channels/whatsapp/{}", talk.desk.name);
    let account = talk.desk.admin.get(&path).await.ok();
    let mut settings = account["settings"].clone();
    settings["media"] = "upload".into();
    talk.desk
        .admin
        .patch(&path, &json!({ "settings": settings }))
        .await
        .ok();
    let file = uploaded(&talk, "a.png", "image/png", PNG).await;
    let content = json!({ "type": "image", "attachment_id": file["id"] });
    // Another process may remember the account's old settings for some seconds.
    let given = eventually_some("a picture by its id", SOON, async || {
        let reply = send(&talk, content.clone()).await.ok();
        talk.becomes(&id(&reply), "sent", SOON).await;
        let body = talk.graph.messages().last()?.body.clone();
        body["image"]["id"].as_str().map(str::to_owned)
    })
    .await;
    let (mime, bytes) = talk.graph.media(&given).unwrap();
    assert_eq!((mime.as_str(), &bytes[..]), ("image/png", PNG));
}

#[tokio::test]
async fn a_customers_picture_appears_by_itself_for_those_who_may_see_it() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let media = talk.graph.put_media("image/png", PNG);
    let wamid = fresh_wamid();
    let seconds = (now().as_millis() / 1000).to_string();
    let message = json!({
        "from": talk.phone, "id": wamid, "timestamp": seconds, "type": "image",
        "image": { "id": media, "mime_type": "image/png" },
    });
    let contact = json!({ "profile": { "name": "Customer" }, "wa_id": talk.phone });
    let webhook = talk
        .desk
        .number
        .delivery(&json!({ "contacts": [contact], "messages": [message] }));
    assert_eq!(talk.desk.post(&webhook).await.status, 200);
    let update = talk
        .console
        .event("the picture is there", |event| {
            event.is("message.updated", "provider_message_id", &wamid)
                && event.data()["content"]["attachment_id"].is_string()
        })
        .await;
    let file = text(&update.data()["content"], "attachment_id");
    let path = format!("/attachments/{file}");
    let list = format!("/attachments?ids={file}");

    let known = talk.agent.get(&list).await.ok();
    let link = format!("{}{}", world.url(), text(&items(&known)[0], "url"));
    let (status, headers, bytes) = get(&link).await;
    assert_eq!((status, bytes.as_slice()), (200, PNG));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("sandbox")
    );
    assert!(headers["cache-control"].to_str().unwrap().starts_with("private"));
    assert!(
        headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("inline")
    );
    let (_, headers, _) = get(&format!("{link}?download=1")).await;
    assert!(
        headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );

    let direct = talk
        .agent
        .request(Method::GET, &path)
        .header("Range", "bytes=1-3");
    let part = direct.send().await.unwrap();
    assert_eq!(part.status(), 206);
    let range = format!("bytes 1-3/{}", PNG.len());
    assert_eq!(part.headers()["content-range"], range.as_str());
    assert_eq!(part.bytes().await.unwrap(), &PNG[1..4]);
    let beyond = talk
        .agent
        .request(Method::GET, &path)
        .header("Range", "bytes=900-");
    assert_eq!(answer(beyond).await.error(416), "range_not_satisfiable");

    // Whoever doesn't see the conversation doesn't see its files.
    let elsewhere = world.desk().await;
    for stranger in [talk.desk.hire("agent").await, elsewhere.hire("team_lead").await] {
        assert_eq!(stranger.get(&path).await.error(404), "not_found");
        assert!(items(&stranger.get(&list).await.ok()).is_empty());
    }
    assert_eq!(
        Api::stranger(world.url()).get(&path).await.error(401),
        "unauthorized"
    );
    let lead = talk.desk.hire("team_lead").await;
    assert_eq!(
        lead.request(Method::GET, &path).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn a_link_can_be_neither_forged_nor_made_longer() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let mine = uploaded(&talk, "a.png", "image/png", PNG).await;
    let other = uploaded(&talk, "b.png", "image/png", PNG).await;
    let link = text(&mine, "url");
    let parts: Vec<&str> = link.trim_start_matches("/files/").split('/').collect();
    let [_, expiry, signature] = parts[..] else {
        panic!("{link}");
    };
    let stranger = Api::stranger(world.url());
    assert_eq!(get(&format!("{}{link}", world.url())).await.0, 200);
    let later = expiry.parse::<u64>().unwrap() + 1;
    let zeros = "0".repeat(64);
    for forged in [
        format!("/files/{}/{expiry}/{signature}", text(&other, "id")),
        format!("/files/{}/{later}/{signature}", text(&mine, "id")),
        format!("/files/{}/{expiry}/{zeros}", text(&mine, "id")),
        format!("/files/{}/never/{signature}", text(&mine, "id")),
        // Over since 2001, whatever its signature.
        format!("/files/{}/1000000000/{signature}", text(&mine, "id")),
    ] {
        assert_eq!(
            stranger.outside(&forged).await.error(403),
            "link_over",
            "{forged}"
        );
    }
}

#[tokio::test]
async fn a_page_that_calls_itself_a_picture_is_downloaded() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let page = b"<!DOCTYPE html><script>alert(document.cookie)</script>";
    let file = uploaded(&talk, "cat.png", "image/png", page).await;
    assert_eq!(
        (&file["mime_type"], &file["inline"]),
        (&json!("text/html"), &json!(false))
    );
    for url in [text(&file, "url"), format!("/api/v1/attachments/{}", id(&file))] {
        let response = http()
            .get(format!("{}{url}", world.url()))
            .bearer_auth(talk.agent.token.as_deref().unwrap())
            .send()
            .await
            .unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/octet-stream");
        assert!(header("content-disposition").starts_with("attachment; filename=\"cat.png\""));
        assert_eq!(header("x-content-type-options"), "nosniff");
    }
    // Nor does it leave as a picture.
    let content = json!({ "type": "image", "attachment_id": file["id"] });
    assert_eq!(send(&talk, content).await.error(422), "invalid");
}

#[tokio::test]
async fn what_cant_be_taken_is_refused_with_the_right_status() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let at = |bytes: Vec<u8>| {
        upload(
            &talk.agent,
            &talk.conversation,
            "a.bin",
            "application/octet-stream",
            bytes,
        )
    };
    let too_large = vec![0; 26 * 1024 * 1024];
    assert_eq!(answer(at(too_large)).await.error(413), "too_large");
    assert_eq!(answer(at(Vec::new())).await.error(422), "invalid");
    assert_eq!(
        answer(at(b"MZ\x90\0".to_vec())).await.error(415),
        "unsupported_media_type"
    );
    let typeless = talk.agent.request(Method::POST, "/attachments").body("x");
    assert_eq!(answer(typeless).await.error(415), "unsupported_media_type");
    let form = "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n";
    let fileless = talk
        .agent
        .request(Method::POST, "/attachments")
        .header("Content-Type", "multipart/form-data; boundary=b")
        .body(form);
    assert_eq!(answer(fileless).await.error(422), "invalid");
    // More than the channel takes, and as something it isn't.
    let mut video = b"\0\0\0\x18ftypmp42".to_vec();
    video.resize(17 * 1024 * 1024, 0);
    let video = answer(upload(
        &talk.agent,
        &talk.conversation,
        "a.mp4",
        "video/mp4",
        video,
    ))
    .await
    .ok();
    assert_eq!(video["send_as"], "document", "WhatsApp takes videos up to 16 MB");
    let content = json!({ "type": "video", "attachment_id": video["id"] });
    let refused = send(&talk, content).await;
    assert_eq!(refused.error(422), "invalid");
    assert!(refused.text.contains("16 MB"), "{}", refused.text);
    for (who, status) in [
        (talk.desk.hire("agent").await, 404),
        (talk.desk.hire("branch_manager").await, 403),
        (Api::stranger(world.url()), 401),
    ] {
        let answer = answer(upload(&who, &talk.conversation, "a.png", "image/png", PNG)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_file_is_sent_where_it_was_uploaded_for_and_by_whom() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let colleague = talk.desk.hire("agent").await;
    // By a form, and for no conversation yet.
    let form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"note.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    let loose = colleague
        .request(Method::POST, "/attachments")
        .header("Content-Type", "multipart/form-data; boundary=b")
        .body(form);
    let loose = answer(loose).await.ok();
    assert_eq!(
        (&loose["file_name"], &loose["size"]),
        (&json!("note.txt"), &json!(5))
    );
    assert!(loose["send_as"].is_null());
    let path = format!("/attachments/{}", id(&loose));
    assert_eq!(talk.agent.get(&path).await.error(404), "not_found");
    let theirs = json!({ "type": "document", "attachment_id": loose["id"] });
    assert_eq!(send(&talk, theirs).await.error(422), "invalid");
    let unknown = json!({ "type": "document", "attachment_id": "nothing" });
    assert_eq!(send(&talk, unknown).await.error(422), "invalid");

    let own = talk
        .agent
        .request(Method::POST, "/attachments")
        .header("Content-Type", "text/plain")
        .body("mine");
    let own = answer(own).await.ok();
    let content = json!({ "type": "document", "attachment_id": own["id"] });
    let reply = send(&talk, content.clone()).await.ok();
    talk.becomes(&id(&reply), "sent", SOON).await;
    let lead = talk.desk.hire("team_lead").await;
    let shared = format!("/attachments/{}", id(&own));
    assert_eq!(
        lead.request(Method::GET, &shared).send().await.unwrap().status(),
        200
    );
    // The same file again, as one forwards it.
    let again = send(&talk, content).await.ok();
    talk.becomes(&id(&again), "sent", SOON).await;
}
