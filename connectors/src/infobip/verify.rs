//! Infobip signs nothing by itself: a webhook carries what its security settings say (Subscriptions API, "Create
//! security settings"): a name and password, a header of ours, or an HMAC over the body. The account names which, and
//! nothing else passes.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, header::AUTHORIZATION};
use switchboard_domain::{ChannelAccount, Secret};

use super::account::Proof;
use crate::{
    RawRequest, Rejected, Verified, json, settings,
    signature::{Encoding, Hash, hmac_matches, same},
};

pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let secrets: Vec<&Secret> = settings::signing_secrets(account).collect();
    if secrets.is_empty() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let proof = Proof::of(&account.settings)
        .map_err(|_| Rejected::Misconfigured("the account's auth_scheme is not complete"))?;
    let proven = match &proof {
        Proof::Basic { username } => is_basic(&request.headers, username, &secrets)?,
        Proof::Header(name) => {
            let given = header(&request.headers, name)?;
            is_one_of(given, secrets.iter().map(|secret| secret.expose().to_owned()))
        }
        Proof::Hmac { header: name, hash } => {
            is_hmac(*hash, &secrets, &request.body, header(&request.headers, name)?)
        }
    };
    if !proven {
        return Err(Rejected::Unauthenticated(
            "the webhook is not proven to be Infobip's",
        ));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &[]))
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<&'h str, Rejected> {
    headers
        .get(name)
        .ok_or(Rejected::Unauthenticated(
            "the header that proves the webhook is missing",
        ))?
        .to_str()
        .map_err(|_| Rejected::Unauthenticated("the header that proves the webhook is not text"))
}

/// Every secret is compared, so that the time tells nothing of which came close.
fn is_one_of(given: &str, expected: impl Iterator<Item = String>) -> bool {
    expected.fold(false, |found, expected| same(&expected, given) | found)
}

fn is_basic(headers: &HeaderMap, username: &str, secrets: &[&Secret]) -> Result<bool, Rejected> {
    let given = header(headers, &AUTHORIZATION)?;
    let (scheme, credentials) = given
        .split_once(' ')
        .ok_or(Rejected::Unauthenticated("the Authorization header is not basic"))?;
    let expected = secrets.iter().map(|secret| basic(username, secret));
    Ok(scheme.eq_ignore_ascii_case("basic") && is_one_of(credentials.trim(), expected))
}

/// A name and password as the header has them.
pub(super) fn basic(username: &str, password: &Secret) -> String {
    STANDARD.encode(format!("{username}:{}", password.expose()))
}

/// In hexadecimal or base64, with the algorithm's name before it or not.
fn is_hmac(hash: Hash, secrets: &[&Secret], body: &[u8], given: &str) -> bool {
    let code = given
        .split_once('=')
        .filter(|(name, _)| matches!(*name, "sha1" | "sha256" | "sha512"))
        .map_or(given, |(_, code)| code);
    let encodings = [Encoding::LowerHex, Encoding::Base64];
    encodings
        .iter()
        .any(|encoding| hmac_matches(hash, secrets.iter().copied(), body, code, *encoding))
}
