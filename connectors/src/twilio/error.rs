//! What a refusal of Twilio's means for the attempt: `{"code":21211,"message":"…","status":400}`.

use std::time::Duration;

use serde::Deserialize;
use switchboard_domain::Secret;

use super::codes::{Class, known};
use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Maybe, Text},
    refusal::hide,
};

/// Twilio's queue for one number empties at about a message per second, and holds many.
const QUEUE_FULL_PAUSE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Refusal {
    code: u32,
    #[serde(default)]
    message: Maybe<Text>,
}

pub(super) fn of_answer(answer: &Answer, token: &Secret) -> SendError {
    let Ok(refusal) = serde_json::from_slice::<Refusal>(&answer.body) else {
        return answer.error_by_status();
    };
    let code = refusal.code.to_string();
    let Some((class, sentence)) = known(refusal.code) else {
        let mut error = answer.error_by_status();
        error.code = code;
        if let Some(told) = refusal.message.words() {
            error.message = told;
        }
        return hide(token, error);
    };
    let decision = match class {
        Class::Passing | Class::TooFast => answer.retry_decision(),
        Class::QueueFull => SendDecision::RetryAfter(QUEUE_FULL_PAUSE),
        Class::Final | Class::NoAccess => SendDecision::GiveUp,
    };
    let whole_account = matches!(class, Class::TooFast | Class::QueueFull);
    let error = SendError::new(decision, code, sentence).for_whole_account(whole_account);
    if class == Class::NoAccess {
        error.with_token_rejected()
    } else {
        error
    }
}

/// Twilio took the message and failed it in the same breath.
pub(super) fn of_message(code: Option<&str>, told: Option<&str>, token: &Secret) -> SendError {
    let sentence = code
        .and_then(|code| super::codes::sentence(code.parse().ok()?))
        .or(told)
        .unwrap_or("Twilio failed the message and gave no reason.");
    hide(token, SendError::give_up(code.unwrap_or("failed"), sentence))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn error(status: u16, code: u32) -> SendError {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from(format!(
                r#"{{"code":{code},"message":"said with the-token","status":{status}}}"#
            )),
        };
        of_answer(&answer, &Secret::new("the-token"))
    }

    #[test]
    fn the_code_decides_and_not_the_status() {
        for code in [20_429, 20_500, 20_503, 63_017, 63_018] {
            assert_eq!(error(400, code).decision, SendDecision::Retry, "{code}");
        }
        assert_eq!(
            error(400, 21_611).decision,
            SendDecision::RetryAfter(QUEUE_FULL_PAUSE)
        );
        for code in [
            20_003, 20_404, 21_211, 21_214, 21_217, 21_408, 21_602, 21_606, 21_610, 21_614, 21_617, 21_620,
            21_659, 63_003, 63_016, 63_024, 63_038,
        ] {
            let error = error(500, code);
            assert_eq!(error.decision, SendDecision::GiveUp, "{code}");
            assert_eq!(error.token_rejected, code == 20_003, "{code}");
            assert_eq!(error.code, code.to_string());
        }
    }

    #[test]
    fn an_unknown_code_falls_back_to_the_status_and_shows_no_token() {
        assert_eq!(error(500, 99_999).decision, SendDecision::Retry);
        let final_one = error(400, 99_999);
        assert_eq!(final_one.decision, SendDecision::GiveUp);
        assert_eq!(final_one.message, "said with …");
        assert!(error(401, 99_999).token_rejected);
    }
}
