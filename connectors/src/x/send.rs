//! Sending through API v2: `POST /2/dm_conversations/with/{user}/messages`.

use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::{account, compose::compose, error::refusal, upload};
use crate::{
    Outgoing, Receipt, SendError,
    http_exchange::{Answer, exchange, unreadable},
    lenient::{Identifier, Maybe, Text, not_empty},
};

#[derive(Deserialize)]
pub(super) struct Data<T> {
    pub data: T,
}

#[derive(Deserialize)]
struct Sent {
    dm_event_id: Identifier,
}

#[derive(Deserialize)]
struct Myself {
    #[serde(rename = "id")]
    _id: Identifier,
    #[serde(default)]
    name: Maybe<Text>,
    #[serde(default)]
    username: Maybe<Text>,
}

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let uploaded = match outgoing.files.first() {
        Some(file) => Some(upload::uploaded(http, account, outgoing, file).await?),
        None => None,
    };
    let call = compose(uploaded.as_ref().unwrap_or(outgoing))?;
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let endpoint = account::endpoint(account, &path)?;
    let request = http
        .post(endpoint.url)
        .bearer_auth(endpoint.access_token.expose())
        .json(&call.body);
    let sent: Data<Sent> = read(&exchange(request).await?, account)?;
    Ok(Receipt {
        provider_message_id: sent.data.dm_event_id.0,
        contact_address: None,
    })
}

/// The name with the @, else the other.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let endpoint = account::endpoint(account, &["users", "me"])?;
    let request = http.get(endpoint.url).bearer_auth(endpoint.access_token.expose());
    let Data { data: myself } = read::<Data<Myself>>(&exchange(request).await?, account)?;
    let handle = not_empty(myself.username).map(|name| format!("@{name}"));
    Ok(handle.or_else(|| not_empty(myself.name)))
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(
    answer: &Answer,
    account: &ChannelAccount,
) -> Result<T, SendError> {
    if !answer.status.is_success() {
        return Err(refusal(answer, account));
    }
    serde_json::from_slice(&answer.body).map_err(|_| unreadable())
}
