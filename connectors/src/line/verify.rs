//! LINE's signature (Messaging API, "Verify webhook signature").

use switchboard_domain::ChannelAccount;

use super::{account, payload::Envelope};
use crate::{
    Acknowledgement, RawRequest, Rejected, Verified, json,
    lenient::List,
    signature::{Encoding, hmac_sha256_matches},
};

/// An `events:[]` is about a hundred bytes; whatever is longer than this holds events.
const MAX_QUESTION: usize = 512;

/// `X-Line-Signature`: the Base64 HMAC of the raw bytes under the channel secret. There is no timestamp: deduplication
/// is the protection against replay.
pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = account::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = request
        .headers
        .get("x-line-signature")
        .ok_or(Rejected::Unauthenticated("the signature header is missing"))?
        .to_str()
        .unwrap_or_default();
    if !hmac_sha256_matches(secrets, &request.body, given, Encoding::Base64) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &[]))
}

/// The console's "Verify" button sends no events; there is nothing in that to keep.
pub(super) fn acknowledge(request: &Verified) -> Acknowledgement {
    let body = request.body();
    let envelope = || serde_json::from_str::<Envelope<'_>>(json::text(body)?).ok();
    let asks = body.len() <= MAX_QUESTION
        && envelope()
            .is_some_and(|envelope| matches!(envelope.events, List::Items(events) if events.is_empty()));
    Acknowledgement {
        keep: !asks,
        ..Acknowledgement::empty()
    }
}
