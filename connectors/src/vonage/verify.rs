//! Vonage's two proofs: a JSON web token in `Authorization` (Messages API, "Signed webhooks"), or `sig` among the
//! parameters (SMS API, "Signing messages").

use std::time::Duration;

use http::{HeaderValue, header::AUTHORIZATION};
use serde::Deserialize;
use switchboard_domain::{ChannelAccount, Secret, Timestamp};

use super::{
    account,
    sms::{Parameters, is_json},
};
use crate::{
    RawRequest, Rejected, Verified, form, json, jwt, settings,
    signature::{same, sha256_hex},
};

/// How far Vonage's clock and the way to us may put a signature's time from ours.
pub(super) const TOLERANCE: Duration = Duration::from_mins(5);

const MISSING: Rejected = Rejected::Unauthenticated("there is neither a token nor a signature");

pub(super) fn verify(
    account: &ChannelAccount,
    request: RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    let secrets: Vec<&Secret> = settings::signing_secrets(account).collect();
    if secrets.is_empty() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    match request.headers.get(AUTHORIZATION) {
        Some(header) => by_token(account, &secrets, header, &request.body, now)?,
        None if request.body.is_empty() => by_parameters(account, &secrets, request.query.as_bytes(), now)?,
        None => by_parameters(account, &secrets, &request.body, now)?,
    }
    let request = request.by_query();
    if is_json(&request.body) {
        json::check_object(&request.body)?;
    } else {
        form::check(&request.body)?;
    }
    Ok(Verified::new(request, &[]))
}

#[derive(Deserialize)]
struct Claims {
    iat: Option<i64>,
    exp: Option<i64>,
    payload_hash: Option<String>,
    api_key: Option<String>,
}

fn by_token(
    account: &ChannelAccount,
    secrets: &[&Secret],
    header: &HeaderValue,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Rejected> {
    let token = header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Rejected::Unauthenticated(
            "the Authorization header holds no token",
        ))?;
    let claims: Claims = jwt::claims(token, secrets.iter().copied())
        .and_then(|claims| serde_json::from_slice(&claims).ok())
        .ok_or(Rejected::Unauthenticated("the token is not Vonage's"))?;
    if !is_current(&claims, now) {
        return Err(Rejected::Unauthenticated("the token is too old or not valid yet"));
    }
    let hashed = match &claims.payload_hash {
        Some(told) => same(&sha256_hex(body), told),
        None => body.is_empty(),
    };
    if !hashed {
        return Err(Rejected::Unauthenticated("the token is not for this body"));
    }
    match (settings::text(&account.settings, "api_key"), &claims.api_key) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            Err(Rejected::Unauthenticated("the token is for another API key"))
        }
        _ => Ok(()),
    }
}

/// A token that names its end is good until then, another for a few minutes after it was issued.
fn is_current(claims: &Claims, now: Timestamp) -> bool {
    let issued = claims.iat.map(Timestamp::from_secs);
    let ends = claims.exp.map(Timestamp::from_secs);
    issued.is_none_or(|at| at <= now.plus(TOLERANCE))
        && match (ends, issued) {
            (Some(end), _) => now < end,
            (None, Some(at)) => now.since(at) <= TOLERANCE,
            (None, None) => false,
        }
}

/// Vonage always sends a `timestamp` along; where it is missing it wasn't signed either, and deduplication remains.
fn by_parameters(
    account: &ChannelAccount,
    secrets: &[&Secret],
    body: &[u8],
    now: Timestamp,
) -> Result<(), Rejected> {
    let Ok(method) = account::signature_method(&account.settings) else {
        return Err(Rejected::Misconfigured(
            "the account's signature_method is not known",
        ));
    };
    let parameters = Parameters::of(body).ok_or(MISSING)?;
    let given = parameters.get("sig").ok_or(MISSING)?;
    if !parameters.signed_by(secrets.iter().copied(), method, given) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    let Some(told) = parameters.get("timestamp") else {
        return Ok(());
    };
    let at = told.parse().map(Timestamp::from_secs);
    match at {
        Ok(at) if now.since(at).max(at.since(now)) <= TOLERANCE => Ok(()),
        _ => Err(Rejected::Unauthenticated(
            "the signature is too old or not valid yet",
        )),
    }
}
