//! Sending through the Bot API: `POST /bot{token}/{method}`.

use serde::Deserialize;
use serde_json::Value;
use switchboard_domain::ChannelAccount;

use super::{
    account,
    compose::{Call, Target, chat_id, compose},
    error::{self, Refusal},
};
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
    let mut call = compose(outgoing)?;
    let target = Target::of(&outgoing.to)?;
    let mut moved_to = None;
    let mut result = post(http, account, &call).await;
    // The group has another id now, and Telegram says which: the message wasn't taken, so it goes there.
    if let Err(Failure {
        moved_to: Some(chat), ..
    }) = &result
    {
        let chat = chat.clone();
        call.parameters["chat_id"] = chat_id(&chat);
        if let Some(parameters) = call.parameters.as_object_mut() {
            parameters.remove("reply_parameters");
        }
        moved_to = Some(chat);
        result = post(http, account, &call).await;
    }
    let chat = moved_to.as_deref().unwrap_or(target.chat);
    let provider_message_id = match result {
        Ok(_) if call.method == "setMessageReaction" => reaction_id(chat, &call, outgoing),
        Ok(result) => message_id(&result, chat, target.connection)?,
        Err(failure) => return Err(repeatable(failure.error, &call)),
    };
    Ok(Receipt {
        provider_message_id,
        contact_address: moved_to,
    })
}

/// A reaction has no id of its own.
fn reaction_id(chat: &str, call: &Call, outgoing: &Outgoing) -> String {
    let number = &call.parameters["message_id"];
    format!("{chat}:{number}#reaction:{}", outgoing.message_id.as_str())
}

/// The same as in [`super::identity::message_id`], so that answers find what they quote.
fn message_id(result: &Value, chat: &str, connection: Option<&str>) -> Result<String, SendError> {
    let number = result["message_id"].as_i64().ok_or_else(no_id)?;
    let chat = result["chat"]["id"]
        .as_i64()
        .map_or_else(|| chat.to_owned(), |id| id.to_string());
    Ok(match connection {
        Some(connection) => format!("{connection}:{chat}:{number}"),
        None => format!("{chat}:{number}"),
    })
}

/// A reaction may be set twice. Nothing else may: Telegram knows no idempotency key.
fn repeatable(mut error: SendError, call: &Call) -> SendError {
    if error.decision == SendDecision::Uncertain && call.method == "setMessageReaction" {
        error.decision = SendDecision::Retry;
    }
    error
}

/// A call that failed, and where its chat has gone, if that was why.
pub(super) struct Failure {
    pub error: SendError,
    pub moved_to: Option<String>,
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self {
            error,
            moved_to: None,
        }
    }
}

#[derive(Deserialize)]
struct Accepted {
    #[serde(rename = "ok")]
    _ok: bool,
    result: Value,
}

/// The `result` of a call.
pub(super) async fn post(
    http: &reqwest::Client,
    account: &ChannelAccount,
    call: &Call,
) -> Result<Value, Failure> {
    let url = account::method(account, call.method)?;
    let answer = exchange(http.post(url).json(&call.parameters)).await?;
    read(&answer, account)
}

fn read(answer: &Answer, account: &ChannelAccount) -> Result<Value, Failure> {
    if let Ok(refusal) = serde_json::from_slice::<Refusal>(&answer.body)
        && !refusal.ok
    {
        let moved_to = refusal.moved_to().map(|Identifier(chat)| chat.clone());
        return Err(Failure {
            error: error::to_send_error(&refusal, answer, account::token(account)?),
            moved_to,
        });
    }
    if !answer.status.is_success() {
        return Err(answer.error_by_status().into());
    }
    let accepted = serde_json::from_slice::<Accepted>(&answer.body).map_err(|_| unreadable())?;
    Ok(accepted.result)
}

fn no_id() -> SendError {
    SendError::new(
        SendDecision::Uncertain,
        "no_message_id",
        "Telegram took the message and gave it no id. The customer may or may not have it.",
    )
}
