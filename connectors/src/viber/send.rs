//! Sending through Viber's REST API: `POST /pa/send_message`.

use serde::Deserialize;
use serde_json::Value;
use switchboard_domain::ChannelAccount;

use super::{account, compose::compose, error};
use crate::{
    Outgoing, Receipt, SendDecision, SendError,
    http_exchange::{exchange, unreadable},
    lenient::{Identifier, Maybe},
};

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let message = compose(account, outgoing)?;
    let answer: Sent = post(http, account, "send_message", &message).await?;
    Ok(Receipt {
        provider_message_id: answer.message_token.0.ok_or_else(no_id)?.0,
        contact_address: None,
    })
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    message_token: Maybe<Identifier>,
}

/// Every refusal comes with 200, so the status in the body counts first.
pub(super) async fn post<T: for<'de> Deserialize<'de>>(
    http: &reqwest::Client,
    account: &ChannelAccount,
    method: &str,
    body: &Value,
) -> Result<T, SendError> {
    let token = account::token(account)?;
    let request = http
        .post(account::method(account, method)?)
        .header("x-viber-auth-token", token.expose())
        .json(body);
    let answer = exchange(request).await?;
    let verdict: Option<error::Verdict> = serde_json::from_slice(&answer.body).ok();
    match verdict {
        Some(verdict) if verdict.status != 0 => Err(verdict.to_send_error(&answer, token)),
        _ if !answer.status.is_success() => Err(answer.error_by_status()),
        Some(_) => serde_json::from_slice(&answer.body).map_err(|_| unreadable()),
        None => Err(unreadable()),
    }
}

fn no_id() -> SendError {
    SendError::new(
        SendDecision::Uncertain,
        "no_message_id",
        "Viber took the message and gave it no id. The customer may or may not have it.",
    )
}
