//! Sending: a signed POST to the account's URL. Its id is the message's, so a receiver knows it when it comes again.

use http::{StatusCode, header::CONTENT_TYPE};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use switchboard_domain::{ChannelAccount, Clock, Content};

use super::{MAX_TEXT_CHARS, account};
use crate::{
    Outgoing, Receipt, SendDecision, SendError,
    http_exchange::{Answer, exchange},
};

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let body = compose(account, outgoing)?;
    let request = signed(http, account, outgoing.message_id.as_str(), &body)?;
    let answer = accepted(exchange(request).await)?;
    Ok(Receipt {
        provider_message_id: id_of(&answer).unwrap_or_else(|| outgoing.message_id.as_str().to_owned()),
        contact_address: None,
    })
}

/// A message about nothing, to see whether the receiver is there and takes our signature.
pub(super) async fn ping(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let id = format!("ping_{}", Clock::system().micros());
    let request = signed(http, account, &id, &json!({ "type": "ping", "data": {} }))?;
    accepted(exchange(request).await).map(|_| None)
}

/// The envelope that Standard Webhooks recommends. It holds no time: sent again, a message is the same to the byte.
fn compose(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Value, SendError> {
    if outgoing.to.trim().is_empty() {
        return Err(refuse("The customer has no address on this channel."));
    }
    let text = match &outgoing.content {
        Content::Note { .. }
        | Content::System { .. }
        | Content::Unsupported { .. }
        | Content::Email(_)
        | Content::Deleted => {
            return Err(refuse("This kind of message isn't sent to customers."));
        }
        Content::Text { text } if text.trim().is_empty() => return Err(refuse("The message is empty.")),
        Content::Text { text } => Some(text),
        Content::Image(media)
        | Content::Audio(media)
        | Content::Video(media)
        | Content::Document(media)
        | Content::Sticker(media) => {
            if media.url.is_none() && media.id.is_none() {
                return Err(refuse("The attachment has neither a URL nor an id."));
            }
            media.text.as_ref()
        }
        _ => None,
    };
    if text.is_some_and(|text| text.chars().count() > MAX_TEXT_CHARS) {
        return Err(refuse(&format!(
            "A message has at most {MAX_TEXT_CHARS} characters."
        )));
    }
    Ok(json!({
        "type": "message.outbound",
        "data": {
            "message_id": outgoing.message_id,
            "account_id": account.key.account_id,
            "to": outgoing.to,
            "reply_to": outgoing.reply_to,
            "content": outgoing.content,
        },
    }))
}

fn refuse(message: &str) -> SendError {
    SendError::give_up("invalid_message", message)
}

fn signed(
    http: &reqwest::Client,
    account: &ChannelAccount,
    id: &str,
    body: &Value,
) -> Result<RequestBuilder, SendError> {
    let endpoint = account::endpoint(account)?;
    let body = body.to_string();
    // The trait hands no time in, and a signature is only as good as it is fresh.
    let now = Clock::system().now();
    let signature = endpoint.key.sign(id, now, body.as_bytes()).unwrap_or_default();
    let request = http
        .post(endpoint.url)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now.as_millis().div_euclid(1000))
        .header("webhook-signature", signature)
        .body(body);
    Ok(match endpoint.access_token {
        Some(token) => request.bearer_auth(token.expose()),
        None => request,
    })
}

/// Any 2xx means taken, whatever else is said. Since the receiver knows a repetition by its id, an outcome that nobody
/// knows is simply tried again.
fn accepted(answer: Result<Answer, SendError>) -> Result<Answer, SendError> {
    let answer = answer.map_err(|mut error| {
        if error.decision == SendDecision::Uncertain {
            error.decision = SendDecision::Retry;
            "The receiver didn't answer as it should. The message will be sent again."
                .clone_into(&mut error.message);
        }
        error
    })?;
    match answer.status {
        status if status.is_success() => Ok(answer),
        StatusCode::UNAUTHORIZED => Err(SendError::give_up(
            "http_401",
            "The receiver refused the channel's signature or token. It has to be renewed in the channel's settings.",
        )
        .with_token_rejected()),
        StatusCode::GONE => Err(SendError::give_up(
            "http_410",
            "The receiver takes no messages any more.",
        )),
        _ => Err(answer.error_by_status()),
    }
}

/// The receiver may name the message by an id of its own.
fn id_of(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let named = |of: &Value| {
        let id = of["message_id"].as_str().or_else(|| of["id"].as_str());
        id.filter(|id| !id.is_empty()).map(str::to_owned)
    };
    named(&body).or_else(|| named(&body["data"]))
}
