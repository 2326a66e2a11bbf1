//! Sending through the Messaging API: `POST /v2/bot/message/push`.
//!
//! Answers with a reply token would be free, but the token lives for a minute and agents take longer. A push carries a
//! retry key, under which LINE takes a message once however often it is sent within a day: so nothing is ever uncertain.

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use switchboard_domain::{ChannelAccount, MessageId};

use super::{account, compose::compose, error};
use crate::{
    Outgoing, Receipt, SendDecision, SendError,
    http_exchange::{Answer, exchange, unreadable},
    lenient::Identifier,
};

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let push = compose(&account.settings, outgoing)?;
    let answer = post(http, account, &push, &retry_key(&outgoing.message_id, &push)).await;
    let provider_message_id = answer.map_err(repeatable)?;
    Ok(Receipt {
        provider_message_id,
        contact_address: None,
    })
}

/// The retry key makes a second send of the same message harmless.
fn repeatable(mut error: SendError) -> SendError {
    if error.decision == SendDecision::Uncertain {
        error.decision = SendDecision::Retry;
        "LINE's answer was lost. The message will be sent again, and LINE takes it only once."
            .clone_into(&mut error.message);
    }
    error
}

async fn post(
    http: &reqwest::Client,
    account: &ChannelAccount,
    push: &Value,
    retry_key: &str,
) -> Result<String, SendError> {
    let token = account::access_token(account)?;
    let request = http
        .post(account::api(account, &["message", "push"])?)
        .bearer_auth(token.expose())
        .header("x-line-retry-key", retry_key)
        .json(push);
    let answer = exchange(request).await?;
    // It was taken the first time, and that is as good.
    if answer.status == StatusCode::CONFLICT
        && let Some(first) = accepted_before(&answer)
    {
        return Ok(sent_message(&answer).unwrap_or(first));
    }
    if !answer.status.is_success() {
        return Err(error::to_send_error(&answer, token));
    }
    // A fake or an old version answers `{}`: what LINE calls the request names the message as well.
    sent_message(&answer)
        .or_else(|| {
            is_object(&answer)
                .then(|| header(&answer, "x-line-request-id"))
                .flatten()
        })
        .ok_or_else(unreadable)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SendAnswer {
    sent_messages: Vec<SentMessage>,
}

#[derive(Deserialize)]
struct SentMessage {
    id: Identifier,
}

/// The first of them is the file, of which a second would be the caption.
fn sent_message(answer: &Answer) -> Option<String> {
    let sent: SendAnswer = serde_json::from_slice(&answer.body).ok()?;
    Some(sent.sent_messages.into_iter().next()?.id.0)
}

fn is_object(answer: &Answer) -> bool {
    serde_json::from_slice::<serde_json::Map<String, Value>>(&answer.body).is_ok()
}

fn accepted_before(answer: &Answer) -> Option<String> {
    header(answer, "x-line-accepted-request-id")
}

fn header(answer: &Answer, name: &str) -> Option<String> {
    let value = answer.headers.get(name)?.to_str().ok()?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// A UUID, as LINE wants it, of our own making (version 8, RFC 9562), always the same for the same message.
fn retry_key(message_id: &MessageId, push: &Value) -> String {
    let derived = MessageId::derived(&["line retry key", message_id.as_str(), &push.to_string()]);
    let hex = derived.as_str();
    format!(
        "{}-{}-8{}-a{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_retry_key_is_a_uuid_and_belongs_to_one_message() {
        let key = |id: &str, text: &str| retry_key(&MessageId::from(id), &json!({ "text": text }));
        let one = key("0199", "hello");
        assert_eq!(one, key("0199", "hello"));
        assert_ne!(one, key("0200", "hello"));
        assert_ne!(one, key("0199", "hello again"));
        let parts: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(one.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()));
        assert_eq!((&one[14..15], &one[19..20]), ("8", "a"));
    }
}
