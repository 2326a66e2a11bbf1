//! What the Messaging API's refusals mean (Messaging API, "Error responses", "Rate limits").

use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::Secret;

use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Maybe, Text},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: Maybe<Text>,
    details: Maybe<Vec<Maybe<Detail>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    message: Maybe<Text>,
    property: Maybe<Text>,
}

/// `token` is cut out of what LINE says, should it ever repeat it.
pub(super) fn to_send_error(answer: &Answer, token: &Secret) -> SendError {
    let refusal: Option<Refusal> = serde_json::from_slice(&answer.body).ok();
    let said = refusal
        .map(|refusal| refusal.words())
        .unwrap_or_default()
        .replace(token.expose(), "…");
    let code = format!("http_{}", answer.status.as_u16());
    match answer.status {
        StatusCode::UNAUTHORIZED => SendError::give_up(
            code,
            "LINE refused the channel's access token. It has to be renewed in the channel's settings.",
        )
        .with_token_rejected(),
        StatusCode::TOO_MANY_REQUESTS if said.to_lowercase().contains("monthly limit") => {
            SendError::give_up("monthly_limit", "LINE's monthly limit of messages is used up.")
        }
        StatusCode::TOO_MANY_REQUESTS => SendError::new(
            answer.retry_decision(),
            code,
            "LINE asks us to slow down. The message will be sent again.",
        ),
        // The same message is being taken at this moment.
        StatusCode::CONFLICT => SendError::new(
            SendDecision::Retry,
            code,
            "LINE is still busy with this message. It will be asked again.",
        ),
        StatusCode::FORBIDDEN => {
            SendError::give_up(code, with_words("The channel may not do this on LINE.", &said))
        }
        status if status.is_client_error() && !said.is_empty() && status != StatusCode::REQUEST_TIMEOUT => {
            SendError::give_up(code, with_words("LINE refused the message:", &said))
        }
        _ => answer.error_by_status(),
    }
}

fn with_words(sentence: &str, said: &str) -> String {
    format!("{sentence} {said}").trim_end().to_owned()
}

impl Refusal {
    /// What is wrong, and with what: the details name the field.
    fn words(&self) -> String {
        let text = |text: &Maybe<Text>| text.0.as_ref().map(|text| text.0.clone()).unwrap_or_default();
        let details = self
            .details
            .0
            .iter()
            .flatten()
            .filter_map(|detail| detail.0.as_ref());
        let mut words = text(&self.message);
        for detail in details {
            words = format!("{words} {} ({})", text(&detail.message), text(&detail.property));
        }
        words.trim().to_owned()
    }
}
