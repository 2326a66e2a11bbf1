//! Shopify's signature (shopify.dev, "Deliver webhooks through HTTPS": "Verify the webhook").

use http::HeaderName;
use switchboard_domain::ChannelAccount;

use super::account;
use crate::{
    RawRequest, Rejected, Verified, json,
    signature::{Encoding, hmac_sha256_matches},
};

/// What `normalise` reads; the newer delivery of events writes them without `x-`.
static KEPT: [HeaderName; 10] = [
    HeaderName::from_static("x-shopify-topic"),
    HeaderName::from_static("x-shopify-shop-domain"),
    HeaderName::from_static("x-shopify-webhook-id"),
    HeaderName::from_static("x-shopify-event-id"),
    HeaderName::from_static("x-shopify-triggered-at"),
    HeaderName::from_static("shopify-topic"),
    HeaderName::from_static("shopify-shop-domain"),
    HeaderName::from_static("shopify-webhook-id"),
    HeaderName::from_static("shopify-event-id"),
    HeaderName::from_static("shopify-triggered-at"),
];

/// `X-Shopify-Hmac-Sha256` is the base64 HMAC of the raw bytes. Neither time nor any other header is covered:
/// deduplication is the protection against replay.
pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = account::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = request
        .headers
        .get("x-shopify-hmac-sha256")
        .or_else(|| request.headers.get("shopify-hmac-sha256"))
        .ok_or(Rejected::Unauthenticated("the signature header is missing"))?
        .to_str()
        .map_err(|_| Rejected::Unauthenticated("the signature header is not base64"))?;
    if !hmac_sha256_matches(secrets, &request.body, given, Encoding::Base64) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &KEPT))
}

/// A header of Shopify's, under either of its names.
pub(super) fn header<'r>(request: &'r Verified, name: &str) -> Option<&'r str> {
    let said = |name: &str| {
        request
            .header(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    said(&format!("x-shopify-{name}")).or_else(|| said(&format!("shopify-{name}")))
}
