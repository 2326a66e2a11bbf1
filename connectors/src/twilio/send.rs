//! Sending: `POST /2010-04-01/Accounts/{Sid}/Messages.json`.

use http::header::CONTENT_TYPE;
use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::{
    account::{Credentials, endpoint},
    compose::compose,
    error,
};
use crate::{
    Outgoing, Receipt, SendDecision, SendError, form,
    http_exchange::{Answer, exchange, unreadable},
    lenient::{Identifier, Maybe, Text},
};

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    sid: Maybe<Identifier>,
    #[serde(default)]
    status: Maybe<Text>,
    #[serde(default)]
    error_code: Maybe<Identifier>,
    #[serde(default, rename = "error_message")]
    told: Maybe<Text>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    friendly_name: Maybe<Text>,
}

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let credentials = Credentials::of(account)?;
    let fields = compose(account, outgoing)?;
    let body = form::encode(fields.iter().map(|(name, value)| (*name, value.as_str())));
    let request = http
        .post(endpoint(account, "/Messages.json")?)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body);
    let answer = exchange(credentials.authorise(request)).await?;
    let message: Message = read(&answer, &credentials)?;
    if message.status.as_str() == Some("failed") {
        let code = message.error_code.id();
        return Err(error::of_message(
            code.as_deref(),
            message.told.as_str(),
            credentials.token,
        ));
    }
    Ok(Receipt {
        provider_message_id: message.sid.id().ok_or_else(no_id)?,
        contact_address: None,
    })
}

/// The name that Twilio knows the account by.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let credentials = Credentials::of(account)?;
    let request = http.get(endpoint(account, ".json")?);
    let answer = exchange(credentials.authorise(request)).await?;
    let known: Account = read(&answer, &credentials)?;
    Ok(known.friendly_name.words())
}

fn read<T: for<'de> Deserialize<'de>>(
    answer: &Answer,
    credentials: &Credentials<'_>,
) -> Result<T, SendError> {
    if !answer.status.is_success() {
        return Err(error::of_answer(answer, credentials.token));
    }
    serde_json::from_slice(&answer.body).map_err(|_| unreadable())
}

fn no_id() -> SendError {
    SendError::new(
        SendDecision::Uncertain,
        "no_message_id",
        "Twilio took the message and gave it no id. The customer may or may not have it.",
    )
}
