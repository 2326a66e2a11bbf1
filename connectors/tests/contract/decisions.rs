//! What each answer to a send means: taken, not taken, or nobody knows.

use std::time::Duration;

use switchboard_connectors::{Connector, Outgoing, Receipt, SendDecision, SendError, all};
use switchboard_domain::{Content, MessageId};
use tokio::net::TcpListener;

use crate::{
    parties::{account_at, message},
    provider::{Answer, Provider, client},
};

pub fn outgoing(connector: &dyn Connector) -> Outgoing {
    // Who can't send needs nobody to send to.
    let to = if connector.capabilities().can_send {
        message(connector).sender.reply_address().to_owned()
    } else {
        "nobody".to_owned()
    };
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to,
        content: Content::text("An answer"),
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

pub fn accepting(connector: &dyn Connector) -> Answer {
    let (status, body) = connector.counterpart().accepts();
    Answer::new(status, body)
}

async fn send_to(connector: &dyn Connector, api_base_url: &str) -> Result<Receipt, SendError> {
    let (http, names) = client();
    let account = account_at(connector, api_base_url);
    let outcome = connector.send(&http, &account, &outgoing(connector)).await;
    assert_eq!(
        names.asked(),
        [""; 0],
        "{}: only api_base_url is asked",
        connector.channel()
    );
    outcome
}

async fn outcome(connector: &dyn Connector, answer: Answer) -> (Result<Receipt, SendError>, usize) {
    let provider = Provider::start(answer).await;
    let outcome = send_to(connector, &provider.url()).await;
    (outcome, provider.asked())
}

/// Those that hand messages over to a provider; a channel of our own may have none to ask.
pub async fn senders() -> Vec<&'static dyn Connector> {
    let mut senders = Vec::new();
    for connector in all().filter(|connector| connector.capabilities().can_send) {
        if outcome(connector, accepting(connector)).await.1 > 0 {
            senders.push(connector);
        }
    }
    assert!(!senders.is_empty());
    senders
}

/// The error of the one request that an attempt is.
pub async fn failure(connector: &dyn Connector, answer: Answer) -> SendError {
    let (outcome, asked) = outcome(connector, answer).await;
    assert_eq!(asked, 1, "{}: one attempt, one request", connector.channel());
    match outcome {
        Err(error) => error,
        Ok(receipt) => panic!("{}: taken: {receipt:?}", connector.channel()),
    }
}

/// The error of a provider that isn't there.
pub async fn failure_at(connector: &dyn Connector, api_base_url: &str) -> SendError {
    let account = account_at(connector, api_base_url);
    let sent = connector.send(&client().0, &account, &outgoing(connector)).await;
    sent.unwrap_err()
}

async fn decision(connector: &dyn Connector, answer: Answer) -> SendDecision {
    failure(connector, answer).await.decision
}

/// For what may have been taken: a provider that recognises a repetition may be asked again.
pub fn unsure(connector: &dyn Connector) -> SendDecision {
    if connector.capabilities().idempotent_send {
        SendDecision::Retry
    } else {
        SendDecision::Uncertain
    }
}

#[tokio::test]
async fn an_accepted_message_has_a_receipt() {
    for connector in all().filter(|connector| connector.capabilities().can_send) {
        let (outcome, _) = outcome(connector, accepting(connector)).await;
        let receipt = outcome.unwrap();
        assert!(!receipt.provider_message_id.is_empty(), "{}", connector.channel());
    }
}

/// Longer ones are split by what the capabilities say, so it has to be what the connector lets through.
#[tokio::test]
async fn a_text_as_long_as_the_channel_says_is_handed_over() {
    const FACE: &str = "😀";
    for connector in senders().await {
        let capabilities = connector.capabilities();
        let faces = capabilities.max_text / capabilities.text_unit.count(FACE);
        let provider = Provider::start(accepting(connector)).await;
        let outgoing = Outgoing {
            content: Content::text(FACE.repeat(faces)),
            ..outgoing(connector)
        };
        let account = account_at(connector, &provider.url());
        let sent = connector.send(&client().0, &account, &outgoing).await;
        assert!(sent.is_ok(), "{}: {sent:?}", connector.channel());
    }
}

#[tokio::test]
async fn a_channel_that_cannot_send_says_so_and_asks_nobody() {
    for connector in all().filter(|connector| !connector.capabilities().can_send) {
        let (outcome, asked) = outcome(connector, accepting(connector)).await;
        let error = outcome.unwrap_err();
        assert_eq!(
            (error.decision, asked),
            (SendDecision::GiveUp, 0),
            "{}",
            connector.channel()
        );
        assert!(!error.message.is_empty());
    }
}

#[tokio::test]
async fn a_refusal_is_final() {
    for connector in senders().await {
        for (status, body) in [
            (400, "{}"),
            (400, "<html>"),
            (403, ""),
            (404, "null"),
            (422, "[]"),
        ] {
            let decision = decision(connector, Answer::new(status, body)).await;
            assert_eq!(
                decision,
                SendDecision::GiveUp,
                "{}: {status} {body}",
                connector.channel()
            );
        }
    }
}

#[tokio::test]
async fn a_refused_token_marks_the_account() {
    for connector in senders().await {
        for body in ["", "{}", "<html>"] {
            let (outcome, _) = outcome(connector, Answer::new(401, body)).await;
            let error = outcome.unwrap_err();
            let found = (error.decision, error.token_rejected);
            assert_eq!(
                found,
                (SendDecision::GiveUp, true),
                "{}: {body}",
                connector.channel()
            );
        }
    }
}

#[tokio::test]
async fn a_busy_provider_is_asked_again_when_it_says() {
    for connector in senders().await {
        for status in [429, 503] {
            let answer = Answer::Whole {
                status,
                headers: "retry-after: 17\r\n",
                body: "{}".to_owned(),
            };
            let wait = SendDecision::RetryAfter(Duration::from_secs(17));
            assert_eq!(
                decision(connector, answer).await,
                wait,
                "{}: {status}",
                connector.channel()
            );
        }
    }
}

#[tokio::test]
async fn a_fault_of_the_provider_is_tried_again() {
    for connector in senders().await {
        for (status, body) in [(500, ""), (502, "<html>"), (503, "{}"), (504, "null")] {
            let decision = decision(connector, Answer::new(status, body)).await;
            assert_eq!(decision, SendDecision::Retry, "{}: {status}", connector.channel());
        }
    }
}

#[tokio::test]
async fn a_cut_connection_may_have_taken_it() {
    for connector in senders().await {
        let decision = decision(connector, Answer::Cut).await;
        assert_eq!(decision, unsure(connector), "{}", connector.channel());
    }
}

/// Where the provider's yes is JSON; elsewhere its status is all it says.
#[tokio::test]
async fn a_yes_that_cannot_be_read_may_have_taken_it() {
    for connector in senders().await {
        let (status, accepts) = connector.counterpart().accepts();
        if !accepts.trim_start().starts_with('{') {
            continue;
        }
        for body in ["", "<html>", &accepts[..accepts.len() / 2]] {
            let decision = decision(connector, Answer::new(status, body)).await;
            assert_eq!(decision, unsure(connector), "{}: {body:?}", connector.channel());
        }
    }
}

#[tokio::test]
async fn a_provider_that_was_never_reached_is_tried_again() {
    for connector in senders().await {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = send_to(connector, &format!("http://{address}"))
            .await
            .unwrap_err();
        assert_eq!(error.decision, SendDecision::Retry, "{}", connector.channel());
    }
}
