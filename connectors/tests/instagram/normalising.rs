//! What only Instagram has: stories, shared posts, reads by message, and disappearing pictures.

use serde_json::{Value, json};
use switchboard_connectors::{Event, Inbound, InboundMessage};
use switchboard_domain::{Content, Media, MessageStatus, Timestamp};

use crate::account::normalise;

fn event(members: &Value) -> Event {
    let mut item = json!({ "sender": { "id": "9" }, "recipient": { "id": "17841452691600098" }, "timestamp": 1_749_416_383_123_i64 });
    for (name, value) in members.as_object().unwrap() {
        item[name] = value.clone();
    }
    let body = json!({ "object": "instagram", "entry": [{ "id": "17841452691600098", "time": 1_749_416_383_999_i64, "messaging": [item] }] });
    let inbound = normalise(body.to_string().as_bytes());
    match <[Inbound; 1]>::try_from(inbound) {
        Ok(
            [
                Inbound {
                    provider_account_id,
                    event,
                },
            ],
        ) => {
            assert_eq!(provider_account_id.as_deref(), Some("17841452691600098"));
            event
        }
        other => panic!("not one event: {other:?}"),
    }
}

fn message(message: &Value) -> InboundMessage {
    match event(&json!({ "message": message })) {
        Event::Message(message) => message,
        other => panic!("not a message: {other:?}"),
    }
}

fn shared(kind: &str) -> Value {
    json!({ "mid": "m", "attachments": [{ "type": kind, "payload": { "url": "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1" } }] })
}

fn file(text: Option<&str>) -> Media {
    Media {
        url: Some("https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    }
}

/// Instagram's own heart, which comes with nothing to fetch.
#[test]
fn a_heart_is_a_heart() {
    let bare = json!({ "mid": "m", "attachments": [{ "type": "like_heart" }] });
    assert_eq!(message(&bare).content, Content::text("❤️"));
    assert_eq!(
        message(&shared("like_heart")).content,
        Content::Sticker(file(None))
    );
}

#[test]
fn stories_and_posts_are_files_with_a_word_about_them() {
    for (kind, text) in [
        ("story_mention", "Mentioned us in their story."),
        ("share", "Shared a post."),
        ("ig_post", "Shared a post."),
        ("ig_story", "Shared a post."),
    ] {
        assert_eq!(
            message(&shared(kind)).content,
            Content::Document(file(Some(text))),
            "{kind}"
        );
    }
    assert_eq!(message(&shared("ig_reel")).content, Content::Video(file(None)));
    assert_eq!(
        message(&shared("like_heart")).content,
        Content::Sticker(file(None))
    );
}

#[test]
fn an_answer_to_a_story_has_the_story_beside_it() {
    let story = json!({ "id": "17854360229135492", "url": "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1" });
    let answer = message(&json!({ "mid": "m", "text": "Nice!", "reply_to": { "story": story } }));
    assert_eq!(answer.content, Content::text("Nice!"));
    assert_eq!(
        (answer.reply_to, answer.referral),
        (None, Some(json!({ "story": story })))
    );
    let inline = message(&json!({ "mid": "m", "text": "Yes", "reply_to": { "mid": "m0" } }));
    assert_eq!((inline.reply_to.as_deref(), inline.referral), (Some("m0"), None));
}

#[test]
fn what_cannot_be_shown_is_said_to_be_there() {
    for (content, kind) in [
        (json!({ "mid": "m", "is_unsupported": true }), "message"),
        (
            json!({ "mid": "m", "attachments": [{ "type": "ephemeral" }] }),
            "ephemeral",
        ),
        (shared("unsupported_type"), "unsupported_type"),
    ] {
        let kind = kind.to_owned();
        assert_eq!(message(&content).content, Content::Unsupported { kind });
    }
}

#[test]
fn a_read_names_its_message() {
    let Event::Status(status) = event(&json!({ "read": { "mid": "m" } })) else {
        panic!("not a status");
    };
    assert_eq!(
        (status.provider_message_id.as_str(), status.status),
        ("m", MessageStatus::Read)
    );
    assert_eq!(status.provider_at, Timestamp::from_millis(1_749_416_383_123));
}

#[test]
fn an_unsent_message_is_deleted() {
    let unsent = event(&json!({ "message": { "mid": "m", "is_deleted": true } }));
    assert!(matches!(unsent, Event::Deleted { provider_message_id, .. } if provider_message_id == "m"));
}

#[test]
fn what_our_account_wrote_is_an_echo_to_the_customer() {
    let echo = event(
        &json!({ "sender": { "id": "17841452691600098" }, "recipient": { "id": "9" },
        "message": { "mid": "m", "text": "Hello", "is_echo": true } }),
    );
    assert!(matches!(echo, Event::Echo(echo) if echo.recipient.external_id == "9"));
}

#[test]
fn comments_and_mentions_are_kept() {
    let change = json!({ "field": "mentions", "value": { "media_id": "1", "comment_id": "2" } });
    let body = json!({ "object": "instagram", "entry": [{ "id": "1", "time": 1, "changes": [change] }] });
    let events = normalise(body.to_string().as_bytes());
    assert!(matches!(&events[0].event, Event::Unsupported { kind, .. } if kind == "mentions"));
}
