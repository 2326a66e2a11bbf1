//! What goes over the wire, and what each outcome means.

use std::time::Duration;

use serde_json::json;
use switchboard_connectors::{Outgoing, SendDecision};
use switchboard_domain::{ChannelAccount, Content, Media};

use crate::{
    support::{
        Provider, account, answer, assert_files_stay_home, assert_refused, assert_usual, client, failure,
        folder, outcomes::send_text, outgoing, sent,
    },
    twilio,
};

fn fields(body: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

async fn fields_of(change: impl Fn(&mut ChannelAccount), message: &Outgoing) -> Vec<(String, String)> {
    fields(&sent(twilio(), change, message).await.body)
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_text_goes_from_our_number_with_our_credentials() {
    let request = sent(twilio(), |_| {}, &outgoing(Content::text("hé & llo"))).await;
    assert!(request.head.starts_with(
        "POST /2010-04-01/Accounts/ACf19dfb164f82b2c9d6178c6ada300000/Messages.json HTTP/1.1\r\n"
    ));
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    // ACf1…:the-access-token
    assert_eq!(
        request.header("authorization"),
        Some("Basic QUNmMTlkZmIxNjRmODJiMmM5ZDYxNzhjNmFkYTMwMDAwMDp0aGUtYWNjZXNzLXRva2Vu")
    );
    assert_eq!(
        fields(&request.body),
        pairs(&[
            ("To", "+16505551234"),
            ("Body", "hé & llo"),
            ("From", "whatsapp:+14155238886")
        ])
    );
}

#[tokio::test]
async fn settings_choose_the_sender_the_key_and_the_callback() {
    let change = |account: &mut ChannelAccount| {
        account.settings.public_base_url = Some("https://hub.example.com/".to_owned());
        let other = &mut account.settings.other;
        other.insert("messaging_service_sid".to_owned(), "MG1".into());
        other.insert("api_key_sid".to_owned(), "SK1".into());
    };
    let request = sent(twilio(), change, &outgoing(Content::text("x"))).await;
    assert_eq!(
        request.header("authorization"),
        Some("Basic U0sxOnRoZS1hY2Nlc3MtdG9rZW4=")
    );
    assert_eq!(
        fields(&request.body),
        pairs(&[
            ("To", "+16505551234"),
            ("Body", "x"),
            ("MessagingServiceSid", "MG1"),
            (
                "StatusCallback",
                "https://hub.example.com/webhooks/twilio/account-1"
            ),
        ])
    );
    let elsewhere = |account: &mut ChannelAccount| {
        account
            .settings
            .other
            .insert("status_callback".to_owned(), "https://x.example/s".into());
    };
    let fields = fields_of(elsewhere, &outgoing(Content::text("x"))).await;
    assert!(fields.contains(&("StatusCallback".to_owned(), "https://x.example/s".to_owned())));
}

#[tokio::test]
async fn attachments_places_and_templates() {
    let file = Media {
        url: Some("https://example.com/a.png".to_owned()),
        text: Some("a caption".to_owned()),
        ..Media::default()
    };
    let sent = fields_of(|_| {}, &outgoing(Content::Image(file))).await;
    assert_eq!(
        sent[1..3],
        pairs(&[("MediaUrl", "https://example.com/a.png"), ("Body", "a caption")])[..]
    );
    let mut place = outgoing(Content::Location {
        latitude: 52.5,
        longitude: 13.25,
        name: Some("Office".to_owned()),
        address: None,
    });
    assert_refused(twilio(), &place).await;
    place.to = "whatsapp:+16505551234".to_owned();
    let sent = fields_of(|_| {}, &place).await;
    assert_eq!(
        sent[1..3],
        pairs(&[("Body", "Office"), ("PersistentAction", "geo:52.5,13.25|Office")])[..]
    );
    let template = |name: &str, components| {
        outgoing(Content::Template {
            name: name.to_owned(),
            language: "en".to_owned(),
            components,
        })
    };
    let sent = fields_of(
        |_| {},
        &template("HX1", vec![json!({ "1": "Ann" }), json!({ "2": "x" })]),
    )
    .await;
    assert_eq!(
        sent[1..3],
        pairs(&[
            ("ContentSid", "HX1"),
            ("ContentVariables", r#"{"1":"Ann","2":"x"}"#)
        ])[..]
    );
    assert_refused(twilio(), &template("welcome", Vec::new())).await;
    assert_refused(twilio(), &template("HX1", vec![json!("Ann")])).await;
}

#[tokio::test]
async fn what_twilio_would_refuse_is_refused_before() {
    let mut nobody = outgoing(Content::text("x"));
    nobody.to = " ".to_owned();
    let no_url = Content::Image(Media::default());
    let odd_url = Content::Image(Media {
        url: Some("ftp://example.com/x".to_owned()),
        ..Media::default()
    });
    let note = Content::Note { text: "x".to_owned() };
    let long = Content::text("ü".repeat(1601));
    assert_refused(twilio(), &nobody).await;
    for content in [no_url, odd_url, note, long, Content::text(" "), Content::Deleted] {
        assert_refused(twilio(), &outgoing(content)).await;
    }
    sent(twilio(), |_| {}, &outgoing(Content::text("ü".repeat(1600)))).await;
}

#[tokio::test]
async fn the_usual_outcomes() {
    assert_usual(twilio()).await;
}

#[tokio::test]
async fn a_refusal_is_judged_by_its_code() {
    let body = |code: u32| {
        format!(r#"{{"code":{code},"message":"no: the-access-token","more_info":"x","status":400}}"#)
    };
    for (status, code, decision, token) in [
        (401, 20_003, SendDecision::GiveUp, true),
        (400, 21_211, SendDecision::GiveUp, false),
        (400, 21_610, SendDecision::GiveUp, false),
        (429, 20_429, SendDecision::Retry, false),
        (
            400,
            21_611,
            SendDecision::RetryAfter(Duration::from_secs(30)),
            false,
        ),
        (500, 99_999, SendDecision::Retry, false),
        (400, 99_999, SendDecision::GiveUp, false),
    ] {
        let error = failure(twilio(), status, "", &body(code)).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (decision, token),
            "{code}"
        );
        assert_eq!(error.code, code.to_string());
    }
    let stopped = failure(twilio(), 400, "", &body(21_610)).await;
    assert!(stopped.message.contains("STOP"));
    let failed = r#"{"sid":"SM1","status":"failed","error_code":30006,"error_message":"x"}"#;
    let error = failure(twilio(), 201, "", failed).await;
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "30006")
    );
}

#[tokio::test]
async fn twilios_own_example_of_a_message_is_a_receipt() {
    let body = std::fs::read_to_string(folder(
        twilio(),
        "fixtures/outbound/twilio-message-resource-1.json",
    ))
    .unwrap();
    let provider = Provider::answering(201, "", &body).await;
    let receipt = send_text(twilio(), &account(twilio(), &provider.url()))
        .await
        .unwrap();
    assert_eq!(receipt.provider_message_id, "SMXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX");
}

#[tokio::test]
async fn files_come_from_twilio_alone() {
    assert_files_stay_home(twilio()).await;
}

#[tokio::test]
async fn credentials_are_checked_and_reading_is_not_reported() {
    let named = answer(
        200,
        "",
        r#"{"sid":"AC1","friendly_name":"Acme","status":"active"}"#,
    );
    let refused = answer(401, "", r#"{"code":20003,"message":"Authenticate","status":401}"#);
    let mut provider = Provider::start(vec![named, refused]).await;
    let target = account(twilio(), &provider.url());
    let name = twilio().check_credentials(&client(), &target).await.unwrap();
    assert_eq!(name.as_deref(), Some("Acme"));
    let request = provider.requests.recv().await.unwrap();
    assert!(
        request
            .head
            .starts_with("GET /2010-04-01/Accounts/ACf19dfb164f82b2c9d6178c6ada300000.json ")
    );
    let error = twilio().check_credentials(&client(), &target).await.unwrap_err();
    assert!(error.token_rejected);
    let error = twilio().mark_read(&client(), &target, "SM1").await.unwrap_err();
    assert_eq!(error.code, "not_supported");
}

#[test]
fn an_account_says_what_is_wrong_with_it() {
    let good = account(twilio(), "https://api.twilio.com");
    assert_eq!(twilio().check_account(&good.settings, &good.secrets), Ok(()));
    let mut bad = good.clone();
    bad.secrets.0.remove("signing_secret");
    bad.settings.api_base_url = Some("ftp://x".to_owned());
    bad.settings.provider_account_id = None;
    for (name, value) in [
        ("account_sid", "../AC"),
        ("api_key_sid", "x"),
        ("messaging_service_sid", "x"),
    ] {
        bad.settings.other.insert(name.to_owned(), value.into());
    }
    let errors = twilio().check_account(&bad.settings, &bad.secrets).unwrap_err();
    let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        named,
        [
            "secrets.signing_secret",
            "settings.api_base_url",
            "settings.account_sid",
            "settings.messaging_service_sid",
            "settings.api_key_sid",
        ]
    );
}
