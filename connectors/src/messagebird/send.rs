//! Sending: `POST /v1/send` of the Conversations API, `POST /messages` of the SMS API, or Bird's channel.

use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::{account, compose::compose, error::refusal};
use crate::{
    Outgoing, Receipt, SendError,
    http_exchange::{exchange, unreadable},
    lenient::Identifier,
    settings,
};

#[derive(Deserialize)]
struct Taken {
    id: Identifier,
}

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let token = settings::access_token(account)?;
    let api = account::api(account)?;
    let composed = compose(account, api, outgoing)?;
    let request = http.post(account::messages(account, api)?).json(&composed);
    let answer = exchange(account::authorise(request, token)).await?;
    if !answer.status.is_success() {
        return Err(refusal(&answer, token));
    }
    let message: Taken = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    Ok(Receipt {
        provider_message_id: message.id.0,
        contact_address: None,
    })
}

/// MessageBird names no account; that it answers says that the key is good.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let token = settings::access_token(account)?;
    let url = account::probe(account, account::api(account)?)?;
    let answer = exchange(account::authorise(http.get(url), token)).await?;
    if answer.status.is_success() {
        Ok(None)
    } else {
        Err(refusal(&answer, token))
    }
}
