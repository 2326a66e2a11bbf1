//! Meta's handshake and signature (Graph API, "Webhooks: getting started").

use reqwest::Url;
use switchboard_domain::ChannelAccount;

use super::account;
use crate::{
    Handshake, RawRequest, Rejected, Verified, json,
    signature::{Encoding, hmac_sha256_matches, same},
};

/// `hub.mode=subscribe&hub.challenge=…&hub.verify_token=…`, in any order: the challenge comes back bare.
pub(super) fn handshake(account: &ChannelAccount, query: &str) -> Handshake {
    let Some(expected) = account.secrets.verify_token() else {
        return Handshake::Refused;
    };
    let Ok(url) = Url::parse(&format!("http://localhost/?{query}")) else {
        return Handshake::Refused;
    };
    let parameter = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let subscribes = parameter("hub.mode").is_some_and(|mode| mode == "subscribe");
    let knows_us = parameter("hub.verify_token").is_some_and(|token| same(expected.expose(), &token));
    match parameter("hub.challenge") {
        Some(challenge) if subscribes && knows_us => Handshake::Answer {
            content_type: "text/plain",
            body: challenge.into_owned(),
        },
        _ => Handshake::Refused,
    }
}

/// `X-Hub-Signature-256: sha256=` and the lower-case hex HMAC of the raw bytes. The SHA-1 header beside it is ignored.
/// There is no timestamp: deduplication is the protection against replay.
pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = account::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = request
        .headers
        .get("x-hub-signature-256")
        .ok_or(Rejected::Unauthenticated("the signature header is missing"))?
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix("sha256="))
        .ok_or(Rejected::Unauthenticated(
            "the signature header is not in Meta's form",
        ))?;
    if !hmac_sha256_matches(secrets, &request.body, given, Encoding::LowerHex) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &[]))
}
