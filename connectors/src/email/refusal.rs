//! A provider's no, in its own words.

use http::StatusCode;
use switchboard_domain::ChannelAccount;

use super::settings::redacted;
use crate::{SendDecision, SendError, http_exchange::Answer};

/// Longer explanations than this are pages of HTML.
const MAX_SAID: usize = 400;

/// The status decides; a refusal that says why is passed on to the agent.
pub(crate) fn refusal(
    account: &ChannelAccount,
    answer: &Answer,
    code: Option<String>,
    said: Option<&str>,
) -> SendError {
    let too_fast = answer.status == StatusCode::TOO_MANY_REQUESTS;
    let mut error = answer.error_by_status().for_whole_account(too_fast);
    if let Some(code) = code {
        error.code = redacted(account, &code);
    }
    let said = said
        .map(|said| redacted(account, said))
        .filter(|said| !said.is_empty());
    if let (SendDecision::GiveUp, false, Some(said)) = (error.decision, error.token_rejected, said) {
        let said: String = said.chars().take(MAX_SAID).collect();
        error.message = format!("The mail provider refused the message: {said}");
    }
    error
}

/// The provider took it, and we don't know under which id.
pub(crate) fn no_id() -> SendError {
    SendError::new(
        SendDecision::Uncertain,
        "no_message_id",
        "The mail provider took the letter and gave it no id. The customer may or may not have it.",
    )
}

/// Letters have no receipt that we read them.
pub(crate) fn not_told() -> SendError {
    SendError::give_up(
        "not_supported",
        "By e-mail nobody is told that their letter was read.",
    )
}
