//! Sending through the Web API: `POST /api/chat.postMessage`.

use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_domain::ChannelAccount;

use super::{
    account,
    compose::compose,
    error::{has_code, refusal},
    payload::message_id,
    upload,
};
use crate::{
    Outgoing, Receipt, SendError,
    http_exchange::{Answer, exchange, unreadable},
    lenient::{Identifier, Maybe, Text},
};

/// What Slack says when a reaction is there already.
const REACTED: [&str; 1] = ["already_reacted"];

#[derive(Deserialize)]
struct Posted {
    ok: bool,
    ts: Identifier,
    channel: Identifier,
}

#[derive(Deserialize)]
struct Done {
    ok: bool,
}

#[derive(Deserialize)]
struct Identity {
    ok: bool,
    #[serde(default)]
    team: Maybe<Text>,
    #[serde(default)]
    user: Maybe<Text>,
}

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    if let [file] = outgoing.files.as_slice() {
        return upload::send(http, account, outgoing, file).await;
    }
    let call = compose(outgoing)?;
    let answer = ask(http, account, call.method, &call.body).await?;
    if call.method == "reactions.add" {
        return reacted(&answer, account, outgoing);
    }
    let posted: Posted = read(&answer, account)?;
    if !posted.ok {
        return Err(unreadable());
    }
    // Written to a person, Slack names the direct channel that it opened. A thread's address stays what it is.
    let elsewhere = !outgoing.to.contains(':') && posted.channel.0 != outgoing.to;
    Ok(Receipt {
        provider_message_id: message_id(&posted.channel.0, &posted.ts.0),
        contact_address: elsewhere.then(|| posted.channel.0.clone()),
    })
}

/// Slack gives reactions no id, so it has ours.
fn reacted(answer: &Answer, account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    if !has_code(answer, &REACTED) {
        let done: Done = read(answer, account)?;
        if !done.ok {
            return Err(unreadable());
        }
    }
    Ok(Receipt {
        provider_message_id: format!("reaction:{}", outgoing.message_id),
        contact_address: None,
    })
}

/// The workspace's name and the bot's.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let identity: Identity = read(&ask(http, account, "auth.test", &json!({})).await?, account)?;
    if !identity.ok {
        return Err(unreadable());
    }
    let names = [identity.team, identity.user];
    let names: Vec<String> = names
        .into_iter()
        .filter_map(|name| name.0)
        .map(|name| name.0)
        .collect();
    Ok((!names.is_empty()).then(|| names.join(" / ")))
}

pub(super) async fn ask(
    http: &reqwest::Client,
    account: &ChannelAccount,
    method: &str,
    body: &Value,
) -> Result<Answer, SendError> {
    let endpoint = account::endpoint(account, method)?;
    let request = http
        .post(endpoint.url)
        .bearer_auth(endpoint.access_token.expose())
        .header("content-type", "application/json; charset=utf-8")
        .body(body.to_string());
    exchange(request).await
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(
    answer: &Answer,
    account: &ChannelAccount,
) -> Result<T, SendError> {
    if let Some(error) = refusal(answer, account) {
        return Err(error);
    }
    serde_json::from_slice(&answer.body).map_err(|_| unreadable())
}
