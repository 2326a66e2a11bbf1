//! Twilio's signature: `X-Twilio-Signature`, base64 of an HMAC under the auth token (Twilio docs, "Webhooks security").
//!
//! Signed is the URL as Twilio knows it, followed, for a form, by each field's name and value, by name and value sorted,
//! repeated ones once. For other bodies the URL carries their SHA-256 in `bodySHA256`. There is no time in it:
//! deduplication is the protection against replay.

use http::HeaderMap;
use switchboard_domain::{ChannelAccount, Secret};

use crate::{
    RawRequest, Rejected, Verified, form,
    form::Form,
    json, settings,
    signature::{Encoding, Hash, hmac, hmac_matches, same, sha256_hex},
};

const HEADER: &str = "x-twilio-signature";
/// Names the algorithm where a shared key signs instead of the auth token: `key=…,algorithm=HMAC_SHA256`.
const SETTINGS_HEADER: &str = "x-twilio-webhooks-signature-settings";

pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let secrets: Vec<&Secret> = settings::signing_secrets(account).collect();
    if secrets.is_empty() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = request
        .headers
        .get(HEADER)
        .ok_or(Rejected::Unauthenticated("the signature header is missing"))?
        .to_str()
        .map_err(|_| Rejected::Unauthenticated("the signature header is not text"))?;
    let hash = algorithm(&request.headers)?;
    let body_hash = body_hash(&request.query);
    let fields = if body_hash.is_some() {
        String::new()
    } else {
        signed_fields(&request.body)
    };
    let signed = |url: &str| {
        let message = format!("{url}{fields}");
        hmac_matches(
            hash,
            secrets.iter().copied(),
            message.as_bytes(),
            given,
            Encoding::Base64,
        )
    };
    if !known_as(&request.url).iter().any(|url| signed(url)) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    let request = request.by_query();
    match body_hash {
        Some(told) if !same(&sha256_hex(&request.body), &told) => {
            return Err(Rejected::Unauthenticated("the body's hash doesn't match"));
        }
        Some(_) => json::check_object(&request.body)?,
        None => form::check(&request.body)?,
    }
    Ok(Verified::new(request, &[]))
}

fn algorithm(headers: &HeaderMap) -> Result<Hash, Rejected> {
    let Some(told) = headers.get(SETTINGS_HEADER) else {
        return Ok(Hash::Sha1);
    };
    let parts = told.to_str().unwrap_or_default().split(',');
    let mut named = parts.filter_map(|part| part.trim().strip_prefix("algorithm="));
    match named.next() {
        None | Some("HMAC_SHA1") => Ok(Hash::Sha1),
        Some("HMAC_SHA256") => Ok(Hash::Sha256),
        Some(_) => Err(Rejected::Unauthenticated(
            "the signature's algorithm is not known",
        )),
    }
}

fn body_hash(query: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "bodySHA256")
        .map(|(_, value)| value.into_owned())
}

/// Sorted by name, then by value: `Reason` stands before `ReasonConferenceEnded` whatever their values are.
fn signed_fields(body: &[u8]) -> String {
    let form = Form::parse(body);
    let mut pairs: Vec<_> = form.pairs().iter().collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
        .iter()
        .flat_map(|(name, value)| [name.as_ref(), value.as_ref()])
        .collect()
}

/// The forms in which Twilio may have signed our URL: with and without the port, and with an apostrophe in the query
/// plain or encoded.
fn known_as(url: &str) -> Vec<String> {
    let mut candidates = Vec::with_capacity(2);
    if let Some((scheme, after)) = url.split_once("://") {
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at(end);
        let (user, host) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(u, h)| (Some(u), h));
        let user = user.map_or_else(String::new, |user| format!("{user}@"));
        // The colons of an IPv6 address are inside its brackets.
        let port_at = host.rfind(':').filter(|at| !host[*at..].contains(']'));
        let (name, port) = host.split_at(port_at.unwrap_or(host.len()));
        let usual = if scheme.eq_ignore_ascii_case("https") {
            ":443"
        } else {
            ":80"
        };
        let with = if port.is_empty() { usual } else { port };
        candidates.push(format!("{scheme}://{user}{name}{rest}"));
        candidates.push(format!("{scheme}://{user}{name}{with}{rest}"));
    } else {
        candidates.push(url.to_owned());
    }
    if let Some((_, query)) = url.split_once('?') {
        for (from, to) in [("'", "%27"), ("%27", "'")] {
            if query.contains(from) {
                let other = query.replace(from, to);
                let again: Vec<_> = candidates.iter().map(|url| url.replace(query, &other)).collect();
                candidates.extend(again);
            }
        }
    }
    candidates
}

/// The header's value, as Twilio would compute it for a form sent to this URL.
pub(super) fn sign(secret: &Secret, url: &str, body: &[u8]) -> String {
    let message = format!("{url}{}", signed_fields(body));
    let key = secret.expose().as_bytes();
    hmac(Hash::Sha1, key, message.as_bytes(), Encoding::Base64)
}
