//! What goes over the wire, and what each outcome means.

use serde_json::{Value, json};
use switchboard_connectors::{Outgoing, SendDecision};
use switchboard_domain::{ChannelAccount, Content, Media, Secret};

use crate::{
    support::{
        Provider, Reply, account, answer, assert_files_stay_home, assert_refused, assert_usual, client,
        failure, outgoing, sent,
    },
    vonage,
};

fn through(channel: &'static str) -> impl Fn(&mut ChannelAccount) {
    move |account| {
        account
            .settings
            .other
            .insert("channel".to_owned(), channel.into());
    }
}

async fn on_whatsapp(message: &Outgoing) -> Value {
    sent(vonage(), through("whatsapp"), message).await.json()
}

fn file(text: Option<&str>) -> Media {
    Media {
        url: Some("https://example.com/a.pdf".to_owned()),
        text: text.map(str::to_owned),
        file_name: Some("a.pdf".to_owned()),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_text_goes_with_our_id_and_our_credentials() {
    let request = sent(vonage(), |_| {}, &outgoing(Content::text("hello"))).await;
    assert!(request.head.starts_with("POST /v1/messages HTTP/1.1\r\n"));
    // abcd1234:the-access-token
    assert_eq!(
        request.header("authorization"),
        Some("Basic YWJjZDEyMzQ6dGhlLWFjY2Vzcy10b2tlbg==")
    );
    assert_eq!(
        request.json(),
        json!({ "channel": "sms", "message_type": "text", "text": "hello", "to": "16505551234", "from": "447700900000",
            "client_ref": "0123456789abcdef0123456789abcdef" })
    );
    let token = |account: &mut ChannelAccount| {
        account.secrets.0.insert(
            "access_token".to_owned(),
            Secret::new("eyJhbGciOiJSUzI1NiJ9.e30.x"),
        );
    };
    let request = sent(vonage(), token, &outgoing(Content::text("hello"))).await;
    assert_eq!(
        request.header("authorization"),
        Some("Bearer eyJhbGciOiJSUzI1NiJ9.e30.x")
    );
}

#[tokio::test]
async fn whatsapp_takes_every_kind() {
    let mut quoting = outgoing(Content::Document(file(Some("a caption"))));
    quoting.reply_to = Some("u0".to_owned());
    let body = on_whatsapp(&quoting).await;
    assert_eq!(
        body["file"],
        json!({ "url": "https://example.com/a.pdf", "caption": "a caption", "name": "a.pdf" })
    );
    assert_eq!(
        (&body["channel"], &body["context"]),
        (&json!("whatsapp"), &json!({ "message_uuid": "u0" }))
    );
    for (content, kind) in [
        (Content::Image(file(None)), "image"),
        (Content::Audio(file(None)), "audio"),
        (Content::Video(file(None)), "video"),
        (Content::Sticker(file(None)), "sticker"),
    ] {
        let body = on_whatsapp(&outgoing(content)).await;
        assert_eq!(
            (&body["message_type"], &body[kind]),
            (&json!(kind), &json!({ "url": "https://example.com/a.pdf" }))
        );
    }
    let place = Content::Location {
        latitude: 52.5,
        longitude: 13.25,
        name: Some("Office".to_owned()),
        address: None,
    };
    assert_eq!(
        on_whatsapp(&outgoing(place)).await["custom"],
        json!({ "type": "location", "location": { "latitude": 52.5, "longitude": 13.25, "name": "Office" } })
    );
    let template = Content::Template {
        name: "welcome".to_owned(),
        language: "en_US".to_owned(),
        components: vec![json!({ "type": "body" })],
    };
    assert_eq!(
        on_whatsapp(&outgoing(template)).await["custom"]["template"],
        json!({ "name": "welcome", "language": { "policy": "deterministic", "code": "en_US" }, "components": [{ "type": "body" }] })
    );
    let interactive = Content::Interactive {
        text: "Choose".to_owned(),
        body: json!({ "type": "button" }),
    };
    assert_eq!(
        on_whatsapp(&outgoing(interactive)).await["custom"]["interactive"],
        json!({ "type": "button" })
    );
    let mut reaction = outgoing(Content::Reaction {
        provider_message_id: "u1".to_owned(),
        emoji: Some("👍".to_owned()),
    });
    reaction.reply_to = Some("u0".to_owned());
    let body = on_whatsapp(&reaction).await;
    assert_eq!(body["reaction"], json!({ "action": "react", "emoji": "👍" }));
    assert_eq!(body["context"], json!({ "message_uuid": "u1" }));
}

#[tokio::test]
async fn what_vonage_would_refuse_is_refused_before() {
    let mut nobody = outgoing(Content::text("x"));
    nobody.to = String::new();
    assert_refused(vonage(), &nobody).await;
    let place = Content::Location {
        latitude: 1.0,
        longitude: 1.0,
        name: None,
        address: None,
    };
    for content in [
        Content::text(" "),
        Content::text("x".repeat(3201)),
        Content::Image(file(None)),
        place,
        Content::Deleted,
    ] {
        assert_refused(vonage(), &outgoing(content)).await;
    }
    for (channel, content) in [
        ("messenger", Content::text("x".repeat(641))),
        ("messenger", Content::Image(file(Some("caption")))),
        ("viber_service", Content::Audio(file(None))),
        ("mms", Content::Sticker(file(None))),
        ("whatsapp", Content::Audio(file(Some("caption")))),
        ("whatsapp", Content::Image(Media::default())),
    ] {
        let mut account = account(vonage(), "http://127.0.0.1:1");
        through(channel)(&mut account);
        let error = vonage()
            .send(&client(), &account, &outgoing(content))
            .await
            .unwrap_err();
        assert_eq!(error.code, "invalid_message", "{channel}: {error}");
    }
}

#[tokio::test]
async fn the_usual_outcomes() {
    assert_usual(vonage()).await;
}

#[tokio::test]
async fn a_refusal_is_judged_by_its_code() {
    let body = |code: u32| {
        format!(
            r#"{{"type":"https://developer.vonage.com/api-errors/messages#{code}","title":"No","detail":"no: the-access-token","instance":"x"}}"#
        )
    };
    for (status, code, decision, token) in [
        (429, 1000, SendDecision::Retry, false),
        (422, 1030, SendDecision::Retry, false),
        (422, 1020, SendDecision::GiveUp, false),
        (402, 1060, SendDecision::GiveUp, false),
        (403, 1070, SendDecision::GiveUp, true),
        (401, 9999, SendDecision::GiveUp, true),
        (422, 9999, SendDecision::GiveUp, false),
        (500, 9999, SendDecision::Retry, false),
    ] {
        let error = failure(vonage(), status, "", &body(code)).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (decision, token),
            "{code}"
        );
        assert_eq!(error.code, code.to_string());
    }
    let plain = r#"{"type":"https://developer.nexmo.com/api-errors#unauthorized","title":"Unauthorized","detail":"You did not provide correct credentials."}"#;
    let error = failure(vonage(), 401, "", plain).await;
    assert!(error.token_rejected && error.code == "http_401");
    let unknown = failure(vonage(), 422, "", &body(9999)).await;
    assert_eq!(unknown.message, "no: …");
}

#[tokio::test]
async fn files_come_from_vonage_alone() {
    assert_files_stay_home(vonage()).await;
}

#[tokio::test]
async fn reading_is_reported_on_whatsapp_alone_and_may_be_repeated() {
    let mut provider = Provider::start(vec![answer(200, "", ""), Reply::Cut, answer(401, "", "{}")]).await;
    let mut target = account(vonage(), &provider.url());
    let error = vonage()
        .mark_read(&client(), &target, "uuid-1")
        .await
        .unwrap_err();
    assert_eq!(error.code, "not_supported");
    through("whatsapp")(&mut target);
    vonage().mark_read(&client(), &target, "uuid-1").await.unwrap();
    let request = provider.requests.recv().await.unwrap();
    assert!(request.head.starts_with("PATCH /v1/messages/uuid-1 "));
    assert_eq!(request.json(), json!({ "status": "read" }));
    let cut = vonage()
        .mark_read(&client(), &target, "uuid-1")
        .await
        .unwrap_err();
    assert_eq!(cut.decision, SendDecision::Retry);
    assert!(
        vonage()
            .mark_read(&client(), &target, "uuid-1")
            .await
            .unwrap_err()
            .token_rejected
    );
    let odd = vonage().mark_read(&client(), &target, "../x").await.unwrap_err();
    assert_eq!(odd.decision, SendDecision::GiveUp);
}

#[tokio::test]
async fn credentials_are_checked() {
    let mut provider = Provider::start(vec![answer(200, "", r#"{"value":10.5}"#), answer(401, "", "")]).await;
    let mut target = account(vonage(), &provider.url());
    let name = vonage().check_credentials(&client(), &target).await.unwrap();
    assert_eq!(name.as_deref(), Some("abcd1234"));
    assert!(
        provider
            .requests
            .recv()
            .await
            .unwrap()
            .head
            .starts_with("GET /account/get-balance ")
    );
    assert!(
        vonage()
            .check_credentials(&client(), &target)
            .await
            .unwrap_err()
            .token_rejected
    );
    target
        .secrets
        .0
        .insert("access_token".to_owned(), Secret::new("eyJh.e30.x"));
    let error = vonage().check_credentials(&client(), &target).await.unwrap_err();
    assert_eq!(error.code, "not_supported");
}

#[test]
fn an_account_says_what_is_wrong_with_it() {
    let good = account(vonage(), "https://api.nexmo.com");
    assert_eq!(vonage().check_account(&good.settings, &good.secrets), Ok(()));
    let mut bad = good.clone();
    bad.secrets.0.remove("signing_secret");
    bad.settings.provider_account_id = None;
    bad.settings.other.clear();
    for (name, value) in [("channel", "fax"), ("signature_method", "sha3")] {
        bad.settings.other.insert(name.to_owned(), value.into());
    }
    let errors = vonage().check_account(&bad.settings, &bad.secrets).unwrap_err();
    let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        named,
        [
            "secrets.signing_secret",
            "settings.channel",
            "settings.signature_method",
            "settings.api_key",
            "settings.provider_account_id",
        ]
    );
}
