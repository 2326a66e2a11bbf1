//! What goes over the wire for each kind of content, and what is refused before it does.

use serde_json::{Value, json};
use switchboard_connectors::{Outgoing, Receipt, SendDecision, SendError, http_client};
use switchboard_domain::{ChannelAccount, Content, Media, MessageId};

use crate::{
    account::{TOKEN, account, whatsapp},
    provider::{Provider, Request},
};

pub const ACCEPTED: &str = r#"{"messaging_product":"whatsapp","contacts":[{"input":"16505551234","wa_id":"16505551234"}],"messages":[{"id":"wamid.sent"}]}"#;

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: "16505551234".to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

pub async fn send(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    whatsapp().send(&client(), account, outgoing).await
}

async fn sent(outgoing: &Outgoing) -> Request {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let receipt = send(&account(Some(provider.url())), outgoing).await.unwrap();
    assert_eq!(receipt.provider_message_id, "wamid.sent");
    provider.requests.recv().await.unwrap()
}

async fn body_of(content: Content) -> Value {
    sent(&outgoing(content)).await.body
}

/// The refusal of something that must not even be tried: the account points nowhere.
async fn refused(outgoing: &Outgoing) -> SendError {
    let error = send(&account(Some("http://127.0.0.1:1".to_owned())), outgoing)
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::GiveUp, "{error}");
    assert_eq!(error.code, "invalid_message", "{error}");
    error
}

fn picture(text: Option<&str>) -> Media {
    Media {
        id: Some("1013859600285441".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_text_goes_to_the_number_with_our_id_and_our_token() {
    let request = sent(&outgoing(Content::text("see https://example.com"))).await;
    assert!(
        request
            .head
            .starts_with("POST /v23.0/106540352242922/messages HTTP/1.1\r\n")
    );
    assert!(
        request
            .head
            .to_lowercase()
            .contains(&format!("authorization: bearer {}", TOKEN.to_lowercase()))
    );
    assert_eq!(
        request.body,
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "16505551234", "type": "text",
            "text": { "body": "see https://example.com", "preview_url": true },
            "biz_opaque_callback_data": "0123456789abcdef0123456789abcdef",
        })
    );
}

#[tokio::test]
async fn settings_choose_version_and_number() {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let mut account = account(Some(format!("{}/proxy/", provider.url())));
    account.settings.provider_account_id = None;
    account
        .settings
        .other
        .insert("graph_version".to_owned(), "v25.0".into());
    send(&account, &outgoing(Content::text("x"))).await.unwrap();
    let request = provider.requests.recv().await.unwrap();
    assert!(
        request.head.starts_with("POST /proxy/v25.0/wa-test/messages "),
        "{}",
        request.head
    );
}

#[tokio::test]
async fn an_answer_quotes_and_a_reaction_does_not() {
    let mut quoting = outgoing(Content::text("x"));
    quoting.reply_to = Some("wamid.quoted".to_owned());
    assert_eq!(
        sent(&quoting).await.body["context"],
        json!({ "message_id": "wamid.quoted" })
    );
    quoting.content = Content::Reaction {
        provider_message_id: "wamid.0".to_owned(),
        emoji: None,
    };
    let body = sent(&quoting).await.body;
    assert_eq!(body["reaction"], json!({ "message_id": "wamid.0", "emoji": "" }));
    assert!(body.get("context").is_none());
}

#[tokio::test]
async fn user_ids_and_groups_are_addressed_as_such() {
    let mut message = outgoing(Content::text("x"));
    message.to = "US.13491208655302741918".to_owned();
    let body = sent(&message).await.body;
    assert_eq!(
        (&body["recipient"], body.get("to")),
        (&json!("US.13491208655302741918"), None)
    );
    message.to = "120363418770915618@g.us".to_owned();
    let body = sent(&message).await.body;
    assert_eq!(
        (&body["to"], &body["recipient_type"]),
        (&json!("120363418770915618@g.us"), &json!("group"))
    );
}

#[tokio::test]
async fn attachments_go_by_id_or_by_link() {
    let image = body_of(Content::Image(picture(Some("a caption")))).await;
    assert_eq!(
        image["image"],
        json!({ "id": "1013859600285441", "caption": "a caption" })
    );
    let document = Media {
        url: Some("https://example.com/a.pdf".to_owned()),
        file_name: Some("a.pdf".to_owned()),
        ..Media::default()
    };
    assert_eq!(
        body_of(Content::Document(document)).await["document"],
        json!({ "link": "https://example.com/a.pdf", "filename": "a.pdf" })
    );
    for (content, kind) in [
        (Content::Audio(picture(None)), "audio"),
        (Content::Video(picture(None)), "video"),
        (Content::Sticker(picture(None)), "sticker"),
    ] {
        let body = body_of(content).await;
        assert_eq!(
            (&body["type"], &body[kind]),
            (&json!(kind), &json!({ "id": "1013859600285441" }))
        );
    }
}

#[tokio::test]
async fn the_other_kinds_in_whatsapps_form() {
    let location = Content::Location {
        latitude: 52.5,
        longitude: 13.4,
        name: Some("Berlin".to_owned()),
        address: None,
    };
    assert_eq!(
        body_of(location).await["location"],
        json!({ "latitude": 52.5, "longitude": 13.4, "name": "Berlin" })
    );
    let card = json!({ "name": { "formatted_name": "Ann", "first_name": "Ann" } });
    let contacts = Content::Contacts {
        text: "Ann".to_owned(),
        contacts: vec![card.clone()],
    };
    assert_eq!(body_of(contacts).await["contacts"], json!([card]));
    let components = vec![json!({ "type": "body", "parameters": [{ "type": "text", "text": "Ann" }] })];
    let template = Content::Template {
        name: "hello".to_owned(),
        language: "en_US".to_owned(),
        components: components.clone(),
    };
    assert_eq!(
        body_of(template).await["template"],
        json!({ "name": "hello", "language": { "code": "en_US" }, "components": components })
    );
    let action = json!({ "buttons": [{ "type": "reply", "reply": { "id": "yes", "title": "Yes" } }] });
    let interactive = Content::Interactive {
        text: "Shall we?".to_owned(),
        body: json!({ "type": "button", "action": action }),
    };
    assert_eq!(
        body_of(interactive).await["interactive"],
        json!({ "type": "button", "body": { "text": "Shall we?" }, "action": action })
    );
}

#[tokio::test]
async fn what_whatsapp_would_refuse_is_refused_here() {
    let long = |count: usize| "ä".repeat(count);
    sent(&outgoing(Content::text(long(4096)))).await;
    sent(&outgoing(Content::Image(picture(Some(&long(1024)))))).await;
    for content in [
        Content::text(long(4097)),
        Content::text(" \n"),
        Content::Image(picture(Some(&long(1025)))),
        Content::Audio(picture(Some("words"))),
        Content::Image(Media::default()),
        Content::Image(Media {
            url: Some("file:///etc/passwd".to_owned()),
            ..Media::default()
        }),
        Content::Location {
            latitude: f64::NAN,
            longitude: 0.0,
            name: None,
            address: None,
        },
        Content::Template {
            name: String::new(),
            language: "en".to_owned(),
            components: Vec::new(),
        },
        Content::Contacts {
            text: String::new(),
            contacts: Vec::new(),
        },
        Content::Note {
            text: "internal".to_owned(),
        },
        Content::Deleted,
    ] {
        refused(&outgoing(content)).await;
    }
    let mut nowhere = outgoing(Content::text("x"));
    nowhere.to = " ".to_owned();
    refused(&nowhere).await;
}

#[tokio::test]
async fn buttons_and_lists_keep_to_the_limits() {
    let interactive = |form: Value| {
        outgoing(Content::Interactive {
            text: "Choose".to_owned(),
            body: form,
        })
    };
    let button = |id: &str, title: &str| json!({ "type": "reply", "reply": { "id": id, "title": title } });
    let buttons = |list: Vec<Value>| interactive(json!({ "type": "button", "action": { "buttons": list } }));
    let row = |id: usize, title: &str| json!({ "id": id.to_string(), "title": title });
    let rows = |list: Vec<Value>| {
        interactive(json!({ "type": "list", "action": { "button": "Open", "sections": [{ "rows": list }] } }))
    };
    sent(&buttons(vec![
        button("1", "Twenty characters ok"),
        button("2", "b"),
        button("3", "c"),
    ]))
    .await;
    sent(&rows((0..10).map(|n| row(n, "row")).collect())).await;
    let two_sections = json!([{ "rows": [row(1, "a")] }, { "title": "B", "rows": [row(2, "b")] }]);
    for message in [
        buttons(Vec::new()),
        buttons(vec![
            button("1", "a"),
            button("2", "b"),
            button("3", "c"),
            button("4", "d"),
        ]),
        buttons(vec![button("1", "Twenty-one characters")]),
        buttons(vec![button("1", "")]),
        buttons(vec![button("1", "a"), button("1", "b")]),
        rows(Vec::new()),
        rows((0..11).map(|n| row(n, "row")).collect()),
        rows(vec![row(1, "This title has 25 letters")]),
        interactive(json!({ "type": "list", "action": { "sections": [{ "rows": [row(1, "a")] }] } })),
        interactive(json!({ "type": "list", "action": { "button": "Open", "sections": two_sections } })),
        interactive(json!({ "type": "flow", "header": { "text": "h".repeat(61) } })),
        interactive(json!({ "type": "flow", "body": { "text": "b".repeat(1025) } })),
        interactive(json!({ "action": {} })),
        interactive(json!("button")),
    ] {
        refused(&message).await;
    }
}
