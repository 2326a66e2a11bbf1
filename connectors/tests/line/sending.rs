//! What goes to the Messaging API for each kind of content, and what its answers mean.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_connectors::SendDecision;
use switchboard_domain::{ChannelAccount, Content, Media, MessageId};

use crate::{
    account::{ACCEPTED, CONTACT, TOKEN, account, connector},
    outcomes::{failure, outcome, outgoing, refused, send, sent},
    provider::{Provider, Reply},
};

fn link(text: Option<&str>) -> Media {
    Media {
        url: Some("https://example.com/file".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    }
}

async fn messages(content: Content) -> Value {
    let mut body = sent(&outgoing(content)).await.body;
    assert_eq!(body["to"], CONTACT);
    body["messages"].take()
}

#[tokio::test]
async fn a_text_is_pushed_under_a_key_of_its_own() {
    let hello = outgoing(Content::text("hello"));
    let request = sent(&hello).await;
    assert_eq!(request.line(), "POST /v2/bot/message/push HTTP/1.1");
    assert_eq!(
        request.header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!(
        request.body,
        json!({ "to": CONTACT, "messages": [{ "type": "text", "text": "hello" }] })
    );
    let key = request.header("x-line-retry-key").unwrap().to_owned();
    assert_eq!(key.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert_eq!(
        sent(&hello).await.header("x-line-retry-key"),
        Some(key.as_str()),
        "the same when sent again"
    );
    let mut other = hello.clone();
    other.message_id = MessageId::from("another");
    assert_ne!(sent(&other).await.header("x-line-retry-key"), Some(key.as_str()));
}

#[tokio::test]
async fn each_kind_has_its_form() {
    let url = "https://example.com/file";
    let place = |name: Option<&str>, address: Option<&str>| Content::Location {
        latitude: 50.5,
        longitude: 6.25,
        name: name.map(str::to_owned),
        address: address.map(str::to_owned),
    };
    let sticker = Media {
        id: Some("446/1988".to_owned()),
        ..Media::default()
    };
    let picture = json!({ "type": "image", "originalContentUrl": url, "previewImageUrl": url });
    for (content, messages_expected) in [
        (Content::Image(link(None)), json!([picture])),
        (
            Content::Image(link(Some("look"))),
            json!([picture, { "type": "text", "text": "look" }]),
        ),
        (
            Content::Audio(link(None)),
            json!([{ "type": "audio", "originalContentUrl": url, "duration": 60000 }]),
        ),
        (
            Content::Sticker(sticker),
            json!([{ "type": "sticker", "packageId": "446", "stickerId": "1988" }]),
        ),
        (
            place(Some("Shop"), Some("1 High St")),
            json!([{ "type": "location", "title": "Shop", "address": "1 High St", "latitude": 50.5, "longitude": 6.25 }]),
        ),
        (
            place(None, None),
            json!([{ "type": "location", "title": "50.5, 6.25", "address": "50.5, 6.25", "latitude": 50.5, "longitude": 6.25 }]),
        ),
    ] {
        assert_eq!(messages(content).await, messages_expected);
    }
}

fn with_preview(url: &str, provider: &Provider) -> ChannelAccount {
    let mut account = account(Some(provider.url()));
    account
        .settings
        .other
        .insert("video_preview_url".to_owned(), url.into());
    account
}

#[tokio::test]
async fn a_video_needs_a_picture_to_stand_for_it() {
    let video = outgoing(Content::Video(link(None)));
    let error = refused(&video).await;
    assert!(error.message.contains("preview"), "{error}");
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    send(&with_preview("https://example.com/p.jpg", &provider), &video)
        .await
        .unwrap();
    let body = provider.asked().await.body;
    assert_eq!(
        body["messages"][0]["previewImageUrl"],
        "https://example.com/p.jpg"
    );
    let plain = with_preview("http://example.com/p.jpg", &provider);
    assert!(send(&plain, &video).await.is_err());
    let errors = connector()
        .check_account(&plain.settings, &plain.secrets)
        .unwrap_err();
    assert_eq!(errors[0].field, "settings.video_preview_url");
}

#[tokio::test]
async fn forms_of_lines_own_are_passed_on_within_its_limits() {
    let interactive = |body: Value| {
        outgoing(Content::Interactive {
            text: "Choose".to_owned(),
            body,
        })
    };
    let action = |label: &str| json!({ "type": "postback", "label": label, "data": "d" });
    let quick = |count: usize| json!({ "quickReply": { "items": vec![json!({ "type": "action", "action": action("a") }); count] } });
    let body = sent(&interactive(quick(13))).await.body;
    assert_eq!(body["messages"][0]["type"], "text");
    assert_eq!(body["messages"][0]["text"], "Choose");
    assert_eq!(body["messages"][0]["quickReply"], quick(13)["quickReply"]);
    let buttons = |count: usize| json!({ "type": "template", "template": { "type": "buttons", "text": "x", "actions": vec![action("a"); count] } });
    let body = sent(&interactive(buttons(4))).await.body;
    assert_eq!(body["messages"][0]["altText"], "Choose");
    let flex = json!({ "type": "flex", "altText": "Own words", "contents": { "type": "bubble" } });
    assert_eq!(sent(&interactive(flex.clone())).await.body["messages"][0], flex);
    let words = json!({ "type": "text", "quickReply": quick(1)["quickReply"] });
    assert_eq!(
        sent(&interactive(words)).await.body["messages"][0]["text"],
        "Choose"
    );
    let confirm = json!({ "type": "template", "template": { "type": "confirm", "text": "x", "actions": vec![action("a"); 3] } });
    let long = json!({ "quickReply": { "items": [{ "action": action("Twenty-one characters") }] } });
    let columns =
        json!({ "type": "template", "template": { "type": "carousel", "columns": vec![json!({}); 11] } });
    for form in [
        quick(0),
        quick(14),
        buttons(0),
        buttons(5),
        confirm,
        long,
        columns,
        json!({ "type": "hologram" }),
        json!({ "type": "template", "template": {} }),
        json!({ "quickReply": { "items": [{}] } }),
    ] {
        refused(&interactive(form)).await;
    }
    let wordless = Content::Interactive {
        text: String::new(),
        body: json!({ "type": "flex", "contents": {} }),
    };
    refused(&outgoing(wordless)).await;
}

#[tokio::test]
async fn what_line_would_refuse_is_refused_here() {
    sent(&outgoing(Content::text("ä".repeat(5000)))).await;
    let place = |name: String| Content::Location {
        latitude: 1.0,
        longitude: 1.0,
        name: Some(name),
        address: None,
    };
    sent(&outgoing(place("n".repeat(100)))).await;
    for content in [
        Content::text("ä".repeat(5001)),
        Content::text("😀".repeat(2501)),
        place("n".repeat(101)),
        Content::Document(link(None)),
        Content::Image(Media {
            id: Some("325708".to_owned()),
            ..Media::default()
        }),
        Content::Image(Media {
            url: Some("http://example.com/plain".to_owned()),
            ..Media::default()
        }),
        Content::Image(link(Some(&"x".repeat(5001)))),
        Content::Sticker(Media {
            id: Some("446".to_owned()),
            ..Media::default()
        }),
        Content::Sticker(Media {
            id: Some("446/a".to_owned()),
            ..Media::default()
        }),
        Content::Reaction {
            provider_message_id: "1".to_owned(),
            emoji: None,
        },
    ] {
        refused(&outgoing(content)).await;
    }
}

#[tokio::test]
async fn what_was_taken_before_is_taken() {
    let again =
        r#"{"message":"The retry key is already accepted","sentMessages":[{"id":"461230966842064897"}]}"#;
    let receipt = outcome(409, "x-line-accepted-request-id: first-1\r\n", again)
        .await
        .unwrap();
    assert_eq!(receipt.provider_message_id, "461230966842064897");
    let bare = r#"{"message":"The retry key is already accepted"}"#;
    let receipt = outcome(409, "x-line-accepted-request-id: first-1\r\n", bare)
        .await
        .unwrap();
    assert_eq!(receipt.provider_message_id, "first-1");
    // Without a sign that it was accepted it may still be on its way.
    let busy = failure(409, "", r#"{"message":"Conflict"}"#).await;
    assert_eq!(
        (busy.decision, busy.code.as_str()),
        (SendDecision::Retry, "http_409")
    );
}

#[tokio::test]
async fn the_receipt_names_the_message() {
    assert_eq!(
        outcome(200, "", ACCEPTED).await.unwrap().provider_message_id,
        "461230966842064897"
    );
    let two = r#"{"sentMessages":[{"id":"1"},{"id":"2"}]}"#;
    assert_eq!(outcome(200, "", two).await.unwrap().provider_message_id, "1");
    let by_request = outcome(200, "x-line-request-id: r-1\r\n", "{}").await.unwrap();
    assert_eq!(by_request.provider_message_id, "r-1");
    assert_eq!(failure(200, "", "{}").await.decision, SendDecision::Retry);
    assert_eq!(
        failure(200, "x-line-request-id: r-1\r\n", "<html>")
            .await
            .decision,
        SendDecision::Retry
    );
}

/// The key makes it safe, and whoever waits must not be told otherwise.
#[tokio::test]
async fn a_lost_answer_is_no_uncertainty() {
    assert!(connector().capabilities().idempotent_send);
    let mut provider = Provider::script(vec![Reply::Cut, Reply::http(200, "", ACCEPTED)]).await;
    let account = account(Some(provider.url()));
    let message = outgoing(Content::text("x"));
    let lost = send(&account, &message).await.unwrap_err();
    assert_eq!(lost.decision, SendDecision::Retry);
    assert!(!lost.message.contains("may or may not"), "{lost}");
    send(&account, &message).await.unwrap();
    let (first, second) = (provider.asked().await, provider.asked().await);
    assert_eq!(
        first.header("x-line-retry-key"),
        second.header("x-line-retry-key")
    );
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let invalid = r#"{"message":"The request body has 1 error(s)","details":[{"message":"May not be empty","property":"messages[0].text"}]}"#;
    let error = failure(400, "", invalid).await;
    assert_eq!(error.decision, SendDecision::GiveUp);
    assert!(error.message.contains("messages[0].text"), "{error}");
    let error = failure(
        400,
        "",
        r#"{"message":"The property, 'to', in the request body is invalid (line: -, column: -)"}"#,
    )
    .await;
    assert!(error.message.contains("'to'"), "{error}");
    let error = failure(
        403,
        "",
        r#"{"message":"Access to this API is not available for your account"}"#,
    )
    .await;
    assert_eq!(
        (error.decision, error.token_rejected),
        (SendDecision::GiveUp, false)
    );
    let refused = failure(
        401,
        "",
        &format!("{{\"message\":\"Authentication failed: {TOKEN}\"}}"),
    )
    .await;
    assert_eq!(
        (refused.decision, refused.token_rejected),
        (SendDecision::GiveUp, true)
    );
    let echoed = failure(400, "", &format!("{{\"message\":\"Odd: {TOKEN}\"}}")).await;
    assert!(echoed.message.contains('…'));
    for odd in [
        r#"{"message":7}"#,
        r#"{"message":"x","details":"y"}"#,
        r#"{"details":[7,{"message":[]}]}"#,
    ] {
        assert_eq!(
            failure(400, "", odd).await.decision,
            SendDecision::GiveUp,
            "{odd}"
        );
    }
}

#[tokio::test]
async fn a_used_up_month_is_final_and_a_rush_is_not() {
    let month = failure(429, "", r#"{"message":"You have reached your monthly limit."}"#).await;
    assert_eq!(
        (month.decision, month.code.as_str()),
        (SendDecision::GiveUp, "monthly_limit")
    );
    let rush = r#"{"message":"The API rate limit has been exceeded. Try again later."}"#;
    assert_eq!(failure(429, "", rush).await.decision, SendDecision::Retry);
    let wait = failure(429, "retry-after: 3\r\n", rush).await;
    assert_eq!(wait.decision, SendDecision::RetryAfter(Duration::from_secs(3)));
    assert_eq!(
        failure(500, "", r#"{"message":"Internal server error"}"#)
            .await
            .decision,
        SendDecision::Retry
    );
}
