//! What goes over the wire, and what each outcome means.

use serde_json::json;
use switchboard_connectors::SendDecision;
use switchboard_domain::{ChannelAccount, Content, Media};

use crate::{
    messagebird,
    support::{
        Provider, account, answer, assert_files_stay_home, assert_refused, assert_usual, client, failure,
        folder, outcomes::send_text, outgoing, sent,
    },
};

fn through(api: &'static str) -> impl Fn(&mut ChannelAccount) {
    move |account| {
        account.settings.other.insert("api".to_owned(), api.into());
        account
            .settings
            .other
            .insert("workspace_id".to_owned(), "ws-1".into());
    }
}

fn file(text: Option<&str>) -> Media {
    Media {
        url: Some("https://example.com/a.pdf".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_text_goes_through_each_interface() {
    let text = outgoing(Content::text("hello"));
    let request = sent(messagebird(), |_| {}, &text).await;
    assert!(request.head.starts_with("POST /v1/send HTTP/1.1\r\n"));
    assert_eq!(
        request.header("authorization"),
        Some("AccessKey the-access-token")
    );
    assert_eq!(
        request.json(),
        json!({ "to": "+16505551234", "from": "chid", "type": "text", "content": { "text": "hello" } })
    );
    let request = sent(messagebird(), through("sms"), &text).await;
    assert!(request.head.starts_with("POST /messages HTTP/1.1\r\n"));
    assert_eq!(
        request.json(),
        json!({ "recipients": ["16505551234"], "originator": "chid", "body": "hello", "datacoding": "auto",
            "reference": "0123456789abcdef0123456789abcdef" })
    );
    let request = sent(messagebird(), through("bird"), &text).await;
    assert!(
        request
            .head
            .starts_with("POST /workspaces/ws-1/channels/chid/messages HTTP/1.1\r\n")
    );
    assert_eq!(
        request.json(),
        json!({ "receiver": { "contacts": [{ "identifierKey": "phonenumber", "identifierValue": "+16505551234" }] },
            "body": { "type": "text", "text": { "text": "hello" } }, "reference": "0123456789abcdef0123456789abcdef" })
    );
}

#[tokio::test]
async fn other_kinds_in_conversations_form() {
    let place = Content::Location {
        latitude: 52.5,
        longitude: 4.75,
        name: None,
        address: None,
    };
    let url = "https://example.com/a.pdf";
    for (content, kind, body) in [
        (
            Content::Image(file(Some("c"))),
            "image",
            json!({ "image": { "url": url, "caption": "c" } }),
        ),
        (
            Content::Video(file(None)),
            "video",
            json!({ "video": { "url": url } }),
        ),
        (
            Content::Document(file(None)),
            "file",
            json!({ "file": { "url": url } }),
        ),
        (
            Content::Audio(file(None)),
            "audio",
            json!({ "audio": { "url": url } }),
        ),
        (
            Content::Sticker(file(None)),
            "whatsappSticker",
            json!({ "whatsappSticker": { "link": url } }),
        ),
        (
            place,
            "location",
            json!({ "location": { "latitude": 52.5, "longitude": 4.75 } }),
        ),
    ] {
        let mut message = outgoing(content);
        message.reply_to = Some("m0".to_owned());
        let sent = sent(messagebird(), |_| {}, &message).await.json();
        assert_eq!((&sent["type"], &sent["content"]), (&json!(kind), &body));
        assert_eq!(sent["replyTo"], json!({ "id": "m0" }));
    }
    let template = Content::Template {
        name: "welcome".to_owned(),
        language: "en".to_owned(),
        components: Vec::new(),
    };
    let sent = sent(messagebird(), |_| {}, &outgoing(template)).await.json();
    assert_eq!(sent["content"]["hsm"]["templateName"], "welcome");
}

#[tokio::test]
async fn other_kinds_in_birds_form() {
    let with_name = Media {
        file_name: Some("a.pdf".to_owned()),
        mime_type: Some("application/pdf".to_owned()),
        ..file(Some("read this"))
    };
    let document = sent(
        messagebird(),
        through("bird"),
        &outgoing(Content::Document(with_name)),
    )
    .await
    .json();
    assert_eq!(
        document["body"],
        json!({ "type": "file", "file": { "text": "read this", "files": [
            { "mediaUrl": "https://example.com/a.pdf", "contentType": "application/pdf", "filename": "a.pdf" }] } })
    );
    let image = sent(
        messagebird(),
        through("bird"),
        &outgoing(Content::Image(file(None))),
    )
    .await
    .json();
    assert_eq!(
        image["body"]["image"],
        json!({ "images": [{ "mediaUrl": "https://example.com/a.pdf" }] })
    );
}

#[tokio::test]
async fn what_messagebird_would_refuse_is_refused_before() {
    let mut nobody = outgoing(Content::text("x"));
    nobody.to = String::new();
    assert_refused(messagebird(), &nobody).await;
    for content in [
        Content::text(" "),
        Content::text("x".repeat(1378)),
        Content::Image(Media::default()),
        Content::Audio(file(Some("caption"))),
        Content::Deleted,
    ] {
        assert_refused(messagebird(), &outgoing(content)).await;
    }
    for api in ["sms", "bird"] {
        let mut account = account(messagebird(), "http://127.0.0.1:1");
        through(api)(&mut account);
        let content = Content::Sticker(file(None));
        let error = messagebird()
            .send(&client(), &account, &outgoing(content))
            .await
            .unwrap_err();
        assert_eq!(error.code, "invalid_message");
    }
}

#[tokio::test]
async fn the_usual_outcomes() {
    assert_usual(messagebird()).await;
}

#[tokio::test]
async fn a_refusal_is_judged_by_its_code() {
    let body = |code: u32| {
        format!(r#"{{"errors":[{{"code":{code},"description":"no: the-access-token","parameter":"to"}}]}}"#)
    };
    for (status, code, decision, token) in [
        (401, 2, SendDecision::GiveUp, true),
        (422, 9, SendDecision::GiveUp, false),
        (422, 25, SendDecision::GiveUp, false),
        (400, 99, SendDecision::Retry, false),
        (500, 7777, SendDecision::Retry, false),
        (422, 7777, SendDecision::GiveUp, false),
    ] {
        let error = failure(messagebird(), status, "", &body(code)).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (decision, token),
            "{code}"
        );
        assert_eq!(error.code, code.to_string());
    }
    let parameter = failure(messagebird(), 422, "", &body(9)).await;
    assert_eq!(
        parameter.message,
        "MessageBird refused the message's content. no: …"
    );
    let bird = failure(
        messagebird(),
        422,
        "",
        r#"{"code":"InvalidPayload","message":"body is missing"}"#,
    )
    .await;
    assert_eq!(
        (bird.code.as_str(), bird.decision),
        ("InvalidPayload", SendDecision::GiveUp)
    );
}

#[tokio::test]
async fn messagebirds_own_example_is_a_receipt() {
    let body = std::fs::read_to_string(folder(
        messagebird(),
        "fixtures/outbound/conversation-message-send-response.json",
    ))
    .unwrap();
    let provider = Provider::answering(202, "", &body).await;
    let receipt = send_text(messagebird(), &account(messagebird(), &provider.url()))
        .await
        .unwrap();
    assert_eq!(receipt.provider_message_id, "2e15efafec384e1c82e9842075e87beb");
}

#[tokio::test]
async fn files_come_from_messagebird_alone() {
    assert_files_stay_home(messagebird()).await;
}

#[tokio::test]
async fn credentials_are_checked_and_reading_is_not_reported() {
    let mut provider = Provider::start(vec![answer(200, "", r#"{"amount":1}"#), answer(401, "", "")]).await;
    let target = account(messagebird(), &provider.url());
    assert_eq!(
        messagebird().check_credentials(&client(), &target).await,
        Ok(None)
    );
    assert!(
        provider
            .requests
            .recv()
            .await
            .unwrap()
            .head
            .starts_with("GET /balance ")
    );
    assert!(
        messagebird()
            .check_credentials(&client(), &target)
            .await
            .unwrap_err()
            .token_rejected
    );
    let error = messagebird()
        .mark_read(&client(), &target, "m1")
        .await
        .unwrap_err();
    assert_eq!(error.code, "not_supported");
}

#[test]
fn an_account_says_what_is_wrong_with_it() {
    let good = account(messagebird(), "https://rest.messagebird.com");
    assert_eq!(messagebird().check_account(&good.settings, &good.secrets), Ok(()));
    let mut bad = good.clone();
    bad.secrets.0.remove("signing_secret");
    bad.settings.provider_account_id = None;
    bad.settings.other.insert("api".to_owned(), "fax".into());
    let named = |account: &ChannelAccount| -> Vec<String> {
        let errors = messagebird()
            .check_account(&account.settings, &account.secrets)
            .unwrap_err();
        errors.into_iter().map(|error| error.field).collect()
    };
    assert_eq!(
        named(&bad),
        [
            "secrets.signing_secret",
            "settings.api",
            "settings.provider_account_id"
        ]
    );
    let mut bird = good;
    bird.settings.other.insert("api".to_owned(), "bird".into());
    assert_eq!(named(&bird), ["settings.workspace_id"]);
}
