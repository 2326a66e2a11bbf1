//! What Meta's error codes mean: to be classified by code, since the HTTP status often says something else
//! (WhatsApp Cloud API, "Error codes").

use std::time::Duration;

use serde::Deserialize;
use switchboard_domain::{MessageError, Secret};

use super::{
    codes::{Class, is_about_parameters, known},
    payload::{Maybe, Text},
};
use crate::{SendDecision, SendError, http_exchange::Answer};

/// WhatsApp takes one message per six seconds for one recipient, beyond a small burst.
const PAIR_RATE_PAUSE: Duration = Duration::from_secs(6);

/// The same object in answers to a send and in `statuses[].errors[]`.
#[derive(Debug, Deserialize)]
pub(super) struct GraphError {
    pub code: i64,
    #[serde(default)]
    title: Maybe<Text>,
    #[serde(default)]
    message: Maybe<Text>,
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
    /// For a message that WhatsApp took and then failed to deliver.
    pub fn to_message_error(&self) -> MessageError {
        MessageError {
            code: self.code.to_string(),
            message: self.sentence(),
        }
    }

    /// For a message that WhatsApp refused. `token` is cut out of what Meta says: error 190 repeats it.
    pub fn to_send_error(&self, answer: &Answer, token: &Secret) -> SendError {
        let code = self.code.to_string();
        let message = self.sentence().replace(token.expose(), "…");
        let Some((class, _)) = known(self.code) else {
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
            Class::PairRate => SendDecision::RetryAfter(PAIR_RATE_PAUSE),
            Class::Final | Class::NoAccess => SendDecision::GiveUp,
        };
        let error = SendError::new(decision, code, message);
        if class == Class::NoAccess {
            error.with_token_rejected()
        } else {
            error
        }
    }

    fn sentence(&self) -> String {
        let details = self.error_data.0.as_ref().map(|data| data.details.0.as_str());
        let text = |text: &'_ Maybe<Text>| text.0.as_ref().map(|text| text.0.clone());
        match known(self.code) {
            // What is wrong with a parameter only Meta can tell.
            Some((Class::Final, sentence)) if is_about_parameters(self.code) => match details {
                Some(details) => format!("{sentence} {details}"),
                None => sentence.to_owned(),
            },
            Some((_, sentence)) => sentence.to_owned(),
            None => details
                .map(str::to_owned)
                .or_else(|| text(&self.message))
                .or_else(|| text(&self.title))
                .filter(|text| !text.trim().is_empty())
                .unwrap_or_else(|| "WhatsApp refused the message and gave no reason.".to_owned()),
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn answer(status: u16, usage: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(usage) = usage {
            headers.insert("x-business-use-case-usage", usage.parse().unwrap());
        }
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::new(),
        }
    }

    fn error(json: &str, answer: &Answer) -> SendError {
        let error: GraphError = serde_json::from_str(json).unwrap();
        error.to_send_error(answer, &Secret::new("EAAB-token"))
    }

    #[test]
    fn the_code_decides_and_not_the_status() {
        let decision = |code: i64| error(&format!("{{\"code\":{code}}}"), &answer(400, None)).decision;
        for code in [
            1, 2, 4, 17, 32, 613, 80_007, 130_429, 131_000, 131_016, 131_048, 131_053, 131_057, 131_064,
            133_016,
        ] {
            assert_eq!(decision(code), SendDecision::Retry, "{code}");
        }
        assert_eq!(decision(131_056), SendDecision::RetryAfter(PAIR_RATE_PAUSE));
        for code in [
            0, 10, 100, 190, 200, 368, 130_472, 130_497, 131_005, 131_008, 131_009, 131_021, 131_026,
            131_030, 131_031, 131_037, 131_042, 131_045, 131_047, 131_049, 131_050, 131_051, 131_052,
            131_062, 132_000, 132_001, 132_005, 132_007, 132_012, 132_015, 132_016, 132_068, 132_069,
            133_010, 135_000, 137_000,
        ] {
            let error = error(&format!("{{\"code\":{code}}}"), &answer(500, None));
            assert_eq!(error.decision, SendDecision::GiveUp, "{code}");
            assert_eq!(error.code, code.to_string());
            assert_eq!(
                error.token_rejected,
                matches!(code, 0 | 10 | 190 | 200 | 131_005),
                "{code}"
            );
        }
    }

    #[test]
    fn an_unknown_code_falls_back_to_the_status() {
        let unknown = r#"{"code":999999,"message":"Something new"}"#;
        assert_eq!(error(unknown, &answer(503, None)).decision, SendDecision::Retry);
        assert_eq!(error(unknown, &answer(429, None)).decision, SendDecision::Retry);
        assert_eq!(error(unknown, &answer(400, None)).decision, SendDecision::GiveUp);
        assert_eq!(error(unknown, &answer(400, None)).message, "Something new");
        assert!(error(unknown, &answer(401, None)).token_rejected);
        let transient = r#"{"code":999999,"is_transient":true}"#;
        assert_eq!(error(transient, &answer(400, None)).decision, SendDecision::Retry);
    }

    #[test]
    fn the_token_is_cut_out_of_what_meta_says() {
        let echoed = r#"{"code":999999,"message":"Malformed access token EAAB-token"}"#;
        let error = error(echoed, &answer(400, None));
        assert_eq!(error.message, "Malformed access token …");
    }

    #[test]
    fn meta_tells_how_long_to_wait_in_minutes() {
        let usage = r#"{"1022":[{"type":"whatsapp","estimated_time_to_regain_access":7},{"type":"x"}],"9":[{"estimated_time_to_regain_access":3}]}"#;
        let wait = |code, usage| error(&format!("{{\"code\":{code}}}"), &answer(400, Some(usage))).decision;
        assert_eq!(
            wait(80_007, usage),
            SendDecision::RetryAfter(Duration::from_mins(7))
        );
        assert_eq!(wait(131_000, usage), SendDecision::Retry, "not about the rate");
        assert_eq!(wait(80_007, "{}"), SendDecision::Retry);
        assert_eq!(wait(80_007, "nonsense"), SendDecision::Retry);
    }

    #[test]
    fn details_reach_the_agent_where_they_help() {
        let json = r#"{"code":131009,"message":"(#131009)","error_data":{"messaging_product":"whatsapp","details":"Parameter 'to' is bad."}}"#;
        assert_eq!(
            error(json, &answer(400, None)).message,
            "WhatsApp refused the message's content. Parameter 'to' is bad."
        );
    }
}
