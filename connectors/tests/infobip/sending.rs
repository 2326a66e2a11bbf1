//! What goes over the wire, and what each outcome means.

use serde_json::json;
use switchboard_connectors::SendDecision;
use switchboard_domain::{ChannelAccount, Content, Media};

use crate::{
    infobip,
    support::{
        Provider, Reply, account, answer, assert_files_stay_home, assert_refused, assert_usual, client,
        failure, outgoing, sent,
    },
};

const OURS: &str = "0123456789abcdef0123456789abcdef";

fn on_whatsapp(account: &mut ChannelAccount) {
    account
        .settings
        .other
        .insert("channel".to_owned(), "whatsapp".into());
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
async fn an_sms_goes_with_our_id_and_our_key() {
    let with_reports = |account: &mut ChannelAccount| {
        account.settings.public_base_url = Some("https://hub.example.com".to_owned());
    };
    let request = sent(infobip(), with_reports, &outgoing(Content::text("hello"))).await;
    assert!(request.head.starts_with("POST /sms/3/messages HTTP/1.1\r\n"));
    assert_eq!(request.header("authorization"), Some("App the-access-token"));
    assert_eq!(
        request.json(),
        json!({ "messages": [{
            "sender": "385921004026",
            "destinations": [{ "to": "16505551234", "messageId": OURS }],
            "content": { "text": "hello" },
            "webhooks": { "callbackData": OURS, "delivery": {
                "url": "https://hub.example.com/webhooks/infobip/account-1", "contentType": "application/json" } },
        }] })
    );
    let request = sent(infobip(), |_| {}, &outgoing(Content::text("hello"))).await;
    assert_eq!(
        request.json()["messages"][0]["webhooks"],
        json!({ "callbackData": OURS })
    );
}

/// Infobip knows four kinds of credentials.
#[tokio::test]
async fn a_credential_goes_by_its_kind() {
    for (kind, header) in [
        ("app", "App the-access-token"),
        ("bearer", "Bearer the-access-token"),
        ("ibsso", "IBSSO the-access-token"),
        ("basic", "Basic dGhlLWFjY2Vzcy10b2tlbg=="),
    ] {
        let of_kind = |account: &mut ChannelAccount| {
            account
                .settings
                .other
                .insert("token_type".to_owned(), kind.into());
        };
        let request = sent(infobip(), of_kind, &outgoing(Content::text("hello"))).await;
        assert_eq!(request.header("authorization"), Some(header));
    }
    let mut unknown = account(infobip(), "http://127.0.0.1:1");
    unknown
        .settings
        .other
        .insert("token_type".to_owned(), "magic".into());
    let faults = infobip()
        .check_account(&unknown.settings, &unknown.secrets)
        .unwrap_err();
    assert_eq!(faults[0].field, "settings.token_type");
}

#[tokio::test]
async fn whatsapp_has_an_address_for_each_kind() {
    let place = Content::Location {
        latitude: 52.5,
        longitude: 13.25,
        name: Some("HQ".to_owned()),
        address: None,
    };
    let url = "https://example.com/a.pdf";
    for (content, kind, body) in [
        (Content::text("hello"), "text", json!({ "text": "hello" })),
        (
            Content::Image(file(Some("c"))),
            "image",
            json!({ "mediaUrl": url, "caption": "c" }),
        ),
        (Content::Video(file(None)), "video", json!({ "mediaUrl": url })),
        (
            Content::Document(file(None)),
            "document",
            json!({ "mediaUrl": url, "filename": "a.pdf" }),
        ),
        (Content::Audio(file(None)), "audio", json!({ "mediaUrl": url })),
        (
            Content::Sticker(file(None)),
            "sticker",
            json!({ "mediaUrl": url }),
        ),
        (
            place,
            "location",
            json!({ "latitude": 52.5, "longitude": 13.25, "name": "HQ" }),
        ),
    ] {
        let request = sent(infobip(), on_whatsapp, &outgoing(content)).await;
        assert!(
            request
                .head
                .starts_with(&format!("POST /whatsapp/1/message/{kind} ")),
            "{}",
            request.head
        );
        assert_eq!(
            request.json(),
            json!({ "from": "385921004026", "to": "16505551234", "messageId": OURS, "callbackData": OURS, "content": body })
        );
    }
    let template = Content::Template {
        name: "welcome".to_owned(),
        language: "en".to_owned(),
        components: vec![json!({ "body": { "placeholders": ["Ann"] } })],
    };
    let request = sent(infobip(), on_whatsapp, &outgoing(template)).await;
    assert_eq!(
        request.json()["messages"][0]["content"],
        json!({ "templateName": "welcome", "language": "en", "templateData": { "body": { "placeholders": ["Ann"] } } })
    );
}

#[tokio::test]
async fn what_infobip_would_refuse_is_refused_before() {
    let mut nobody = outgoing(Content::text("x"));
    nobody.to = String::new();
    assert_refused(infobip(), &nobody).await;
    for content in [
        Content::text(" "),
        Content::text("x".repeat(1601)),
        Content::Image(file(None)),
        Content::Deleted,
    ] {
        assert_refused(infobip(), &outgoing(content)).await;
    }
    let mut target = account(infobip(), "http://127.0.0.1:1");
    on_whatsapp(&mut target);
    for content in [
        Content::Audio(file(Some("c"))),
        Content::Image(Media::default()),
        Content::Deleted,
    ] {
        let error = infobip()
            .send(&client(), &target, &outgoing(content))
            .await
            .unwrap_err();
        assert_eq!(error.code, "invalid_message");
    }
}

#[tokio::test]
async fn the_usual_outcomes() {
    assert_usual(infobip()).await;
}

#[tokio::test]
async fn a_refusal_says_why_in_either_form() {
    let older =
        r#"{"requestError":{"serviceException":{"messageId":"BAD_REQUEST","text":"no: the-access-token"}}}"#;
    let error = failure(infobip(), 400, "", older).await;
    assert_eq!(
        (error.code.as_str(), error.decision),
        ("BAD_REQUEST", SendDecision::GiveUp)
    );
    assert_eq!(error.message, "Infobip refused the message: no: …");
    let newer = r#"{"errorCode":"E400","description":"Request cannot be processed.","action":"x","violations":[],"resources":[]}"#;
    assert_eq!(failure(infobip(), 400, "", newer).await.code, "E400");
    let unauthorised = r#"{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}"#;
    let error = failure(infobip(), 401, "", unauthorised).await;
    assert!(error.token_rejected && error.code == "UNAUTHORIZED");
    assert_eq!(
        failure(infobip(), 500, "", newer).await.decision,
        SendDecision::Retry
    );
}

#[tokio::test]
async fn a_message_may_be_rejected_in_a_yes() {
    let body = |group: &str, name: &str| {
        format!(
            r#"{{"messages":[{{"messageId":"1","status":{{"groupId":5,"groupName":"{group}","id":12,"name":"{name}","description":"why"}}}}]}}"#
        )
    };
    for (group, name, decision) in [
        ("REJECTED", "REJECTED_NOT_ENOUGH_CREDITS", SendDecision::GiveUp),
        ("REJECTED", "REJECTED_DESTINATION", SendDecision::GiveUp),
        (
            "UNDELIVERABLE",
            "UNDELIVERABLE_NOT_DELIVERED",
            SendDecision::GiveUp,
        ),
        ("REJECTED", "REJECTED_SYSTEM_ERROR", SendDecision::Retry),
    ] {
        let error = failure(infobip(), 200, "", &body(group, name)).await;
        assert_eq!((error.decision, error.code.as_str()), (decision, name));
    }
}

#[tokio::test]
async fn files_come_from_infobip_alone() {
    assert_files_stay_home(infobip()).await;
}

#[tokio::test]
async fn reading_is_reported_on_whatsapp_alone_and_may_be_repeated() {
    let mut provider = Provider::start(vec![answer(200, "", ""), Reply::Cut, answer(401, "", "{}")]).await;
    let mut target = account(infobip(), &provider.url());
    assert_eq!(
        infobip()
            .mark_read(&client(), &target, "m1")
            .await
            .unwrap_err()
            .code,
        "not_supported"
    );
    on_whatsapp(&mut target);
    infobip().mark_read(&client(), &target, "m/1").await.unwrap();
    let request = provider.requests.recv().await.unwrap();
    assert!(
        request
            .head
            .starts_with("POST /whatsapp/1/senders/385921004026/message/m%2F1/read "),
        "{}",
        request.head
    );
    let cut = infobip().mark_read(&client(), &target, "m1").await.unwrap_err();
    assert_eq!(cut.decision, SendDecision::Retry);
    assert!(
        infobip()
            .mark_read(&client(), &target, "m1")
            .await
            .unwrap_err()
            .token_rejected
    );
}

#[tokio::test]
async fn credentials_are_checked() {
    let mut provider = Provider::start(vec![
        answer(200, "", r#"{"balance":1,"currency":"EUR"}"#),
        answer(401, "", ""),
    ])
    .await;
    let target = account(infobip(), &provider.url());
    assert_eq!(infobip().check_credentials(&client(), &target).await, Ok(None));
    assert!(
        provider
            .requests
            .recv()
            .await
            .unwrap()
            .head
            .starts_with("GET /account/1/balance ")
    );
    assert!(
        infobip()
            .check_credentials(&client(), &target)
            .await
            .unwrap_err()
            .token_rejected
    );
}

#[test]
fn an_account_says_what_is_wrong_with_it() {
    let good = account(infobip(), "https://x.api.infobip.com");
    assert_eq!(infobip().check_account(&good.settings, &good.secrets), Ok(()));
    let mut bad = good.clone();
    bad.secrets.0.remove("signing_secret");
    bad.settings.provider_account_id = None;
    bad.settings.other.clear();
    bad.settings.other.insert("channel".to_owned(), "fax".into());
    let errors = infobip().check_account(&bad.settings, &bad.secrets).unwrap_err();
    let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        named,
        [
            "secrets.signing_secret",
            "settings.username",
            "settings.channel",
            "settings.provider_account_id"
        ]
    );
}
