//! Who a visitor is: somebody the page vouches for, somebody who was here before, or somebody new.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use switchboard_connectors::{
    language_tag,
    webchat::{Settings, Visitor, proves_user, token_code, token_matches},
};
use switchboard_domain::{ChannelAccount, Timestamp};

use super::frames::Hello;

const VERSION: &str = "v1";
/// Names and addresses: more than any has.
const LONGEST_WORD: usize = 200;
const LONGEST_USER_ID: usize = 150;

/// A visitor who was let in.
#[derive(Debug)]
pub struct Admitted {
    pub visitor: Visitor,
    pub identified: bool,
    /// For the next connection.
    pub token: String,
}

/// Why somebody wasn't: a code for the widget and a sentence.
pub type Denied = (&'static str, &'static str);

const REQUIRED: Denied = ("identity_required", "Sign in to the site to use this chat.");
const NOT_PROVEN: Denied = ("identity_invalid", "The site couldn't prove who you are.");
const EXPIRED: Denied = ("token_expired", "This chat has been away for too long.");
const INVALID: Denied = ("token_invalid", "This chat's token isn't one of ours.");
const NO_SECRET: Denied = ("identity_invalid", "This account can't name visitors.");

/// `chance` names a new visitor.
pub fn admit(
    account: &ChannelAccount,
    settings: &Settings,
    hello: &Hello,
    now: Timestamp,
    ttl: Duration,
    chance: [u8; 16],
) -> Result<Admitted, Denied> {
    let identified = hello.user_id.is_some();
    let id = match (&hello.user_id, &hello.token) {
        (Some(user_id), _) => {
            let hash = hello.user_hash.as_deref().unwrap_or_default();
            let named = !user_id.is_empty()
                && user_id.chars().count() <= LONGEST_USER_ID
                && !user_id.chars().any(char::is_control);
            if !named || !proves_user(account, user_id, hash) {
                return Err(NOT_PROVEN);
            }
            format!("user:{user_id}")
        }
        (None, _) if settings.require_identity => return Err(REQUIRED),
        (None, Some(token)) => read(account, token, now)?,
        (None, None) => format!("anon:{}", hex::encode(chance)),
    };
    let token = issue(account, &id, now.plus(ttl)).ok_or(NO_SECRET)?;
    let visitor = Visitor {
        name: word(hello.name.as_deref()),
        email: word(hello.email.as_deref()),
        phone: word(hello.phone.as_deref()),
        language: hello.language.as_deref().and_then(language_tag),
        id,
    };
    Ok(Admitted {
        visitor,
        identified,
        token,
    })
}

/// Something a person might be called or reached by.
pub fn word(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    let fits =
        !text.is_empty() && text.chars().count() <= LONGEST_WORD && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

fn issue(account: &ChannelAccount, visitor: &str, expires: Timestamp) -> Option<String> {
    let seconds = expires.as_millis().div_euclid(1000);
    let claims = format!("{VERSION}.{}.{seconds}", URL_SAFE_NO_PAD.encode(visitor));
    let code = token_code(account, &claims)?;
    Some(format!("{claims}.{code}"))
}

/// The visitor of a token, to begin a chat with. Signed-in visitors are named by the page's proof alone.
fn read(account: &ChannelAccount, token: &str, now: Timestamp) -> Result<String, Denied> {
    bearer(account, token, now).and_then(|visitor| {
        let stranger = visitor.starts_with("anon:");
        stranger.then_some(visitor).ok_or(INVALID)
    })
}

/// The visitor that a token of ours was given to, for what they do beside their connection.
pub fn bearer(account: &ChannelAccount, token: &str, now: Timestamp) -> Result<String, Denied> {
    let (claims, code) = token.rsplit_once('.').ok_or(INVALID)?;
    if !token_matches(account, claims, code) {
        return Err(INVALID);
    }
    let mut parts = claims.split('.');
    let (Some(VERSION), Some(visitor), Some(expires), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(INVALID);
    };
    let expires: i64 = expires.parse().map_err(|_| INVALID)?;
    if now >= Timestamp::from_secs(expires) {
        return Err(EXPIRED);
    }
    let visitor = URL_SAFE_NO_PAD.decode(visitor).ok();
    visitor
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(INVALID)
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
