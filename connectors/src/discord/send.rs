//! Sending through the REST API: `POST /api/v10/channels/{channel}/messages`.
//!
//! The nonce makes Discord recognise a repetition for some minutes, so whatever broke off may be tried again.

use http::Method;
use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::{
    account,
    compose::{Call, compose},
    error::refusal,
};
use crate::{
    Outgoing, Receipt, SendDecision, SendError,
    http_exchange::{Answer, exchange, unreadable},
    lenient::{Identifier, Maybe, Text, not_empty},
};

/// Discord turns away whoever doesn't say so (Discord, "API Reference: User Agent").
const USER_AGENT: &str = concat!(
    "DiscordBot (https://switchboard.invalid, ",
    env!("CARGO_PKG_VERSION"),
    ")"
);

#[derive(Deserialize)]
struct Posted {
    id: Identifier,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Myself {
    id: Maybe<Identifier>,
    username: Maybe<Text>,
    global_name: Maybe<Text>,
}

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let call = compose(outgoing)?;
    let outcome = ask(http, account, &call)
        .await
        .and_then(|answer| match call.method {
            // A reaction has no id, and its answer no body.
            Method::PUT => Ok(format!("reaction:{}", outgoing.message_id)),
            _ => Ok(read::<Posted>(&answer)?.id.0),
        });
    Ok(Receipt {
        provider_message_id: outcome.map_err(repeatable)?,
        contact_address: None,
    })
}

fn repeatable(mut error: SendError) -> SendError {
    if error.decision == SendDecision::Uncertain {
        error.decision = SendDecision::Retry;
    }
    error
}

/// The bot's name.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let call = Call {
        method: Method::GET,
        path: vec!["users".to_owned(), "@me".to_owned()],
        body: None,
    };
    let myself: Myself = read(&ask(http, account, &call).await?)?;
    if myself.id.0.is_none() {
        return Err(unreadable());
    }
    Ok(not_empty(myself.global_name).or_else(|| not_empty(myself.username)))
}

async fn ask(http: &reqwest::Client, account: &ChannelAccount, call: &Call) -> Result<Answer, SendError> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let endpoint = account::endpoint(account, &path)?;
    let mut request = http
        .request(call.method.clone(), endpoint.url)
        .header("authorization", format!("Bot {}", endpoint.access_token.expose()))
        .header("user-agent", USER_AGENT);
    request = match &call.body {
        Some(body) => request.json(body),
        None => request.header("content-length", "0"),
    };
    let answer = exchange(request).await?;
    if answer.status.is_success() {
        Ok(answer)
    } else {
        Err(refusal(&answer, account))
    }
}

fn read<T: for<'de> Deserialize<'de>>(answer: &Answer) -> Result<T, SendError> {
    serde_json::from_slice(&answer.body).map_err(|_| unreadable())
}
