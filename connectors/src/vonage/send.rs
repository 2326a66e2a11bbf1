//! Sending: `POST /v1/messages`.

use serde::Deserialize;
use serde_json::json;
use switchboard_domain::ChannelAccount;

use super::{
    account::{self, Credentials, Via},
    compose::compose,
    error::refusal,
};
use crate::{
    Outgoing, Receipt, SendDecision, SendError,
    http_exchange::{exchange, unreadable},
    lenient::Identifier,
    settings,
};

#[derive(Deserialize)]
struct Taken {
    message_uuid: Identifier,
}

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let credentials = Credentials::of(account)?;
    let message = compose(account, outgoing)?;
    let request = http.post(account::messages(account, &[])?).json(&message);
    let answer = exchange(credentials.authorise(request)).await?;
    if !answer.status.is_success() {
        return Err(refusal(&answer, &credentials));
    }
    let taken: Taken = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    Ok(Receipt {
        provider_message_id: taken.message_uuid.0,
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
            "Through Vonage only WhatsApp tells customers that we have read their message.",
        ));
    }
    if !settings::is_path_segment(provider_message_id) {
        return Err(SendError::give_up(
            "invalid_message",
            "The message's id is not one of Vonage's.",
        ));
    }
    let credentials = Credentials::of(account)?;
    let request = http
        .patch(account::messages(account, &[provider_message_id])?)
        .json(&json!({ "status": "read" }));
    let repeatable = |mut error: SendError| {
        if error.decision == SendDecision::Uncertain {
            error.decision = SendDecision::Retry;
        }
        error
    };
    let answer = exchange(credentials.authorise(request))
        .await
        .map_err(repeatable)?;
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(refusal(&answer, &credentials))
    }
}

/// Vonage names no account; that it tells the balance says that the credentials are good.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let credentials = Credentials::of(account)?;
    let Credentials::Basic { api_key, .. } = &credentials else {
        return Err(SendError::give_up(
            "not_supported",
            "Vonage lets us check an API key and its secret, but not a token.",
        ));
    };
    let answer = exchange(credentials.authorise(http.get(account::balance(account)?))).await?;
    if answer.status.is_success() {
        Ok(Some((*api_key).to_owned()))
    } else {
        Err(refusal(&answer, &credentials))
    }
}
