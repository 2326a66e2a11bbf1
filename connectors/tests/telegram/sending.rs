//! What goes to the Bot API for each kind of content, and what its answers mean.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_connectors::SendDecision;
use switchboard_domain::{Content, Media};

use crate::{
    account::{ACCEPTED, TOKEN, account, connector},
    outcomes::{failure, outcome, outgoing, refused, send, sent},
    provider::{Provider, Reply},
};

/// Method and parameters.
async fn call(content: Content) -> (String, Value) {
    let request = sent(&outgoing(content)).await;
    let path = request.line().split(' ').nth(1).unwrap().to_owned();
    let method = path.strip_prefix(&format!("/bot{TOKEN}/")).unwrap().to_owned();
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);
    let mut body = request.body;
    assert_eq!(body["chat_id"], 1_111_111);
    body.as_object_mut().unwrap().remove("chat_id");
    (method, body)
}

fn media(id: &str) -> Media {
    Media {
        id: Some(id.to_owned()),
        ..Media::default()
    }
}

fn link(text: Option<&str>) -> Media {
    Media {
        url: Some("https://example.com/file".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    }
}

#[tokio::test]
async fn each_kind_has_its_method() {
    let voice = Media {
        voice: Some(true),
        ..media("V")
    };
    let card = json!({ "phone_number": "123", "first_name": "Ann", "last_name": "B", "user_id": 7 });
    let place = |name: Option<&str>, address: Option<&str>| Content::Location {
        latitude: 50.5,
        longitude: 6.25,
        name: name.map(str::to_owned),
        address: address.map(str::to_owned),
    };
    for (content, method, parameters) in [
        (Content::text("hello"), "sendMessage", json!({ "text": "hello" })),
        (Content::Image(media("P")), "sendPhoto", json!({ "photo": "P" })),
        (
            Content::Image(link(Some("look"))),
            "sendPhoto",
            json!({ "photo": "https://example.com/file", "caption": "look" }),
        ),
        (Content::Video(media("M")), "sendVideo", json!({ "video": "M" })),
        (Content::Audio(media("A")), "sendAudio", json!({ "audio": "A" })),
        (Content::Audio(voice), "sendVoice", json!({ "voice": "V" })),
        (
            Content::Document(media("D")),
            "sendDocument",
            json!({ "document": "D" }),
        ),
        (
            Content::Sticker(media("S")),
            "sendSticker",
            json!({ "sticker": "S" }),
        ),
        (
            place(None, None),
            "sendLocation",
            json!({ "latitude": 50.5, "longitude": 6.25 }),
        ),
        (
            place(Some("Shop"), Some("1 High St")),
            "sendVenue",
            json!({ "latitude": 50.5, "longitude": 6.25, "title": "Shop", "address": "1 High St" }),
        ),
        (
            Content::Contacts {
                text: "Ann".to_owned(),
                contacts: vec![card],
            },
            "sendContact",
            json!({ "phone_number": "123", "first_name": "Ann", "last_name": "B" }),
        ),
    ] {
        assert_eq!(call(content).await, (method.to_owned(), parameters));
    }
}

#[tokio::test]
async fn buttons_go_below_a_text_and_keep_to_the_limits() {
    let keyboard = |buttons: Value| Content::Interactive {
        text: "Choose".to_owned(),
        body: json!({ "inline_keyboard": buttons }),
    };
    let yes = json!([[{ "text": "Yes", "callback_data": "y" }]]);
    let (method, parameters) = call(keyboard(yes.clone())).await;
    assert_eq!(method, "sendMessage");
    assert_eq!(
        parameters,
        json!({ "text": "Choose", "reply_markup": { "inline_keyboard": yes } })
    );
    let named = json!({ "reply_markup": { "keyboard": [["One", { "text": "Two" }]] } });
    let (_, parameters) = call(Content::Interactive {
        text: "x".to_owned(),
        body: named.clone(),
    })
    .await;
    assert_eq!(parameters["reply_markup"], named["reply_markup"]);
    let longest = "x".repeat(64);
    call(keyboard(json!([[{ "text": "a", "callback_data": longest }]]))).await;
    for buttons in [
        json!([]),
        json!([[]]),
        json!("x"),
        json!([["plain"]]),
        json!([[{ "text": "" }]]),
        json!([[{ "text": "a", "callback_data": "é".repeat(33) }]]),
        json!([vec![json!({ "text": "a" }); 101]]),
    ] {
        refused(&outgoing(keyboard(buttons))).await;
    }
}

#[tokio::test]
async fn an_answer_quotes_what_is_in_the_same_chat() {
    let mut message = outgoing(Content::text("x"));
    message.reply_to = Some("1111111:42".to_owned());
    let quoting = json!({ "message_id": 42, "allow_sending_without_reply": true });
    assert_eq!(sent(&message).await.body["reply_parameters"], quoting);
    // A paid album's second picture is still in its message.
    message.reply_to = Some("1111111:42#1".to_owned());
    assert_eq!(sent(&message).await.body["reply_parameters"], quoting);
    for elsewhere in ["2222222:42", "4382bfdwdsb323b2d9", "1111111:x", ""] {
        message.reply_to = Some(elsewhere.to_owned());
        assert_eq!(
            sent(&message).await.body["reply_parameters"],
            Value::Null,
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn a_reaction_has_no_id_of_its_own_and_may_be_set_twice() {
    let reaction = |emoji: Option<&str>| {
        outgoing(Content::Reaction {
            provider_message_id: "1111111:42".to_owned(),
            emoji: emoji.map(str::to_owned),
        })
    };
    let mut provider = Provider::answering(200, "", r#"{"ok":true,"result":true}"#).await;
    let account = account(Some(provider.url()));
    let receipt = send(&account, &reaction(Some("👍"))).await.unwrap();
    assert_eq!(
        receipt.provider_message_id,
        "1111111:42#reaction:0123456789abcdef0123456789abcdef"
    );
    let request = provider.asked().await;
    assert!(request.line().contains("/setMessageReaction "));
    assert_eq!(request.body["message_id"], 42);
    assert_eq!(
        request.body["reaction"],
        json!([{ "type": "emoji", "emoji": "👍" }])
    );
    send(&account, &reaction(None)).await.unwrap();
    assert_eq!(provider.asked().await.body["reaction"], json!([]));
    let cut = Provider::start(Reply::Cut).await;
    let error = send(&crate::account::account(Some(cut.url())), &reaction(None))
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::Retry);
    refused(&outgoing(Content::Reaction {
        provider_message_id: "x".to_owned(),
        emoji: None,
    }))
    .await;
}

#[tokio::test]
async fn the_receipt_names_the_message_as_updates_do() {
    assert_eq!(
        outcome(200, "", ACCEPTED).await.unwrap().provider_message_id,
        "1111111:77"
    );
    let no_chat = r#"{"ok":true,"result":{"message_id":78}}"#;
    assert_eq!(
        outcome(200, "", no_chat).await.unwrap().provider_message_id,
        "1111111:78"
    );
    for body in [
        r#"{"ok":true,"result":true}"#,
        r#"{"ok":true,"result":{}}"#,
        r#"{"ok":true}"#,
        "{}",
    ] {
        assert_eq!(
            failure(200, "", body).await.decision,
            SendDecision::Uncertain,
            "{body}"
        );
    }
}

#[tokio::test]
async fn addresses_are_chats_public_names_and_business_chats() {
    let mut message = outgoing(Content::text("x"));
    message.to = "-1001234567890".to_owned();
    assert_eq!(sent(&message).await.body["chat_id"], -1_001_234_567_890_i64);
    message.to = "@channel_name".to_owned();
    assert_eq!(sent(&message).await.body["chat_id"], "@channel_name");
    message.to = "1111111@bizConn-1".to_owned();
    message.reply_to = Some("bizConn-1:1111111:42".to_owned());
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let receipt = send(&account(Some(provider.url())), &message).await.unwrap();
    assert_eq!(receipt.provider_message_id, "bizConn-1:1111111:77");
    let body = provider.asked().await.body;
    assert_eq!(body["chat_id"], 1_111_111);
    assert_eq!(body["business_connection_id"], "bizConn-1");
    assert_eq!(body["reply_parameters"]["message_id"], 42);
    for nowhere in ["Ann", "@", "12 34", "1.5"] {
        message.to = nowhere.to_owned();
        refused(&message).await;
    }
}

fn error(code: u16, description: &str) -> String {
    json!({ "ok": false, "error_code": code, "description": description }).to_string()
}

#[tokio::test]
async fn the_description_says_what_an_agent_can_do() {
    for (code, description, word) in [
        (403, "Forbidden: bot was blocked by the user", "blocked"),
        (403, "Forbidden: user is deactivated", "gone"),
        (
            403,
            "Forbidden: bot can't initiate conversation with a user",
            "write to the bot first",
        ),
        (
            403,
            "Forbidden: bot was kicked from the supergroup chat",
            "removed from the group",
        ),
        (400, "Bad Request: chat not found", "write to the bot first"),
        (400, "Bad Request: message is too long", "too long"),
        (
            400,
            "Bad Request: not enough rights to send text messages to the chat",
            "may not write",
        ),
        (
            400,
            "Bad Request: wrong file identifier/HTTP URL specified",
            "attachment",
        ),
        (400, "Bad Request: something new", "something new"),
        (
            409,
            "Conflict: terminated by other getUpdates request",
            "Conflict",
        ),
    ] {
        let error = failure(code, "", &error(code, description)).await;
        assert_eq!(error.decision, SendDecision::GiveUp, "{description}");
        assert_eq!(error.code, code.to_string());
        assert!(error.message.contains(word), "{description}: {error}");
        assert!(!error.token_rejected);
    }
    let silent = failure(400, "", r#"{"ok":false,"error_code":400}"#).await;
    assert!(silent.message.contains("no reason"), "{silent}");
    // The words count even if somebody in between made a 200 of it.
    let disguised = failure(200, "", &error(403, "Forbidden: bot was blocked by the user")).await;
    assert_eq!(
        (disguised.decision, disguised.code.as_str()),
        (SendDecision::GiveUp, "403")
    );
}

#[tokio::test]
async fn a_refused_token_is_said_to_be_one_and_never_shown() {
    for (code, description) in [
        (401, "Unauthorized".to_owned()),
        (404, "Not Found".to_owned()),
        (401, format!("Unauthorized: {TOKEN}")),
    ] {
        let error = failure(code, "", &error(code, &description)).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (SendDecision::GiveUp, true)
        );
    }
    let echoed = failure(400, "", &error(400, &format!("Bad Request: {TOKEN}"))).await;
    assert!(echoed.message.contains('…'), "{echoed}");
}

#[tokio::test]
async fn telegram_says_how_long_to_wait() {
    let flood = |secs: u64| {
        json!({ "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 35", "parameters": { "retry_after": secs } })
            .to_string()
    };
    let decision = |secs| SendDecision::RetryAfter(Duration::from_secs(secs));
    assert_eq!(failure(429, "", &flood(35)).await.decision, decision(35));
    assert_eq!(
        failure(429, "retry-after: 9\r\n", &flood(35)).await.decision,
        decision(35)
    );
    assert_eq!(failure(429, "", &flood(999_999)).await.decision, decision(3600));
    assert_eq!(
        failure(429, "retry-after: 9\r\n", &error(429, "Too Many Requests"))
            .await
            .decision,
        decision(9)
    );
    assert_eq!(
        failure(429, "", &error(429, "Too Many Requests")).await.decision,
        SendDecision::Retry
    );
    assert_eq!(
        failure(502, "", &error(502, "Bad Gateway")).await.decision,
        SendDecision::Retry
    );
}

#[tokio::test]
async fn a_group_that_moved_is_followed_once_and_remembered() {
    let moved = json!({ "ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": { "migrate_to_chat_id": -1_001_234_567_890_i64 } })
    .to_string();
    let there = r#"{"ok":true,"result":{"message_id":5,"chat":{"id":-1001234567890,"type":"supergroup"}}}"#;
    let mut provider =
        Provider::script(vec![Reply::http(400, "", &moved), Reply::http(200, "", there)]).await;
    let mut message = outgoing(Content::text("x"));
    message.to = "-99".to_owned();
    message.reply_to = Some("-99:7".to_owned());
    let receipt = send(&account(Some(provider.url())), &message).await.unwrap();
    assert_eq!(receipt.provider_message_id, "-1001234567890:5");
    assert_eq!(receipt.contact_address.as_deref(), Some("-1001234567890"));
    assert_eq!(provider.asked().await.body["chat_id"], -99);
    let second = provider.asked().await.body;
    assert_eq!(second["chat_id"], -1_001_234_567_890_i64);
    assert_eq!(
        second["reply_parameters"],
        Value::Null,
        "messages have other numbers there"
    );
    // Never in circles.
    let mut endless = Provider::answering(400, "", &moved).await;
    let error = send(&account(Some(endless.url())), &message).await.unwrap_err();
    assert_eq!(error.decision, SendDecision::GiveUp);
    endless.asked().await;
    endless.asked().await;
    assert!(endless.is_quiet());
}

#[tokio::test]
async fn lengths_are_counted_as_telegram_counts() {
    sent(&outgoing(Content::text("ä".repeat(4096)))).await;
    sent(&outgoing(Content::text("😀".repeat(2048)))).await;
    sent(&outgoing(Content::Image(link(Some(&"ä".repeat(1024)))))).await;
    for content in [
        Content::text("ä".repeat(4097)),
        Content::text("😀".repeat(2049)),
        Content::Image(link(Some(&"ä".repeat(1025)))),
        Content::Image(Media {
            url: Some("file:///etc/passwd".to_owned()),
            ..Media::default()
        }),
        Content::Sticker(Media {
            text: Some("words".to_owned()),
            ..media("S")
        }),
        Content::Contacts {
            text: "x".to_owned(),
            contacts: vec![json!({ "first_name": "Ann" })],
        },
    ] {
        refused(&outgoing(content)).await;
    }
}

#[tokio::test]
async fn settings_that_cannot_work_are_named() {
    let mut account = account(None);
    for (name, value, field) in [
        ("signing_secret", "has spaces", "secrets.signing_secret"),
        ("signing_secret", &"x".repeat(257), "secrets.signing_secret"),
        ("access_token", "123/../456", "secrets.access_token"),
    ] {
        let mut secrets = account.secrets.clone();
        secrets
            .0
            .insert(name.to_owned(), switchboard_domain::Secret::new(value));
        let errors = connector()
            .check_account(&account.settings, &secrets)
            .unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].field, field);
    }
    let traversal = switchboard_domain::Secret::new("123/../456");
    account.secrets.0.insert("access_token".to_owned(), traversal);
    let error = send(&account, &outgoing(Content::text("x"))).await.unwrap_err();
    assert_eq!(error.code, "channel_settings");
}
