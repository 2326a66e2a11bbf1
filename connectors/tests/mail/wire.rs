//! What goes over the wire for a letter, and what is refused before it does.

use serde_json::{Value, json};
use switchboard_connectors::{Outgoing, Receipt, SendDecision, SendError, Thread, Upload, find, http_client};
use switchboard_domain::{Channel, ChannelAccount, Content, Email, Media, MessageId};

use crate::{
    account::{CHANNELS, account, nowhere},
    provider::{Provider, Request},
};

pub const OWN_ID: &str = "0123456789abcdef0123456789abcdef";

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from(OWN_ID),
        to: "ann@customer.example".to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

pub fn answer() -> Outgoing {
    Outgoing {
        thread: Some(Thread {
            subject: Some("Your order\r\nBcc: all@example.com".to_owned()),
            message_id: Some("2@customer.example".to_owned()),
            references: vec!["1@customer.example".to_owned(), "bad>\r\nX: y".to_owned()],
        }),
        ..outgoing(Content::text("Yes."))
    }
}

pub async fn send(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    find(account.key.channel).send(&client(), account, outgoing).await
}

/// The request, and the id that came back for it.
async fn sent(channel: Channel, outgoing: &Outgoing) -> (Request, String) {
    let (status, body) = find(channel).counterpart().accepts();
    let mut provider = Provider::answering(status, "x-message-id: abc_-\r\n", body).await;
    let mut account = account(channel, &provider.url());
    account
        .settings
        .other
        .insert("plus_address".to_owned(), true.into());
    let receipt = send(&account, outgoing).await.unwrap();
    (
        provider.requests.recv().await.unwrap(),
        receipt.provider_message_id,
    )
}

/// The fields of Mailgun's form.
pub fn fields(request: &Request) -> Vec<(String, String)> {
    let parts = request
        .body
        .split("Content-Disposition: form-data; name=\"")
        .skip(1);
    let field = |part: &str| {
        let (name, rest) = part.split_once('"').unwrap();
        let (_, value) = rest.split_once("\r\n\r\n").unwrap();
        (name.to_owned(), value.rsplit_once("\r\n--").unwrap().0.to_owned())
    };
    parts.map(field).collect()
}

#[tokio::test]
async fn to_mailgun() {
    let (request, id) = sent(Channel::Mailgun, &answer()).await;
    assert!(
        request
            .head
            .starts_with("POST /v3/mg.example.com/messages HTTP/1.1\r\n"),
        "{}",
        request.head
    );
    assert!(
        request
            .head
            .contains("authorization: Basic YXBpOmtleS10aGUtYXBpLWtleQ=="),
        "{}",
        request.head
    );
    assert_eq!(id, "20260801120000.1.0123456789ABCDEF@mg.example.com");
    let expected = [
        ("from", "Example Support <support@mg.example.com>"),
        ("to", "ann@customer.example"),
        ("subject", "Re: Your order  Bcc: all@example.com"),
        ("text", "Yes."),
        (
            "h:Message-Id",
            "<0123456789abcdef0123456789abcdef@mg.example.com>",
        ),
        ("v:hub_message_id", OWN_ID),
        (
            "h:Reply-To",
            "Example Support <support+0123456789abcdef0123456789abcdef@mg.example.com>",
        ),
        ("h:In-Reply-To", "<2@customer.example>"),
        ("h:References", "<1@customer.example> <2@customer.example>"),
    ];
    let found = fields(&request);
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0.as_str(), found.1.as_str()), expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[tokio::test]
async fn to_sendgrid() {
    let (request, id) = sent(Channel::Sendgrid, &answer()).await;
    assert!(request.head.starts_with("POST /v3/mail/send HTTP/1.1\r\n"));
    assert!(request.head.contains("authorization: Bearer SG.the-api-key"));
    assert_eq!(id, "abc_-");
    assert_eq!(
        request.json(),
        json!({
            "personalizations": [{ "to": [{ "email": "ann@customer.example" }], "custom_args": { "hub_message_id": OWN_ID } }],
            "from": { "email": "support@example.com", "name": "Example Support" },
            "reply_to": { "email": "support+0123456789abcdef0123456789abcdef@example.com", "name": "Example Support" },
            "subject": "Re: Your order  Bcc: all@example.com",
            "content": [{ "type": "text/plain", "value": "Yes." }],
            "headers": { "In-Reply-To": "<2@customer.example>", "References": "<1@customer.example> <2@customer.example>" },
        })
    );
}

#[tokio::test]
async fn to_postmark() {
    let (request, id) = sent(Channel::Postmark, &answer()).await;
    assert!(request.head.starts_with("POST /email HTTP/1.1\r\n"));
    assert!(request.head.contains("x-postmark-server-token: the-server-token"));
    assert_eq!(id, "0a129aee-e1cd-480d-b08d-4f48548ff48d");
    assert_eq!(
        request.json(),
        json!({
            "From": "Example Support <support@example.com>",
            "To": "ann@customer.example",
            "ReplyTo": "Example Support <support+0123456789abcdef0123456789abcdef@example.com>",
            "Subject": "Re: Your order  Bcc: all@example.com",
            "TextBody": "Yes.",
            "MessageStream": "outbound",
            "Headers": [
                { "Name": "In-Reply-To", "Value": "<2@customer.example>" },
                { "Name": "References", "Value": "<1@customer.example> <2@customer.example>" },
            ],
            "Metadata": { "hub_message_id": OWN_ID },
        })
    );
}

#[tokio::test]
async fn a_letter_may_have_a_subject_html_and_links() {
    let letter = Email {
        subject: "Hello".to_owned(),
        text: "Hi".to_owned(),
        html: Some("<p>Hi</p><script>x</script>".to_owned()),
        ..Email::default()
    };
    let body = sent(Channel::Postmark, &outgoing(Content::Email(letter)))
        .await
        .0
        .json();
    assert_eq!(
        (&body["Subject"], &body["HtmlBody"]),
        (&json!("Hello"), &json!("<p>Hi</p>"))
    );
    let file = Media {
        url: Some("https://files.example/a.pdf".to_owned()),
        file_name: Some("a.pdf".to_owned()),
        text: Some("The invoice".to_owned()),
        ..Media::default()
    };
    let body = sent(Channel::Postmark, &outgoing(Content::Document(file)))
        .await
        .0
        .json();
    assert_eq!(
        body["TextBody"],
        json!("The invoice\n\na.pdf: https://files.example/a.pdf")
    );
    assert_eq!(body["Subject"], json!("Message from Example Support"));
    assert_eq!(body["Headers"], json!([]));
}

#[tokio::test]
async fn an_answer_to_an_answer_has_one_re() {
    for (subject, expected) in [
        ("Re: x", "Re: x"),
        ("AW: x", "AW: x"),
        ("Reg: x", "Re: Reg: x"),
        ("x", "Re: x"),
    ] {
        let mut outgoing = answer();
        outgoing.thread.as_mut().unwrap().subject = Some(subject.to_owned());
        let body: Value = sent(Channel::Postmark, &outgoing).await.0.json();
        assert_eq!(body["Subject"], json!(expected));
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_tried() {
    let file = |url: Option<&str>| {
        Content::Image(Media {
            id: Some("1".to_owned()),
            url: url.map(str::to_owned),
            ..Media::default()
        })
    };
    for channel in CHANNELS {
        for content in [
            Content::text(" "),
            Content::text("a".repeat(500_001)),
            file(None),
            file(Some("ftp://x")),
            Content::Deleted,
            Content::Email(Email::default()),
            Content::Reaction {
                provider_message_id: "1".to_owned(),
                emoji: None,
            },
        ] {
            let error = send(&nowhere(channel), &outgoing(content)).await.unwrap_err();
            assert_eq!(
                (error.decision, error.code.as_str()),
                (SendDecision::GiveUp, "invalid_message"),
                "{error}"
            );
        }
        for to in [
            "",
            "ann",
            "ann@",
            "a@x.example, b@x.example",
            "a@x.example\r\nBcc: b@x.example",
            "<a@x.example>",
        ] {
            let letter = Outgoing {
                to: to.to_owned(),
                ..outgoing(Content::text("x"))
            };
            let error = send(&nowhere(channel), &letter).await.unwrap_err();
            assert_eq!(error.code, "invalid_message", "{to}: {error}");
        }
        let mut nobody = nowhere(channel);
        nobody.settings.other.clear();
        nobody.settings.provider_account_id = None;
        let error = send(&nobody, &outgoing(Content::text("x"))).await.unwrap_err();
        assert_eq!(error.code, "channel_settings");
        let mut keyless = nowhere(channel);
        keyless.secrets.0.remove("access_token");
        let error = send(&keyless, &outgoing(Content::text("x"))).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "channel_settings")
        );
        let error = find(channel)
            .mark_read(&client(), &nowhere(channel), "1")
            .await
            .unwrap_err();
        assert_eq!(error.code, "not_supported");
    }
}

fn with_file() -> Outgoing {
    let media = Media {
        file_name: Some("Grüße.pdf".to_owned()),
        ..Media::default()
    };
    Outgoing {
        files: vec![Upload {
            file_name: "Grüße.pdf".to_owned(),
            mime_type: "application/pdf".to_owned(),
            bytes: b"%PDF-1.7".as_slice().into(),
        }],
        ..outgoing(Content::Document(media))
    }
}

#[tokio::test]
async fn files_of_ours_go_within_the_letter() {
    let (request, _) = sent(Channel::Postmark, &with_file()).await;
    let letter = request.json();
    assert_eq!(
        letter["Attachments"],
        json!([{ "Name": "Grüße.pdf", "Content": "JVBERi0xLjc=", "ContentType": "application/pdf" }])
    );
    assert_eq!(
        letter["TextBody"], "Grüße.pdf",
        "no provider takes a letter without words"
    );
    let (request, _) = sent(Channel::Sendgrid, &with_file()).await;
    assert_eq!(
        request.json()["attachments"],
        json!([{ "content": "JVBERi0xLjc=", "type": "application/pdf", "filename": "Grüße.pdf", "disposition": "attachment" }])
    );
    let (request, _) = sent(Channel::Mailgun, &with_file()).await;
    let part = request.body.split("name=\"attachment\"").nth(1).unwrap();
    assert!(
        part.contains("application/pdf") && part.contains("\r\n\r\n%PDF-1.7\r\n"),
        "{part}"
    );
}
