//! Meta's handshake and signature (Graph API, "Webhooks: getting started").

use http::HeaderValue;
use reqwest::Url;
use switchboard_domain::{ChannelAccount, Secret};

use crate::{
    Handshake, RawRequest, Rejected, Scheme, Verified, json,
    signature::{Encoding, hmac_sha256, hmac_sha256_matches, same},
};

const HEADER: &str = "x-hub-signature-256";

pub(crate) const SCHEME: Scheme = Scheme {
    headers: &[HEADER],
    covers_body: true,
    covers_url: false,
    expires_after: None,
};

/// The app's secrets, the current one first. None: nobody can sign for this account.
fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

/// `hub.mode=subscribe&hub.challenge=…&hub.verify_token=…`, in any order: the challenge comes back bare.
pub(crate) fn handshake(account: &ChannelAccount, query: &str) -> Handshake {
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
pub(crate) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = request
        .headers
        .get(HEADER)
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

/// As Meta does it.
pub(crate) fn sign(account: &ChannelAccount, request: &mut RawRequest) {
    let Some(secret) = account.secrets.signing_secret() else {
        return;
    };
    let code = hmac_sha256(secret, &request.body, Encoding::LowerHex);
    if let Ok(value) = HeaderValue::from_str(&format!("sha256={code}")) {
        request.headers.insert(HEADER, value);
    }
}
