//! Secrets stay where they are: not in errors, not in what is stored, not at other hosts.

use std::fmt::Write as _;

use serde_json::json;
use switchboard_connectors::{Connector, SendError, all};
use switchboard_domain::{ChannelAccount, Media};

use crate::{
    decisions::{accepting, outgoing},
    parties::{account, account_at, now, signed},
    provider::{Answer, Provider, client},
};

fn assert_tells_none(account: &ChannelAccount, text: &str) {
    for (name, secret) in &account.secrets.0 {
        assert!(
            !text.contains(secret.expose()),
            "{}: {name} is in: {text}",
            account.key.channel
        );
    }
}

/// Providers do repeat a bad token in their error's text, each in a place of its own.
fn repeating(heard: &str, account: &ChannelAccount) -> [String; 2] {
    let mut said = String::from("Malformed:");
    for secret in account
        .secrets
        .0
        .values()
        .filter(|secret| heard.contains(secret.expose()))
    {
        let _ = write!(said, " {}", secret.expose());
    }
    let fields = json!({
        "ok": false, "success": false, "status": "error", "status_message": said, "message": said, "Message": said,
        "text": said, "title": said, "detail": said, "details": said, "description": said, "error_description": said,
        "reason": said, "type": said, "more_info": said,
        "errors": [{ "message": said, "description": said, "title": said, "detail": said, "code": 999_999 }],
        "requestError": { "serviceException": { "messageId": said, "text": said } },
    });
    let mut with_object = fields.clone();
    with_object["error"] =
        json!({ "message": said, "description": said, "code": 999_999, "error_user_msg": said });
    let mut with_words = fields;
    with_words["error"] = said.into();
    with_words["code"] = 999_999.into();
    [with_object.to_string(), with_words.to_string()]
}

/// Every call that asks the provider, and what it said when that failed.
async fn errors(connector: &dyn Connector, account: &ChannelAccount) -> Vec<SendError> {
    let (http, names) = client();
    let media = Media {
        id: Some("file-1".to_owned()),
        ..Media::default()
    };
    let outcomes = [
        connector.send(&http, account, &outgoing(connector)).await.err(),
        connector.mark_read(&http, account, "message-1").await.err(),
        connector.fetch_media(&http, account, &media).await.err(),
        connector.check_credentials(&http, account).await.err(),
    ];
    assert_eq!(
        names.asked(),
        [""; 0],
        "{}: only api_base_url is asked",
        connector.channel()
    );
    outcomes.into_iter().flatten().collect()
}

#[tokio::test]
async fn no_error_tells_a_secret() {
    for connector in all() {
        let provider = Provider::start(accepting(connector)).await;
        let account = account_at(connector, &provider.url());
        errors(connector, &account).await;
        let mut answers = vec![Answer::Cut, accepting(connector)];
        for body in repeating(&provider.heard(), &account) {
            answers.extend([200, 400, 401, 403, 429, 500].map(|status| Answer::new(status, body.clone())));
        }
        for answer in answers {
            let provider = Provider::start(answer).await;
            let account = account_at(connector, &provider.url());
            for error in errors(connector, &account).await {
                assert_tells_none(&account, &format!("{error} {error:?}"));
            }
        }
    }
}

#[test]
fn what_is_stored_tells_no_secret() {
    for connector in all() {
        let account = account(connector);
        let request = signed(connector, &account);
        let stored = connector.verify(&account, request, now()).unwrap().to_stored();
        assert_tells_none(&account, &String::from_utf8_lossy(&stored.body));
        for (name, value) in &stored.headers {
            assert_tells_none(&account, &format!("{name}: {value}"));
        }
    }
}

#[test]
fn no_refusal_tells_a_secret() {
    for connector in all() {
        let good = account(connector);
        let mut request = signed(connector, &good);
        request.body = bytes::Bytes::from_static(b"{\"a\":");
        let verdict = connector.verify(&good, request, now());
        assert_tells_none(&good, &format!("{verdict:?}"));
    }
}

/// The address of a file comes with a message, so anybody may have chosen it.
#[tokio::test]
async fn files_are_not_fetched_from_anywhere() {
    for connector in all() {
        let provider = Provider::start(accepting(connector)).await;
        let account = account_at(connector, &provider.url());
        let (http, names) = client();
        for url in [
            "https://files.attacker.example/x",
            "http://localhost.attacker.example/x",
            "file:///etc/passwd",
            "https://127.0.0.1:1@files.attacker.example/x",
        ] {
            let media = Media {
                url: Some(url.to_owned()),
                ..Media::default()
            };
            let fetched = connector.fetch_media(&http, &account, &media).await;
            assert!(fetched.is_err(), "{}: {url}", connector.channel());
            assert_eq!(names.asked(), [""; 0], "{}: {url}", connector.channel());
        }
    }
}
