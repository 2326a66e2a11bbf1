//! Files of ours: X keeps them first, and until the message itself goes out all may be done again.

use serde_json::{Value, json};
use switchboard_connectors::{Outgoing, SendDecision, Upload};
use switchboard_domain::{Content, Media};

use crate::{
    account::{TOKEN, account},
    script::{Script, Scripted},
    wire::{ACCEPTED, outgoing, send},
};

const MESSAGES: &str = "/2/dm_conversations/with/3001969357/messages";
const KEPT: &str = r#"{"data":{"id":"1880028106020515840","media_key":"3_1880028106020515840","size":4}}"#;
const PICTURE: Script = &[("/2/media/upload", 200, KEPT), (MESSAGES, 201, ACCEPTED)];

fn with_file(mime_type: &str, length: usize) -> Outgoing {
    let media = Media {
        text: Some("look".to_owned()),
        ..Media::default()
    };
    let content = if mime_type.starts_with("video/") {
        Content::Video(media)
    } else {
        Content::Image(media)
    };
    Outgoing {
        files: vec![Upload {
            file_name: "a.bin".to_owned(),
            mime_type: mime_type.to_owned(),
            bytes: vec![b'x'; length].into(),
        }],
        ..outgoing(content)
    }
}

fn lines(calls: &[(String, String)]) -> Vec<&str> {
    let lines = calls.iter().filter_map(|(head, _)| head.lines().next());
    lines.map(|line| line.trim_end_matches(" HTTP/1.1")).collect()
}

#[tokio::test]
async fn a_picture_goes_in_one_piece_before_its_message() {
    let x = Scripted::start(PICTURE).await;
    let receipt = send(&account(&x.origin), &with_file("image/png", 4))
        .await
        .unwrap();
    assert_eq!(receipt.provider_message_id, "1582103724607971332");
    let calls = x.calls();
    assert_eq!(
        lines(&calls),
        ["POST /2/media/upload", &format!("POST {MESSAGES}")]
    );
    let (head, form) = &calls[0];
    assert!(head.contains(&format!("authorization: Bearer {TOKEN}")));
    for part in [
        "name=\"media_category\"\r\n\r\ndm_image",
        "name=\"media\"",
        "image/png",
        "xxxx",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    let message: Value = serde_json::from_str(&calls[1].1).unwrap();
    assert_eq!(
        message,
        json!({ "attachments": [{ "media_id": "1880028106020515840" }], "text": "look" })
    );
}

#[tokio::test]
async fn a_film_goes_in_pieces_and_is_waited_for() {
    const FILM: Script = &[
        ("/2/media/upload/initialize", 200, KEPT),
        ("/2/media/upload/1880028106020515840/append", 204, ""),
        (
            "/2/media/upload/1880028106020515840/finalize",
            200,
            r#"{"data":{"id":"1880028106020515840","processing_info":{"state":"pending","check_after_secs":0}}}"#,
        ),
        (
            "/2/media/upload",
            200,
            r#"{"data":{"id":"1880028106020515840","processing_info":{"state":"succeeded","progress_percent":100}}}"#,
        ),
        (MESSAGES, 201, ACCEPTED),
    ];
    let x = Scripted::start(FILM).await;
    let length = 4 * 1024 * 1024 + 1;
    send(&account(&x.origin), &with_file("video/mp4", length))
        .await
        .unwrap();
    let calls = x.calls();
    assert_eq!(
        lines(&calls),
        [
            "POST /2/media/upload/initialize",
            "POST /2/media/upload/1880028106020515840/append",
            "POST /2/media/upload/1880028106020515840/append",
            "POST /2/media/upload/1880028106020515840/finalize",
            "GET /2/media/upload?command=STATUS&media_id=1880028106020515840",
            &format!("POST {MESSAGES}"),
        ]
    );
    let announced: Value = serde_json::from_str(&calls[0].1).unwrap();
    assert_eq!(
        announced,
        json!({ "media_type": "video/mp4", "media_category": "dm_video", "total_bytes": length })
    );
    for (nth, (_, form)) in calls[1..3].iter().enumerate() {
        let numbered = format!("name=\"segment_index\"\r\n\r\n{nth}\r\n");
        assert!(form.contains(&numbered), "{numbered}: {form:.200}");
    }
}

#[tokio::test]
async fn until_the_message_goes_out_all_may_be_done_again() {
    const BUSY: Script = &[("/2/media/upload", 503, "")];
    const NONSENSE: Script = &[("/2/media/upload", 200, "<html>")];
    const REFUSED: Script = &[(
        "/2/media/upload",
        400,
        r#"{"title":"Invalid Request","detail":"no such media type"}"#,
    )];
    const NO_TOKEN: Script = &[("/2/media/upload", 401, "")];
    const UNREAD: Script = &[PICTURE[0], (MESSAGES, 201, "<html>")];
    for (script, decision) in [
        (BUSY, SendDecision::Retry),
        (NONSENSE, SendDecision::Retry),
        (REFUSED, SendDecision::GiveUp),
        (NO_TOKEN, SendDecision::GiveUp),
        (UNREAD, SendDecision::Uncertain),
    ] {
        let x = Scripted::start(script).await;
        let error = send(&account(&x.origin), &with_file("image/png", 4))
            .await
            .unwrap_err();
        assert_eq!(error.decision, decision, "{error}");
    }
    let error = send(&account("http://127.0.0.1:1"), &with_file("application/pdf", 4))
        .await
        .unwrap_err();
    assert_eq!(error.code, "invalid_message");
}

#[tokio::test]
async fn a_film_that_x_cannot_use_is_not_sent() {
    const BROKEN: Script = &[
        ("/2/media/upload/initialize", 200, KEPT),
        ("/2/media/upload/1880028106020515840/append", 200, "{}"),
        (
            "/2/media/upload/1880028106020515840/finalize",
            200,
            r#"{"data":{"id":"1880028106020515840","processing_info":{"state":"failed","error":{"code":1,"message":"InvalidMedia"}}}}"#,
        ),
    ];
    let x = Scripted::start(BROKEN).await;
    let error = send(&account(&x.origin), &with_file("video/mp4", 4))
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::GiveUp, "{error}");
    assert_eq!(x.calls().len(), 3);
}
