//! What Discord's refusals mean: by their code, else by the status.

use std::time::Duration;

use http::{StatusCode, header::RETRY_AFTER};
use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::codes::{Class, known};
use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Maybe, Text, not_empty},
};

/// A provider that asks for more gets this much and is asked again.
const MAX_WAIT: f64 = 3600.0;
/// Of Discord's own words.
const MAX_SENTENCE_CHARS: usize = 200;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: Maybe<u64>,
    message: Maybe<Text>,
    /// Seconds, and parts of them.
    retry_after: Maybe<f64>,
    /// The limit is the bot's; otherwise it is one channel's.
    global: Maybe<bool>,
}

/// Of an answer whose status is an error.
pub(super) fn refusal(answer: &Answer, account: &ChannelAccount) -> SendError {
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let whole_account = refusal.global.0 == Some(true);
    let by_status = answer.error_by_status().for_whole_account(whole_account);
    let later = || wait(answer, &refusal).map_or(SendDecision::Retry, SendDecision::RetryAfter);
    let decision = match by_status.decision {
        SendDecision::GiveUp | SendDecision::Uncertain => by_status.decision,
        SendDecision::Retry | SendDecision::RetryAfter(_) => later(),
    };
    // 0 stands for "general": the status says more.
    let Some(code) = refusal.code.0.filter(|code| *code != 0) else {
        return SendError {
            decision,
            ..by_status
        };
    };
    let token_rejected = by_status.token_rejected;
    let Some((class, sentence)) = known(code) else {
        let said = not_empty(refusal.message.clone()).map(|said| without_secrets(&said, account));
        let sentence = said.filter(|_| decision == SendDecision::GiveUp && !token_rejected);
        return SendError {
            decision,
            code: code.to_string(),
            message: sentence.map_or(by_status.message, |said| {
                format!("Discord refused the message: {said}")
            }),
            token_rejected,
            whole_account,
        };
    };
    let limited = answer.status == StatusCode::TOO_MANY_REQUESTS || answer.status.is_server_error();
    let decision = match class {
        Class::Passing => later(),
        // A limit that is reached is a limit, whatever is written beside it.
        Class::Final | Class::NoAccess if limited => decision,
        Class::Final | Class::NoAccess => SendDecision::GiveUp,
    };
    SendError {
        decision,
        code: code.to_string(),
        message: sentence.to_owned(),
        token_rejected: token_rejected || class == Class::NoAccess,
        whole_account,
    }
}

/// The body counts to the millisecond, the header may; a page of Cloudflare's has the header alone.
fn wait(answer: &Answer, refusal: &Refusal) -> Option<Duration> {
    let header = || {
        let value = answer.headers.get(RETRY_AFTER)?.to_str().ok()?;
        value.trim().parse::<f64>().ok()
    };
    let secs = refusal.retry_after.0.or_else(header).filter(|secs| *secs > 0.0);
    secs.and_then(|secs| Duration::try_from_secs_f64(secs.min(MAX_WAIT)).ok())
        .or_else(|| answer.retry_after())
}

fn without_secrets(text: &str, account: &ChannelAccount) -> String {
    let secrets = account.secrets.0.values().filter(|secret| !secret.is_empty());
    let clean = secrets.fold(text.to_owned(), |text, secret| text.replace(secret.expose(), "…"));
    clean.chars().take(MAX_SENTENCE_CHARS).collect()
}
