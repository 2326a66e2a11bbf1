//! A provider at its worst: it hangs up, drips, floods, sends pages instead of answers, or isn't there at all.

use std::time::Duration;

use switchboard_connectors::{Connector, REQUEST_TIMEOUT, SendDecision, SendError};

use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::{
    decisions::{failure, failure_at, senders, unsure},
    parties::account,
    provider::{Answer, Provider},
};

/// What the agent reads: a sentence, and nothing secret.
fn assert_tells(connector: &dyn Connector, error: &SendError, what: &str) {
    let (channel, message) = (connector.channel(), &error.message);
    let is_sentence = message.len() > 20 && message.ends_with('.');
    assert!(is_sentence, "{channel}, {what}: {message:?}");
    let shown = format!("{error} {error:?}");
    for secret in account(connector).secrets.0.values() {
        assert!(!shown.contains(secret.expose()), "{channel}, {what}: {shown}");
    }
}

async fn decides(connector: &dyn Connector, answer: Answer, expected: SendDecision, what: &str) {
    let error = failure(connector, answer).await;
    assert_eq!(error.decision, expected, "{}, {what}", connector.channel());
    assert_tells(connector, &error, what);
}

fn bytes(answer: impl Into<Vec<u8>>) -> Answer {
    Answer::Bytes(answer.into())
}

/// Once the request is out, only a complete answer tells what became of it.
#[tokio::test]
async fn an_answer_that_breaks_off_may_have_been_a_yes() {
    for connector in senders().await {
        let (status, accepts) = connector.counterpart().accepts();
        // One without content is whole when its head is.
        let status = if status == 204 { 200 } else { status };
        let half = &accepts[..accepts.len() / 2];
        let announced = accepts.len().max(10);
        let broken = [
            ("nothing", Answer::Cut),
            ("a reset", Answer::Reset),
            ("half a status line", bytes("HTTP/1.")),
            ("half a head", bytes(format!("HTTP/1.1 {status} X\r\ncontent-le"))),
            ("no HTTP", bytes("220 smtp.example.com ESMTP\r\n")),
            (
                "a head without end",
                bytes(format!("HTTP/1.1 {status} X\r\nx: {}", "x".repeat(1_000_000))),
            ),
            (
                "half a body",
                bytes(format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {announced}\r\n\r\n{half}"
                )),
            ),
            (
                "half a chunk",
                bytes(format!(
                    "HTTP/1.1 {status} X\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n{half}"
                )),
            ),
            (
                "a body without end",
                Answer::new(status, format!("{{\"a\":\"{}", "x".repeat(2_000_000))),
            ),
        ];
        for (what, answer) in broken {
            decides(connector, answer, unsure(connector), what).await;
        }
    }
}

#[tokio::test]
async fn an_error_is_a_no_however_little_of_it_comes() {
    for connector in senders().await {
        let endless = "x".repeat(2_000_000);
        for (what, answer, expected) in [
            (
                "half an error",
                bytes("HTTP/1.1 502 X\r\ncontent-length: 500\r\n\r\n<html>"),
                SendDecision::Retry,
            ),
            (
                "half a refusal",
                bytes("HTTP/1.1 400 X\r\ncontent-length: 500\r\n\r\n{\"error\":"),
                SendDecision::GiveUp,
            ),
            (
                "an endless error",
                Answer::new(500, &endless),
                SendDecision::Retry,
            ),
            (
                "a page",
                Answer::new(502, "<html><h1>Bad Gateway</h1>"),
                SendDecision::Retry,
            ),
            (
                "a broken tree",
                Answer::new(500, "{\"error\":{\"code\":"),
                SendDecision::Retry,
            ),
        ] {
            decides(connector, answer, expected, what).await;
        }
    }
}

/// An answer that leads elsewhere isn't followed: the next host mustn't get our token.
#[tokio::test]
async fn a_redirect_is_an_error_of_the_settings() {
    for connector in senders().await {
        for status in [301, 302, 307, 308] {
            let answer = Answer::Whole {
                status,
                headers: "location: http://127.0.0.1:1/elsewhere\r\n",
                body: String::new(),
            };
            decides(connector, answer, SendDecision::GiveUp, "a redirect").await;
        }
    }
}

#[tokio::test]
async fn a_date_to_retry_after_counts_from_the_answers_own() {
    for connector in senders().await {
        for status in [429, 503] {
            let answer = Answer::Whole {
                status,
                headers: "date: Sun, 06 Nov 2094 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 2094 08:50:07 GMT\r\n",
                body: "{}".to_owned(),
            };
            let wait = SendDecision::RetryAfter(Duration::from_secs(30));
            decides(connector, answer, wait, "a date").await;
            for past in [
                "retry-after: 0\r\n",
                "retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            ] {
                let answer = Answer::Whole {
                    status,
                    headers: past,
                    body: "{}".to_owned(),
                };
                decides(connector, answer, SendDecision::Retry, past).await;
            }
        }
    }
}

/// What comes before the answer proper isn't the answer.
#[tokio::test]
async fn a_provisional_answer_is_waited_out() {
    for connector in senders().await {
        let provisional = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
        let answer = bytes(format!(
            "{provisional}HTTP/1.1 429 X\r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n"
        ));
        let wait = SendDecision::RetryAfter(Duration::from_secs(9));
        decides(connector, answer, wait, "after 1xx").await;
    }
}

/// A yes in which the provider says nothing of the message that its protocol promises.
#[tokio::test]
async fn a_yes_without_content_may_have_been_one() {
    for connector in senders().await {
        if !connector.counterpart().accepts().1.trim_start().starts_with('{') {
            continue;
        }
        for answer in [
            bytes("HTTP/1.1 204 X\r\n\r\n"),
            bytes("HTTP/1.1 205 X\r\ncontent-length: 0\r\n\r\n"),
        ] {
            decides(connector, answer, unsure(connector), "no content").await;
        }
    }
}

/// Each byte comes in time, and the whole never does.
#[tokio::test]
async fn an_answer_that_drips_runs_out_of_time() {
    for connector in senders().await {
        let provider = Provider::start(Answer::Drip).await;
        let url = provider.url();
        let sending = failure_at(connector, &url);
        let watched = async {
            while provider.asked() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::pause();
            tokio::time::advance(REQUEST_TIMEOUT).await;
        };
        let (error, ()) = tokio::join!(sending, watched);
        tokio::time::resume();
        assert_eq!(
            error.decision,
            unsure(connector),
            "{}: {error}",
            connector.channel()
        );
        assert_tells(connector, &error, "a drip");
    }
}

/// Nobody there, no such name, no TLS: nothing was sent, so it may be sent again.
#[tokio::test]
async fn who_was_never_reached_has_taken_nothing() {
    for connector in senders().await {
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = plain.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = plain.accept().await.unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
        });
        for (what, url) in [
            ("a closed port", "http://127.0.0.1:1".to_owned()),
            ("no such name", "http://nowhere.invalid".to_owned()),
            ("no TLS", format!("https://{address}")),
        ] {
            let error = failure_at(connector, &url).await;
            let channel = connector.channel();
            assert_eq!(error.decision, SendDecision::Retry, "{channel}, {what}: {error}");
            assert_tells(connector, &error, what);
        }
    }
}
