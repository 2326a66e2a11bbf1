//! What a refusal of Vonage's means for the attempt: `{"type":"…#1120","title":"…","detail":"…"}` (RFC 7807).

use super::{
    account::Credentials,
    codes::{Class, known},
    payload::Problem,
};
use crate::{SendDecision, SendError, http_exchange::Answer, refusal::hide};

pub(super) fn refusal(answer: &Answer, credentials: &Credentials<'_>) -> SendError {
    let by_status = answer.error_by_status();
    let Ok(problem) = serde_json::from_slice::<Problem>(&answer.body) else {
        return by_status;
    };
    let code = problem.code();
    let Some((class, sentence)) = code.and_then(known) else {
        let mut error = by_status;
        if let Some(code) = code {
            code.clone_into(&mut error.code);
        }
        if let (Some(told), SendDecision::GiveUp, false) =
            (problem.words(), error.decision, error.token_rejected)
        {
            told.clone_into(&mut error.message);
        }
        return hide(credentials.secret(), error);
    };
    let decision = match class {
        Class::Passing | Class::TooFast => answer.retry_decision(),
        Class::Final | Class::NoAccess => SendDecision::GiveUp,
    };
    let error = SendError::new(decision, code.unwrap_or_default(), sentence);
    if class == Class::NoAccess || by_status.token_rejected {
        error.with_token_rejected()
    } else {
        error
    }
}
