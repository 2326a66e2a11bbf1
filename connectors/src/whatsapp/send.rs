//! Sending through the Cloud API: `POST /{version}/{phone number id}/messages`.

use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_domain::ChannelAccount;

use super::{
    account,
    codes::DICTIONARY,
    compose::{compose, is_user_id},
    payload::{Identifier, Maybe},
    upload,
};
use crate::{Outgoing, Receipt, SendDecision, SendError, meta::graph};

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let message = match outgoing.files.as_slice() {
        [file] => compose(&upload::uploaded(http, account, outgoing, file).await?)?,
        _ => compose(outgoing)?,
    };
    let answer: SendAnswer = post(http, account, &message).await?;
    let Some(provider_message_id) = answer.messages.into_iter().next() else {
        return Err(no_id());
    };
    let contact = answer.contacts.into_iter().next().and_then(|contact| contact.0);
    Ok(Receipt {
        provider_message_id: provider_message_id.id.0,
        contact_address: contact
            .map(|contact| contact.wa_id.0)
            .filter(|wa_id| is_other_number(wa_id, &outgoing.to)),
    })
}

/// Repeating it does no harm, so whatever broke off may be tried again.
pub(super) async fn mark_read(
    http: &reqwest::Client,
    account: &ChannelAccount,
    provider_message_id: &str,
) -> Result<(), SendError> {
    let message = json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": provider_message_id,
    });
    let repeatable = |mut error: SendError| {
        if error.decision == SendDecision::Uncertain {
            error.decision = SendDecision::Retry;
        }
        error
    };
    post::<ReadAnswer>(http, account, &message)
        .await
        .map(drop)
        .map_err(repeatable)
}

#[derive(Deserialize)]
struct SendAnswer {
    messages: Vec<SentMessage>,
    #[serde(default)]
    contacts: Vec<Maybe<SentContact>>,
}

#[derive(Deserialize)]
struct SentMessage {
    id: Identifier,
}

#[derive(Deserialize)]
struct SentContact {
    wa_id: Identifier,
}

#[derive(Deserialize)]
struct ReadAnswer {
    #[serde(rename = "success")]
    _success: bool,
}

async fn post<T: for<'de> Deserialize<'de>>(
    http: &reqwest::Client,
    account: &ChannelAccount,
    message: &Value,
) -> Result<T, SendError> {
    graph::post(http, account::messages(account)?, message, &DICTIONARY).await
}

fn no_id() -> SendError {
    SendError::new(
        SendDecision::Uncertain,
        "no_message_id",
        "WhatsApp took the message and gave it no id. The customer may or may not have it.",
    )
}

/// WhatsApp knows some numbers by other digits than people write (Brazil, Mexico, Argentina); punctuation is nothing.
fn is_other_number(wa_id: &str, to: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    !is_user_id(to) && digits(wa_id) != digits(to)
}
