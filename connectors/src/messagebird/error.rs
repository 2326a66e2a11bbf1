//! What a refusal means for the attempt: `{"errors":[{"code":9,"description":"…","parameter":"…"}]}`, and at Bird
//! `{"code":"InvalidPayload","message":"…"}`.

use serde::Deserialize;
use switchboard_domain::Secret;

use super::codes::{Class, known};
use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Identifier, Maybe, Text},
    refusal::hide,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    errors: Maybe<Vec<Maybe<Problem>>>,
    code: Maybe<Identifier>,
    message: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: Maybe<Identifier>,
    description: Maybe<Text>,
}

pub(super) fn refusal(answer: &Answer, token: &Secret) -> SendError {
    let by_status = answer.error_by_status();
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let problem = refusal
        .errors
        .0
        .into_iter()
        .flatten()
        .find_map(|problem| problem.0);
    let (code, told) = match problem {
        Some(problem) => (problem.code.id(), problem.description.words()),
        None => (refusal.code.id(), refusal.message.words()),
    };
    let Some((class, sentence)) = code.as_deref().and_then(known) else {
        let mut error = by_status;
        if let Some(code) = code {
            error.code = code;
        }
        if let (Some(told), SendDecision::GiveUp, false) = (told, error.decision, error.token_rejected) {
            error.message = told;
        }
        return hide(token, error);
    };
    let decision = match class {
        Class::Passing => answer.retry_decision(),
        Class::Final | Class::NoAccess => SendDecision::GiveUp,
    };
    // What exactly is wrong with a parameter only MessageBird can tell.
    let message = match told.filter(|_| {
        code.as_deref()
            .is_some_and(|code| matches!(code, "9" | "10" | "21"))
    }) {
        Some(told) => format!("{sentence} {told}"),
        None => sentence.to_owned(),
    };
    let error = hide(token, SendError::new(decision, code.unwrap_or_default(), message));
    if class == Class::NoAccess || by_status.token_rejected {
        error.with_token_rejected()
    } else {
        error
    }
}
