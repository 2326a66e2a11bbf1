//! WhatsApp's error codes: what each means for a send, and the sentence for the agent
//! (WhatsApp Cloud API, "Error codes"; Graph API, "Handling errors").

use std::time::Duration;

use Class::{After, Explained, Final, NoAccess, Passing, TooFast};

use crate::meta::error::{Class, Dictionary, GraphError, Meaning};

/// WhatsApp takes one message per six seconds for one recipient, beyond a small burst.
const PAIR_RATE_PAUSE: Duration = Duration::from_secs(6);

pub(super) static DICTIONARY: Dictionary = Dictionary {
    known,
    explanation: GraphError::details,
    no_reason: "WhatsApp refused the message and gave no reason.",
};

fn known(code: i64, _subcode: Option<i64>) -> Option<Meaning> {
    // 200 to 299 are permissions, each for a part of the Graph API.
    let code = if (200..300).contains(&code) { 10 } else { code };
    let row = CODES.iter().find(|(codes, ..)| codes.contains(&code))?;
    Some((row.1, row.2))
}

type Row = (&'static [i64], Class, &'static str);

static CODES: &[Row] = &[
    (
        &[0, 3, 10, 190, 131_005],
        NoAccess,
        "WhatsApp refused the channel's access token. It has to be renewed in the channel's settings.",
    ),
    (
        &[1, 2, 131_000, 131_016, 133_016],
        Passing,
        "WhatsApp has a fault of its own. The message will be sent again.",
    ),
    (
        &[131_057],
        Passing,
        "The WhatsApp account is under maintenance. The message will be sent again.",
    ),
    (
        &[131_053],
        Passing,
        "WhatsApp couldn't take in the attachment. The message will be sent again.",
    ),
    (
        &[4, 17, 32, 613, 80_007, 130_429, 131_048, 131_064],
        TooFast,
        "WhatsApp asks us to slow down. The message will be sent again.",
    ),
    (
        &[131_056],
        After(PAIR_RATE_PAUSE),
        "Too many messages to this customer at once. The message will be sent again.",
    ),
    (
        &[131_047],
        Final,
        "More than 24 hours have passed since the customer last wrote. Send an approved template instead.",
    ),
    (
        &[131_026],
        Final,
        "WhatsApp can't deliver to this customer: the number may not be on WhatsApp, or its app is too old.",
    ),
    (
        &[131_049],
        Final,
        "WhatsApp held the message back, since this customer got enough marketing. Wait at least a day.",
    ),
    (
        &[131_050],
        Final,
        "The customer no longer wants marketing messages from us.",
    ),
    (&[131_051], Final, "WhatsApp doesn't know this kind of message."),
    (&[131_052], Final, "WhatsApp couldn't fetch the attachment."),
    (
        &[131_030],
        Final,
        "The customer's number is not on the list that WhatsApp's test number may write to.",
    ),
    (
        &[131_062],
        Final,
        "WhatsApp can't send this kind of message to a customer whose number is hidden.",
    ),
    (
        &[100, 131_008, 131_009, 135_000],
        Explained,
        "WhatsApp refused the message's content.",
    ),
    (&[131_021], Final, "Sender and recipient are the same number."),
    (&[368, 131_031], Final, "WhatsApp locked our account."),
    (
        &[131_037],
        Final,
        "WhatsApp has not approved our number's display name yet.",
    ),
    (
        &[131_042],
        Final,
        "WhatsApp sees a problem with our payment method.",
    ),
    (
        &[131_045],
        Final,
        "Our number's certificate is not valid at WhatsApp.",
    ),
    (
        &[130_472],
        Final,
        "WhatsApp didn't deliver: the customer's number is part of an experiment.",
    ),
    (
        &[130_497],
        Final,
        "Our account may not send messages to customers in this country.",
    ),
    (
        &[132_000],
        Explained,
        "The number of the template's parameters is wrong.",
    ),
    (
        &[132_001],
        Final,
        "There is no such template in this language, or WhatsApp hasn't approved it.",
    ),
    (
        &[132_005],
        Final,
        "With its parameters filled in, the template is too long.",
    ),
    (
        &[132_007],
        Final,
        "The template's content breaks WhatsApp's policy.",
    ),
    (
        &[132_012],
        Explained,
        "A parameter of the template is in the wrong form.",
    ),
    (
        &[132_015],
        Final,
        "WhatsApp paused the template for low quality. Choose another one.",
    ),
    (
        &[132_016],
        Final,
        "WhatsApp disabled the template for low quality. Choose another one.",
    ),
    (&[132_068], Final, "The flow is blocked."),
    (
        &[132_069],
        Final,
        "The flow is throttled: WhatsApp lets too many fail.",
    ),
    (&[133_010], Final, "Our number is not registered at WhatsApp."),
    (
        &[137_000],
        Final,
        "The customer's identity changed. It has to be confirmed before anything is sent.",
    ),
];

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use switchboard_domain::Secret;

    use super::*;
    use crate::{SendDecision, SendError, http_exchange::Answer};

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
        error.to_send_error(answer, &Secret::new("EAAB-token"), &DICTIONARY)
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
        let whole_account =
            |code: i64| error(&format!("{{\"code\":{code}}}"), &answer(400, None)).whole_account;
        assert!(whole_account(130_429), "the number's own limit");
        assert!(!whole_account(131_056), "one customer's");
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
