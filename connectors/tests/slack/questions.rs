//! What Slack asks rather than tells is answered and not kept.

use switchboard_connectors::{Acknowledgement, Handshake};

use crate::account::{account, slack, verify};

fn answer(body: &str) -> Acknowledgement {
    slack().acknowledge(&account("http://127.0.0.1:1"), &verify(body.as_bytes()).unwrap())
}

#[test]
fn a_challenge_comes_back_bare() {
    let challenge = answer(r#"{"token":"x","challenge":"3eZbrw1aB\u00e9","type":"url_verification"}"#);
    assert_eq!((challenge.body.as_str(), challenge.keep), ("3eZbrw1aBé", false));
    assert!(challenge.content_type.starts_with("text/plain"));
    for none in [
        r#"{"type":"url_verification"}"#,
        r#"{"type":"event_callback","challenge":"x","event":{"text":"url_verification"}}"#,
    ] {
        assert_eq!(answer(none), Acknowledgement::empty(), "{none}");
    }
}

#[test]
fn a_menu_that_asks_for_options_gets_none() {
    for body in [
        r#"{"type":"block_suggestion","value":"a"}"#,
        "payload=%7B%22type%22%3A%22block_suggestion%22%7D",
    ] {
        let options = answer(body);
        assert_eq!(
            (options.content_type, options.body.as_str(), options.keep),
            ("application/json", r#"{"options":[]}"#, false)
        );
    }
}

#[test]
fn a_look_at_the_certificate_is_answered_by_both_methods() {
    let posted = answer("ssl_check=1&token=x");
    assert_eq!((posted.body.as_str(), posted.keep), ("", false));
    let account = account("http://127.0.0.1:1");
    assert!(matches!(
        slack().handshake(&account, "token=x&ssl_check=1"),
        Handshake::Answer { body, .. } if body.is_empty()
    ));
    for query in ["", "ssl_check=0", "hub.challenge=1", "%"] {
        assert_eq!(
            slack().handshake(&account, query),
            Handshake::NotSupported,
            "{query}"
        );
    }
}

#[test]
fn everything_else_gets_a_bare_200_and_is_kept() {
    for body in [
        "{}",
        r#"{"type":"block_actions"}"#,
        "payload=%7B%22type%22%3A%22view_submission%22%7D",
        "command=%2Fhi&user_id=U1&trigger_id=1",
    ] {
        assert_eq!(answer(body), Acknowledgement::empty(), "{body}");
    }
}
