//! Telegram's proof: the secret that `setWebhook` was given, in a header of every request (Bot API, "setWebhook").

use switchboard_domain::ChannelAccount;

use super::account;
use crate::{RawRequest, Rejected, Verified, json, signature::same};

/// Plain equality: neither body nor time is covered, so the webhook's URL has to stay private as well and deduplication
/// by id is the protection against replay.
pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = account::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = request
        .headers
        .get("x-telegram-bot-api-secret-token")
        .ok_or(Rejected::Unauthenticated("the secret token's header is missing"))?
        .as_bytes();
    let given = std::str::from_utf8(given).unwrap_or_default();
    if !secrets.any(|secret| same(secret.expose(), given)) {
        return Err(Rejected::Unauthenticated("the secret token is another one"));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &[]))
}
