//! SendGrid's signature ("Event Webhook security features"): ECDSA on P-256 over the SHA-256 of timestamp and raw body,
//! as DER in Base64. An Inbound Parse without a security policy isn't signed; its URL may carry Basic credentials.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use switchboard_domain::{ChannelAccount, Secret, Timestamp};

use super::account::{self, MAX_AGE_SECS};
use crate::{
    RawRequest, Rejected, Verified,
    email::{Form, basic_credentials_match, malformed, settings},
    json,
};

pub(super) const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
pub(super) const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

/// How far `SendGrid`'s clock may be ahead of ours.
const MAX_AHEAD: Duration = Duration::from_mins(5);
/// What stands before the point of a P-256 key (RFC 5480): the algorithm, the curve, the length.
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

pub(super) fn verify(
    account: &ChannelAccount,
    request: RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    let has_keys = settings::signing_secrets(account).next().is_some();
    let credentials = account::webhook_credentials(account);
    match (header(&request.headers, SIGNATURE)?, credentials) {
        _ if !has_keys && credentials.is_none() => {
            return Err(Rejected::Misconfigured("the account has no signing secret"));
        }
        (Some(signature), _) if has_keys => check_signature(account, &request, signature, now)?,
        (_, Some(credentials)) => {
            let given = request.headers.get(AUTHORIZATION);
            let given = given.ok_or(Rejected::Unauthenticated("neither signature nor credentials"))?;
            if !basic_credentials_match(credentials, given) {
                return Err(Rejected::Unauthenticated("the credentials are not the account's"));
            }
        }
        _ => return Err(Rejected::Unauthenticated("the signature header is missing")),
    }
    check_body(&request)?;
    Ok(Verified::new(request, &[CONTENT_TYPE]))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Rejected> {
    let odd = Rejected::Unauthenticated("a header is not in SendGrid's form");
    headers
        .get(name)
        .map(|value| value.to_str().map_err(|_| odd))
        .transpose()
}

fn check_signature(
    account: &ChannelAccount,
    request: &RawRequest,
    signature: &str,
    now: Timestamp,
) -> Result<(), Rejected> {
    let timestamp = header(&request.headers, TIMESTAMP)?
        .ok_or(Rejected::Unauthenticated("the timestamp header is missing"))?;
    let at = seconds(timestamp).ok_or(Rejected::Unauthenticated("the timestamp is not a time"))?;
    let signature = STANDARD
        .decode(signature)
        .map_err(|_| Rejected::Unauthenticated("the signature header is not in SendGrid's form"))?;
    let points: Vec<Vec<u8>> = settings::signing_secrets(account).filter_map(point).collect();
    if points.is_empty() {
        return Err(Rejected::Misconfigured(
            "the account's signing secret is no public key",
        ));
    }
    let signed = [timestamp.as_bytes(), request.body.as_ref()].concat();
    let matches = |point: &Vec<u8>| {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
        key.verify(&signed, &signature).is_ok()
    };
    if !points.iter().any(matches) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    let max_age = Duration::from_secs(settings::max_age(&account.settings, MAX_AGE_SECS));
    if now.since(at) > max_age || at.since(now) > MAX_AHEAD {
        return Err(Rejected::Unauthenticated("the signature is too old"));
    }
    Ok(())
}

/// The point of a public key in PEM's Base64, with or without PEM's lines around it.
pub(super) fn point(key: &Secret) -> Option<Vec<u8>> {
    let lines = key
        .expose()
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"));
    let der = STANDARD.decode(lines.collect::<String>()).ok()?;
    let point = der.strip_prefix(&SPKI_HEAD)?;
    (point.len() == 65 && point[0] == 4).then(|| point.to_vec())
}

fn seconds(text: &str) -> Option<Timestamp> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .map(Timestamp::from_secs)
}

/// Events are a list, letters a form.
fn check_body(request: &RawRequest) -> Result<(), Rejected> {
    let content_type = request
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_lowercase();
    if content_type.starts_with("multipart/") || content_type.starts_with("application/x-www-form-urlencoded")
    {
        let own = request
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        Form::read(own.unwrap_or_default(), &request.body)
            .map(drop)
            .ok_or_else(malformed)
    } else {
        json::check_list(&request.body)
    }
}
