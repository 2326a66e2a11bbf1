//! What X's refusals mean: an old code if there is one, else the status, and X's own words where they tell why.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::{ChannelAccount, Timestamp};

use super::codes::{Class, known};
use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Maybe, Text, not_empty},
};

/// A provider that asks for more gets this much and is asked again.
const MAX_WAIT: Duration = Duration::from_hours(1);
const MAX_SENTENCE_CHARS: usize = 200;

/// A problem (RFC 9457), and errors beside it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    title: Maybe<Text>,
    detail: Maybe<Text>,
    errors: Maybe<Vec<Maybe<Fault>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    code: Maybe<i64>,
    message: Maybe<Text>,
    detail: Maybe<Text>,
}

/// Of an answer whose status is an error.
pub(super) fn refusal(answer: &Answer, account: &ChannelAccount) -> SendError {
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    // X counts what a user and an app do, whoever it is for.
    let too_fast = answer.status == StatusCode::TOO_MANY_REQUESTS;
    let by_status = answer.error_by_status().for_whole_account(too_fast);
    let decision = match by_status.decision {
        SendDecision::Retry => reset(answer).map_or(SendDecision::Retry, SendDecision::RetryAfter),
        decision => decision,
    };
    let faults: Vec<Fault> = refusal
        .errors
        .0
        .into_iter()
        .flatten()
        .filter_map(|fault| fault.0)
        .collect();
    let code = faults.iter().find_map(|fault| fault.code.0);
    if let Some((code, (class, sentence))) = code.and_then(|code| Some((code, known(code)?))) {
        let decision = match class {
            // The status has the last word on whether to come back.
            _ if decision != SendDecision::GiveUp => decision,
            Class::Passing => SendDecision::Retry,
            Class::Final | Class::NoAccess => SendDecision::GiveUp,
        };
        return SendError {
            decision,
            code: code.to_string(),
            message: sentence.to_owned(),
            token_rejected: by_status.token_rejected || class == Class::NoAccess,
            whole_account: too_fast,
        };
    }
    let said = not_empty(refusal.detail)
        .or_else(|| {
            faults
                .into_iter()
                .find_map(|fault| not_empty(fault.detail).or_else(|| not_empty(fault.message)))
        })
        .or_else(|| not_empty(refusal.title))
        .map(|said| without_secrets(&said, account))
        .filter(|_| decision == SendDecision::GiveUp && !by_status.token_rejected);
    SendError {
        decision,
        message: said.map_or(by_status.message, |said| format!("X refused the message: {said}")),
        ..by_status
    }
}

/// X tells until when, in seconds since 1970; counted from the answer's own date.
fn reset(answer: &Answer) -> Option<Duration> {
    let header = |name: &str| answer.headers.get(name)?.to_str().ok();
    let names = [
        "x-user-limit-24hour-reset",
        "x-app-limit-24hour-reset",
        "x-rate-limit-reset",
    ];
    let used_up = |name: &&str| match name.strip_suffix("-reset") {
        Some(limit) => header(&format!("{limit}-remaining")) == Some("0"),
        None => false,
    };
    let name = names
        .iter()
        .find(|name| used_up(name))
        .copied()
        .unwrap_or("x-rate-limit-reset");
    let until = Timestamp::from_secs(header(name)?.trim().parse().ok()?);
    let wait = until.since(answer.sent_at());
    (wait > Duration::ZERO).then(|| wait.min(MAX_WAIT))
}

fn without_secrets(text: &str, account: &ChannelAccount) -> String {
    let secrets = account.secrets.0.values().filter(|secret| !secret.is_empty());
    let clean = secrets.fold(text.to_owned(), |text, secret| text.replace(secret.expose(), "…"));
    clean.chars().take(MAX_SENTENCE_CHARS).collect()
}
