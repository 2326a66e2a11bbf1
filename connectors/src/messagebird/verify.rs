//! MessageBird's signatures: a JSON web token over URL and body (docs, "Verifying HTTP requests"), and the older one,
//! an HMAC over time, query and body, which Bird's platform kept with the whole URL in the query's place.

use std::time::Duration;

use http::HeaderMap;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use switchboard_domain::{ChannelAccount, Secret, Timestamp};

use crate::{
    RawRequest, Rejected, Verified, form, json, jwt, settings,
    signature::{Encoding, hmac_sha256_matches, same, sha256_hex},
};

const TOKEN_HEADER: &str = "messagebird-signature-jwt";
const SIGNATURE_HEADER: &str = "messagebird-signature";
const TIME_HEADER: &str = "messagebird-request-timestamp";

/// Between our clock and MessageBird's.
const LEEWAY: Duration = Duration::from_secs(1);
/// How long MessageBird's tokens live.
pub(super) const LIFETIME: Duration = Duration::from_mins(1);
/// How old the older signature may be, by MessageBird's own libraries.
const TOLERANCE: Duration = Duration::from_secs(100);

pub(super) fn verify(
    account: &ChannelAccount,
    request: RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    let secrets: Vec<&Secret> = settings::signing_secrets(account).collect();
    if secrets.is_empty() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    match text(&request.headers, TOKEN_HEADER)? {
        Some(token) => by_token(&secrets, token, &request, now)?,
        None => by_signature(&secrets, &request, now)?,
    }
    let request = request.by_query();
    if request.body.trim_ascii_start().starts_with(b"{") || request.body.starts_with(b"\xef\xbb\xbf") {
        json::check_object(&request.body)?;
    } else {
        form::check(&request.body)?;
    }
    Ok(Verified::new(request, &[]))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Rejected> {
    let value = headers.get(name).map(|value| value.to_str());
    value
        .transpose()
        .map_err(|_| Rejected::Unauthenticated("the signature header is not text"))
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    jti: String,
    nbf: i64,
    exp: Option<i64>,
    url_hash: String,
    payload_hash: Option<String>,
}

fn by_token(secrets: &[&Secret], token: &str, request: &RawRequest, now: Timestamp) -> Result<(), Rejected> {
    let claims: Claims = jwt::claims(token, secrets.iter().copied())
        .and_then(|claims| serde_json::from_slice(&claims).ok())
        .filter(|claims: &Claims| claims.iss == "MessageBird" && !claims.jti.is_empty())
        .ok_or(Rejected::Unauthenticated("the token is not MessageBird's"))?;
    let begins = Timestamp::from_secs(claims.nbf);
    let ends = claims.exp.map_or(begins.plus(LIFETIME), Timestamp::from_secs);
    if now.plus(LEEWAY) < begins || now >= ends.plus(LEEWAY) {
        return Err(Rejected::Unauthenticated("the token is too old or not valid yet"));
    }
    if !same(&sha256_hex(request.url.as_bytes()), &claims.url_hash) {
        return Err(Rejected::Unauthenticated("the token is not for this URL"));
    }
    // There is a hash exactly if there is a body.
    let fits = match &claims.payload_hash {
        Some(told) => !request.body.is_empty() && same(&sha256_hex(&request.body), told),
        None => request.body.is_empty(),
    };
    if fits {
        Ok(())
    } else {
        Err(Rejected::Unauthenticated("the token is not for this body"))
    }
}

fn by_signature(secrets: &[&Secret], request: &RawRequest, now: Timestamp) -> Result<(), Rejected> {
    let missing = Rejected::Unauthenticated("the signature header is missing");
    let given = text(&request.headers, SIGNATURE_HEADER)?.ok_or(missing)?;
    let told = text(&request.headers, TIME_HEADER)?
        .ok_or(Rejected::Unauthenticated("the timestamp header is missing"))?;
    let at = told
        .parse()
        .map(Timestamp::from_secs)
        .map_err(|_| Rejected::Unauthenticated("the timestamp is not a number"))?;
    if now.since(at).max(at.since(now)) > TOLERANCE {
        return Err(Rejected::Unauthenticated(
            "the signature is too old or not valid yet",
        ));
    }
    let body = Sha256::digest(&request.body);
    let signed = |middle: &str| {
        let message = [told.as_bytes(), b"\n", middle.as_bytes(), b"\n", &body].concat();
        hmac_sha256_matches(secrets.iter().copied(), &message, given, Encoding::Base64)
    };
    if signed(&sorted(&request.query)) || signed(&request.url) {
        Ok(())
    } else {
        Err(Rejected::Unauthenticated("the signature doesn't match"))
    }
}

/// The query's parameters by name, encoded as they came.
fn sorted(query: &str) -> String {
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_by_key(|pair| pair.split('=').next());
    pairs.join("&")
}
