//! `WooCommerce`'s signature, and the one request it doesn't sign (`class-wc-webhook.php`).

use http::HeaderName;
use switchboard_domain::ChannelAccount;

use super::{account, secret};
use crate::{
    RawRequest, Rejected, Verified, json,
    signature::{Encoding, hmac_sha256_matches},
};

const SIGNATURE: HeaderName = HeaderName::from_static("x-wc-webhook-signature");

/// What `normalise` reads.
static KEPT: [HeaderName; 3] = [
    HeaderName::from_static("x-wc-webhook-topic"),
    HeaderName::from_static("x-wc-webhook-source"),
    HeaderName::from_static("x-wc-webhook-delivery-id"),
];

/// `X-WC-Webhook-Signature` is the base64 HMAC of the raw bytes. Neither time nor any other header is covered:
/// deduplication is the protection against replay.
pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = account::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let Some(given) = request.headers.get(SIGNATURE) else {
        // Holds nothing but a number and is never kept, so whoever sent it has gained a 200 and no more.
        if is_ping(&request.body) {
            return Ok(Verified::new(request, &[]));
        }
        return Err(Rejected::Unauthenticated("the signature header is missing"));
    };
    let given = given
        .to_str()
        .map_err(|_| Rejected::Unauthenticated("the signature header is not base64"))?;
    let matches = secrets
        .flat_map(secret::keys)
        .any(|key| hmac_sha256_matches([&key], &request.body, given, Encoding::Base64));
    if !matches {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &KEPT))
}

/// `webhook_id=7`: when a webhook is made active, `WooCommerce` posts this unsigned and wants exactly 200 for it.
pub(super) fn is_ping(body: &[u8]) -> bool {
    body.strip_prefix(b"webhook_id=")
        .is_some_and(|id| (1..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit))
}
