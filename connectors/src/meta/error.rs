//! The error object of the Graph API: to be classified by its code, since the HTTP status often says something else
//! (Graph API, "Handling errors"). What the codes mean is each channel's own.

use std::time::Duration;

use serde::Deserialize;
use switchboard_domain::{MessageError, Secret};

use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Maybe, Text},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Goes by itself.
    Passing,
    /// We sent too fast; Meta may tell for how long.
    TooFast,
    /// Goes by itself, and not sooner.
    After(Duration),
    Final,
    /// Final, and only Meta's own words tell what is wrong: they are added to ours.
    Explained,
    /// Meta says no and may have done it nevertheless.
    Unclear,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

/// What a code means for a send, and the sentence for the agent.
pub(crate) type Meaning = (Class, &'static str);

/// A channel's codes.
pub(crate) struct Dictionary {
    /// By code and subcode.
    pub known: fn(i64, Option<i64>) -> Option<Meaning>,
    /// Where Meta explains itself on this channel.
    pub explanation: fn(&GraphError) -> Option<&str>,
    /// When nobody says why.
    pub no_reason: &'static str,
}

/// The same object in answers to a call and, on WhatsApp, in `statuses[].errors[]`.
#[derive(Debug, Deserialize)]
pub(crate) struct GraphError {
    code: i64,
    #[serde(default)]
    error_subcode: Maybe<i64>,
    #[serde(default)]
    title: Maybe<Text>,
    #[serde(default)]
    message: Maybe<Text>,
    #[serde(default)]
    error_user_msg: Maybe<Text>,
    #[serde(default)]
    is_transient: Maybe<bool>,
    #[serde(default)]
    error_data: Maybe<ErrorData>,
}

#[derive(Debug, Deserialize)]
struct ErrorData {
    details: Text,
}

impl GraphError {
    /// For a message that Meta took and then failed to deliver.
    pub fn to_message_error(&self, dictionary: &Dictionary) -> MessageError {
        MessageError {
            code: self.code.to_string(),
            message: self.sentence(dictionary),
        }
    }

    /// For a message that Meta refused. `token` is cut out of what Meta says: error 190 repeats it.
    pub fn to_send_error(&self, answer: &Answer, token: &Secret, dictionary: &Dictionary) -> SendError {
        let code = self.code.to_string();
        let message = self.sentence(dictionary).replace(token.expose(), "…");
        let Some((class, _)) = self.known(dictionary) else {
            let by_status = answer.error_by_status();
            let transient = self.is_transient.0 == Some(true) && by_status.decision == SendDecision::GiveUp;
            let decision = if transient {
                SendDecision::Retry
            } else {
                by_status.decision
            };
            let error = SendError::new(decision, code, message);
            return if by_status.token_rejected {
                error.with_token_rejected()
            } else {
                error
            };
        };
        let decision = match class {
            Class::Passing => answer.retry_decision(),
            Class::TooFast => usage_pause(answer).map_or(answer.retry_decision(), SendDecision::RetryAfter),
            Class::After(pause) => SendDecision::RetryAfter(pause),
            Class::Final | Class::Explained | Class::NoAccess => SendDecision::GiveUp,
            Class::Unclear => SendDecision::Uncertain,
        };
        let error = SendError::new(decision, code, message).for_whole_account(class == Class::TooFast);
        if class == Class::NoAccess {
            error.with_token_rejected()
        } else {
            error
        }
    }

    /// What is wrong with the message, in WhatsApp's place for it.
    pub fn details(&self) -> Option<&str> {
        self.error_data.0.as_ref().map(|data| data.details.0.as_str())
    }

    /// What is wrong with the message, in everybody else's place for it.
    pub fn user_message(&self) -> Option<&str> {
        let words = [&self.error_user_msg, &self.message].into_iter();
        words
            .filter_map(|text| text.0.as_ref())
            .map(|text| text.0.as_str())
            .find(|text| !text.trim().is_empty())
    }

    fn known(&self, dictionary: &Dictionary) -> Option<Meaning> {
        (dictionary.known)(self.code, self.error_subcode.0)
    }

    fn sentence(&self, dictionary: &Dictionary) -> String {
        let explanation = (dictionary.explanation)(self);
        let text = |text: &'_ Maybe<Text>| text.0.as_ref().map(|text| text.0.clone());
        match (self.known(dictionary), explanation) {
            (Some((Class::Explained, sentence)), Some(explanation)) => format!("{sentence} {explanation}"),
            (Some((_, sentence)), _) => sentence.to_owned(),
            (None, explanation) => explanation
                .map(str::to_owned)
                .or_else(|| text(&self.message))
                .or_else(|| text(&self.title))
                .filter(|text| !text.trim().is_empty())
                .unwrap_or_else(|| dictionary.no_reason.to_owned()),
        }
    }
}

/// Meta sends no `Retry-After` but, per limit, the minutes until it lets us in again.
fn usage_pause(answer: &Answer) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Usage {
        estimated_time_to_regain_access: u64,
    }
    let header = answer.headers.get("x-business-use-case-usage")?.to_str().ok()?;
    let usage: std::collections::BTreeMap<String, Vec<Maybe<Usage>>> = serde_json::from_str(header).ok()?;
    let minutes = usage
        .into_values()
        .flatten()
        .filter_map(|usage| Some(usage.0?.estimated_time_to_regain_access))
        .max()?;
    (minutes > 0).then(|| Duration::from_secs(minutes.min(60) * 60))
}
