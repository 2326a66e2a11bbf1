//! What Slack's answers mean. Nearly all come with 200; `ok` and `error` tell.

use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::codes::{Class, known};
use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Maybe, Text},
};

#[derive(Deserialize)]
pub(super) struct Refusal {
    ok: bool,
    #[serde(default)]
    error: Maybe<Text>,
}

/// The refusal that an answer is, if it is one.
pub(super) fn refusal(answer: &Answer, account: &ChannelAccount) -> Option<SendError> {
    let refused = serde_json::from_slice::<Refusal>(&answer.body)
        .ok()
        .filter(|refusal| !refusal.ok);
    let code = refused.and_then(|refusal| refusal.error.0).map(|code| code.0);
    match code {
        Some(code) => Some(judged(&code, answer, account)),
        None if !answer.status.is_success() => Some(answer.error_by_status()),
        None => None,
    }
}

/// `already_reacted` and the like are no refusals to us; whoever asks for such a thing asks first.
pub(super) fn has_code(answer: &Answer, codes: &[&str]) -> bool {
    let refusal = serde_json::from_slice::<Refusal>(&answer.body).ok();
    let code = refusal.and_then(|refusal| refusal.error.0);
    code.is_some_and(|code| codes.contains(&code.0.as_str()))
}

fn judged(code: &str, answer: &Answer, account: &ChannelAccount) -> SendError {
    let by_status = answer.error_by_status();
    let Some((class, sentence)) = known(code) else {
        // With 200 the status tells nothing, and a refusal we don't know is one all the same.
        let decision = if answer.status.is_success() {
            SendDecision::GiveUp
        } else {
            by_status.decision
        };
        let code = if is_code(code, account) { code } else { "refused" };
        let error = SendError::new(
            decision,
            code,
            "Slack refused the message and gave no reason we know.",
        );
        return if by_status.token_rejected {
            error.with_token_rejected()
        } else {
            error
        };
    };
    let decision = match class {
        Class::Passing => answer.retry_decision(),
        Class::Final | Class::NoAccess => SendDecision::GiveUp,
    };
    let error = SendError::new(decision, code, sentence);
    if class == Class::NoAccess {
        error.with_token_rejected()
    } else {
        error
    }
}

/// A word of Slack's, rather than something that repeats what we sent.
fn is_code(code: &str, account: &ChannelAccount) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let secrets = account.secrets.0.values();
    (1..=64).contains(&code.len())
        && code.bytes().all(word)
        && !secrets
            .into_iter()
            .any(|secret| !secret.is_empty() && code.contains(secret.expose()))
}
