//! Sending: `POST /sms/3/messages`, `POST /whatsapp/1/message/{kind}`.

use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::{
    account::{self, Via},
    compose::compose,
    error::{refusal, rejection},
    payload::Report,
};
use crate::{
    Outgoing, Receipt, SendDecision, SendError,
    http_exchange::{exchange, unreadable},
    lenient::{Identifier, Maybe},
    settings,
};

/// One message, or a list of them with one in it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Taken {
    messages: Maybe<Vec<Taken>>,
    message_id: Maybe<Identifier>,
    status: Maybe<Report>,
}

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let token = settings::access_token(account)?;
    let (path, message) = compose(account, outgoing)?;
    let request = http.post(account::endpoint(account, &path)?).json(&message);
    let answer = exchange(account::authorise(account, token)(request)).await?;
    if !answer.status.is_success() {
        return Err(refusal(&answer, token));
    }
    let accepted: Taken = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    let first = accepted
        .messages
        .0
        .and_then(|messages| messages.into_iter().next());
    let (message_id, status) = match first {
        Some(first) => (first.message_id, first.status),
        None => (accepted.message_id, accepted.status),
    };
    if let Some(error) = status.0.as_ref().and_then(|status| rejection(status, token)) {
        return Err(error);
    }
    Ok(Receipt {
        provider_message_id: message_id.id().ok_or_else(unreadable)?,
        contact_address: None,
    })
}

/// Repeating it does no harm, so whatever broke off may be tried again.
pub(super) async fn mark_read(
    http: &reqwest::Client,
    account: &ChannelAccount,
    provider_message_id: &str,
) -> Result<(), SendError> {
    if account::via(account)? != Via::Whatsapp {
        return Err(SendError::give_up(
            "not_supported",
            "Through Infobip only WhatsApp tells customers that we have read their message.",
        ));
    }
    let token = settings::access_token(account)?;
    let sender = account::sender(account)?;
    let path = [
        "whatsapp",
        "1",
        "senders",
        sender,
        "message",
        provider_message_id,
        "read",
    ];
    let request = http.post(account::endpoint(account, &path)?);
    let repeatable = |mut error: SendError| {
        if error.decision == SendDecision::Uncertain {
            error.decision = SendDecision::Retry;
        }
        error
    };
    let answer = exchange(account::authorise(account, token)(request))
        .await
        .map_err(repeatable)?;
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(refusal(&answer, token))
    }
}

/// Infobip names no account; that it tells the balance says that the key is good.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let token = settings::access_token(account)?;
    let request = http.get(account::endpoint(account, &["account", "1", "balance"])?);
    let answer = exchange(account::authorise(account, token)(request)).await?;
    if answer.status.is_success() {
        Ok(None)
    } else {
        Err(refusal(&answer, token))
    }
}
