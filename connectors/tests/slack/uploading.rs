//! Files of ours: three calls in order, and nothing is lost or doubled when one of them fails.

use crate::{
    account::{TOKEN, account},
    script::{Script, Scripted},
    wire::{outgoing, send},
};
use serde_json::Value;
use switchboard_connectors::{Outgoing, SendDecision, Upload};
use switchboard_domain::{Content, Media};

const WELL: Script = &[
    (
        "/api/conversations.open",
        200,
        r#"{"ok":true,"channel":{"id":"D7"}}"#,
    ),
    (
        "/api/files.getUploadURLExternal",
        200,
        r#"{"ok":true,"upload_url":"{origin}/up/1","file_id":"F1"}"#,
    ),
    ("/up/1", 200, "OK - 4"),
    (
        "/api/files.completeUploadExternal",
        200,
        r#"{"ok":true,"files":[{"id":"F1","title":"a.pdf"}]}"#,
    ),
];

fn letter(to: &str) -> Outgoing {
    let media = Media {
        text: Some("see <this>".into()),
        file_name: Some("a.pdf".into()),
        ..Media::default()
    };
    Outgoing {
        to: to.to_owned(),
        files: vec![Upload {
            file_name: "a.pdf".into(),
            mime_type: "application/pdf".into(),
            bytes: b"%PDF".as_slice().into(),
        }],
        ..outgoing(Content::Document(media))
    }
}

#[tokio::test]
async fn a_file_is_announced_handed_over_and_shared() {
    let slack = Scripted::start(WELL).await;
    let receipt = send(&account(&slack.origin), &letter("C1:4.0")).await.unwrap();
    assert_eq!(receipt.provider_message_id, "file:F1");
    assert_eq!(receipt.contact_address, None);
    let calls = slack.calls();
    assert!(
        calls[0]
            .0
            .starts_with("GET /api/files.getUploadURLExternal?filename=a.pdf&length=4 ")
    );
    assert!(calls[0].0.contains(&format!("authorization: Bearer {TOKEN}")));
    assert!(calls[1].0.starts_with("POST /up/1 "));
    assert!(!calls[1].0.contains(TOKEN), "the URL itself is the permission");
    assert_eq!(calls[1].1, "%PDF");
    let shared: Value = serde_json::from_str(&calls[2].1).unwrap();
    assert_eq!(
        shared,
        serde_json::json!({ "files": [{ "id": "F1", "title": "a.pdf" }], "channel_id": "C1", "thread_ts": "4.0",
            "initial_comment": "see &lt;this&gt;" })
    );
}

#[tokio::test]
async fn a_person_gets_it_in_the_direct_channel() {
    let slack = Scripted::start(WELL).await;
    let receipt = send(&account(&slack.origin), &letter("U7")).await.unwrap();
    assert_eq!(receipt.contact_address.as_deref(), Some("D7"));
    let shared: Value = serde_json::from_str(&slack.calls()[3].1).unwrap();
    assert_eq!(shared["channel_id"], "D7");
}

#[tokio::test]
async fn the_bytes_go_to_slack_or_nowhere() {
    const ELSEWHERE: Script = &[(
        "/api/files.getUploadURLExternal",
        200,
        r#"{"ok":true,"upload_url":"https://files.slack.com.evil.net/up","file_id":"F1"}"#,
    )];
    let slack = Scripted::start(ELSEWHERE).await;
    let error = send(&account(&slack.origin), &letter("C1")).await.unwrap_err();
    assert_eq!(error.decision, SendDecision::GiveUp);
    assert_eq!(slack.calls().len(), 1);
}

#[tokio::test]
async fn until_it_is_shared_it_may_be_tried_again() {
    const BUSY: Script = &[
        (
            "/api/files.getUploadURLExternal",
            200,
            r#"{"ok":true,"upload_url":"{origin}/up/1","file_id":"F1"}"#,
        ),
        ("/up/1", 503, ""),
    ];
    const NONSENSE: Script = &[("/api/files.getUploadURLExternal", 200, "<html>")];
    const SCOPE: Script = &[(
        "/api/files.getUploadURLExternal",
        200,
        r#"{"ok":false,"error":"missing_scope"}"#,
    )];
    const UNREAD: Script = &[
        WELL[0],
        WELL[1],
        WELL[2],
        ("/api/files.completeUploadExternal", 200, "<html>"),
    ];
    for (script, decision) in [
        (BUSY, SendDecision::Retry),
        (NONSENSE, SendDecision::Retry),
        (SCOPE, SendDecision::GiveUp),
        (UNREAD, SendDecision::Uncertain),
    ] {
        let slack = Scripted::start(script).await;
        let error = send(&account(&slack.origin), &letter("C1")).await.unwrap_err();
        assert_eq!(error.decision, decision, "{error}");
    }
}
