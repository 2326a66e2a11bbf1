//! How a request proves that the company's own server, or our own WebSocket, made it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use switchboard_domain::{ChannelAccount, Secret, Timestamp};

use crate::{
    RawRequest, Rejected, Verified, json,
    settings::signing_secrets,
    signature::{Encoding, hmac_sha256, hmac_sha256_matches},
};

pub(super) const TIMESTAMP: &str = "x-switchboard-timestamp";
pub(super) const SIGNATURE: &str = "x-switchboard-signature";
const SCHEME: &str = "sha256=";

/// How many seconds the sender's clock and ours may be apart, either way.
pub(super) const TOLERANCE: u64 = 300;

/// `X-Switchboard-Signature: sha256=` and the hex HMAC-SHA256 of `{timestamp}.{body}`, the timestamp in seconds.
pub(super) fn verify(
    account: &ChannelAccount,
    request: RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    const NONE: [HeaderName; 0] = [];
    let mut secrets = signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let header = |name: &str| request.headers.get(name)?.to_str().ok();
    let given = header(SIGNATURE)
        .and_then(|value| value.strip_prefix(SCHEME))
        .ok_or(Rejected::Unauthenticated("the signature header is missing"))?;
    let timestamp = header(TIMESTAMP).ok_or(Rejected::Unauthenticated("the timestamp header is missing"))?;
    let at = seconds(timestamp).ok_or(Rejected::Unauthenticated("the timestamp is not in seconds"))?;
    let apart = now.since(at).max(at.since(now));
    if apart.as_secs() > TOLERANCE {
        return Err(Rejected::Unauthenticated("the timestamp is too far from now"));
    }
    if !hmac_sha256_matches(
        secrets,
        &message(timestamp, &request.body),
        given,
        Encoding::LowerHex,
    ) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &NONE))
}

/// Nothing but digits: `+1` and `1e9` are other spellings of what was signed.
fn seconds(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Timestamp::from_secs)
}

fn message(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b".", body].concat()
}

pub(super) fn sign(secret: &Secret, headers: &mut HeaderMap, body: &[u8], now: Timestamp) {
    let timestamp = now.as_millis().div_euclid(1000).to_string();
    let code = hmac_sha256(secret, &message(&timestamp, body), Encoding::LowerHex);
    let values = [(TIMESTAMP, timestamp), (SIGNATURE, format!("{SCHEME}{code}"))];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// What a visitor's connection said, as a request that proves it. `None`: the account has no secret to prove it with.
pub fn signed(account: &ChannelAccount, url: String, body: Bytes, now: Timestamp) -> Option<RawRequest> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    sign(account.secrets.signing_secret()?, &mut headers, &body, now);
    Some(RawRequest {
        method: Method::POST,
        url,
        query: String::new(),
        headers,
        body,
    })
}
