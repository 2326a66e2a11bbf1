//! What a refusal of Infobip's means for the attempt: the HTTP status decides, and the body has the words, in the older
//! form `{"requestError":{"serviceException":{"messageId":"…","text":"…"}}}` or the newer `{"errorCode":"E400",…}`.
//! A message may also be rejected in an answer of 200, by its status.

use serde::Deserialize;
use switchboard_domain::Secret;

use super::payload::Report;
use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Maybe, Text},
    refusal::hide,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Refusal {
    request_error: Maybe<RequestError>,
    error_code: Maybe<Text>,
    description: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RequestError {
    service_exception: Maybe<ServiceException>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ServiceException {
    message_id: Maybe<Text>,
    text: Maybe<Text>,
}

pub(super) fn refusal(answer: &Answer, token: &Secret) -> SendError {
    let mut error = answer.error_by_status();
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let exception = refusal
        .request_error
        .0
        .and_then(|error| error.service_exception.0);
    let (code, told) = match exception {
        Some(exception) => (exception.message_id.words(), exception.text.words()),
        None => (refusal.error_code.words(), refusal.description.words()),
    };
    if let Some(code) = code {
        error.code = code;
    }
    if let (Some(told), SendDecision::GiveUp, false) = (told, error.decision, error.token_rejected) {
        error.message = format!("Infobip refused the message: {told}");
    }
    hide(token, error)
}

/// A status that says the message went nowhere.
pub(super) fn rejection(status: &Report, token: &Secret) -> Option<SendError> {
    let group = status.group_name.as_str()?;
    if !matches!(group, "REJECTED" | "UNDELIVERABLE" | "EXPIRED") {
        return None;
    }
    let name = status.name.as_str().unwrap_or(group);
    let told = status.description.as_str().unwrap_or("no reason was given");
    let error = match name {
        "REJECTED_SYSTEM_ERROR" | "REJECTED_FLOODING_FILTER" => SendError::new(
            SendDecision::Retry,
            name,
            "Infobip didn't take the message this time. It will be sent again.",
        ),
        "REJECTED_NOT_ENOUGH_CREDITS" => SendError::give_up(name, "The Infobip account has no balance left."),
        _ => SendError::give_up(name, format!("Infobip rejected the message: {told}.")),
    };
    Some(hide(token, error))
}
