//! Mailgun's signature (user manual, "Securing webhooks"): lower-case hex HMAC-SHA256 of `timestamp` and `token`.
//!
//! The rest of the body isn't signed, so what keeps others from reusing a signature is TLS, its age, and that its token
//! is good for one body only.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;
use switchboard_domain::{ChannelAccount, Timestamp};

use super::account::MAX_AGE_SECS;
use crate::{
    RawRequest, Rejected, Verified,
    email::{Form, malformed, settings},
    json,
    signature::{Encoding, hmac_sha256_matches},
};

/// How far Mailgun's clock may be ahead of ours.
const MAX_AHEAD: Duration = Duration::from_mins(5);

pub(super) fn verify(
    account: &ChannelAccount,
    request: RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    if settings::signing_secrets(account).next().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let proof = proof(&request)?.ok_or(Rejected::Unauthenticated("the signature is missing"))?;
    let signed = [proof.timestamp.as_bytes(), proof.token.as_bytes()].concat();
    // Of a subaccount's events the parent's key signs too.
    let given = [Some(&proof.signature), proof.parent_signature.as_ref()];
    let matches = given.into_iter().flatten().any(|given| {
        let secrets = settings::signing_secrets(account);
        hmac_sha256_matches(secrets, &signed, given, Encoding::LowerHex)
    });
    if !matches {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    let at = seconds(&proof.timestamp).ok_or(Rejected::Unauthenticated("the timestamp is not a time"))?;
    let max_age = Duration::from_secs(settings::max_age(&account.settings, MAX_AGE_SECS));
    if now.since(at) > max_age || at.since(now) > MAX_AHEAD {
        return Err(Rejected::Unauthenticated("the signature is too old"));
    }
    Ok(Verified::new(request, &[CONTENT_TYPE]).once(proof.token, max_age + MAX_AHEAD))
}

#[derive(Deserialize)]
struct Envelope {
    signature: Proof,
}

#[derive(Deserialize)]
struct Proof {
    #[serde(deserialize_with = "digits")]
    timestamp: String,
    token: String,
    signature: String,
    #[serde(rename = "parent-signature", default)]
    parent_signature: Option<String>,
}

/// `None`: a body in Mailgun's form that says nothing of a signature.
fn proof(request: &RawRequest) -> Result<Option<Proof>, Rejected> {
    let content_type = request
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default();
    if content_type.to_lowercase().starts_with("application/json") {
        json::check_object(&request.body)?;
        let text = json::text(&request.body).unwrap_or_default();
        return Ok(serde_json::from_str::<Envelope>(text)
            .ok()
            .map(|envelope| envelope.signature));
    }
    let form = Form::read(content_type, &request.body).ok_or_else(malformed)?;
    Ok(of_form(&form))
}

/// Headers of a letter and variables of an event are fields too, and may have these names; Mailgun's own come last
/// (django-anymail, "conflicting merged user-variables").
fn of_form(form: &Form<'_>) -> Option<Proof> {
    Some(Proof {
        timestamp: form.last("timestamp")?,
        token: form.last("token")?,
        signature: form.last("signature")?,
        parent_signature: form.last("parent-signature"),
    })
}

fn digits<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

fn seconds(text: &str) -> Option<Timestamp> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .map(Timestamp::from_secs)
}
