//! X's challenge and signature (X, "Webhooks: securing webhooks").

use reqwest::Url;
use serde_json::json;
use switchboard_domain::ChannelAccount;

use super::account;
use crate::{
    Handshake, RawRequest, Rejected, Verified, json as body_json,
    signature::{Encoding, hmac_sha256, hmac_sha256_matches},
};

/// `?crc_token=…`, when the webhook is registered and every hour after: we show that we know the consumer secret.
pub(super) fn handshake(account: &ChannelAccount, query: &str) -> Handshake {
    let Some(secret) = account.secrets.signing_secret() else {
        return Handshake::Refused;
    };
    let token = Url::parse(&format!("http://localhost/?{query}"))
        .ok()
        .and_then(|url| {
            let found = url.query_pairs().find(|(key, _)| key == "crc_token");
            found.map(|(_, token)| token.into_owned())
        });
    match token.filter(|token| !token.is_empty()) {
        Some(token) => {
            let code = hmac_sha256(secret, token.as_bytes(), Encoding::Base64);
            Handshake::Answer {
                content_type: "application/json",
                body: json!({ "response_token": format!("sha256={code}") }).to_string(),
            }
        }
        None => Handshake::Refused,
    }
}

/// `x-twitter-webhooks-signature: sha256=` and the HMAC of the raw bytes in base64. There is no timestamp: deduplication is
/// the protection against replay.
pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = account::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = request
        .headers
        .get("x-twitter-webhooks-signature")
        .ok_or(Rejected::Unauthenticated("the signature header is missing"))?
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix("sha256="))
        .ok_or(Rejected::Unauthenticated(
            "the signature header is not in X's form",
        ))?;
    if !hmac_sha256_matches(secrets, &request.body, given, Encoding::Base64) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    body_json::check_object(&request.body)?;
    Ok(Verified::new(request, &[]))
}
