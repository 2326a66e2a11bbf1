//! Viber's signature (Viber REST API, "Callbacks").

use reqwest::Url;
use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::account;
use crate::{
    Acknowledgement, RawRequest, Rejected, Verified, json,
    lenient::{Maybe, Text},
    signature::{Encoding, hmac_sha256_matches},
};

/// `X-Viber-Content-Signature`: the lower-case hex HMAC of the raw bytes under the bot's token. Viber sends the same as
/// `sig` in the query, for servers that lose headers. There is no timestamp: deduplication is the protection against replay.
pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = account::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = match request.headers.get("x-viber-content-signature") {
        Some(value) => value.to_str().unwrap_or_default().to_owned(),
        None => {
            in_query(&request.query).ok_or(Rejected::Unauthenticated("the signature header is missing"))?
        }
    };
    if !hmac_sha256_matches(secrets, &request.body, &given, Encoding::LowerHex) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &[]))
}

fn in_query(query: &str) -> Option<String> {
    let url = Url::parse(&format!("http://localhost/?{query}")).ok()?;
    let mut pairs = url.query_pairs();
    pairs
        .find(|(name, _)| name == "sig")
        .map(|(_, value)| value.into_owned())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Callback {
    event: Maybe<Text>,
}

/// `set_webhook` asks with an event `webhook` whether we are there, and fails unless it gets its 200.
pub(super) fn acknowledge(request: &Verified) -> Acknowledgement {
    let callback = || serde_json::from_str::<Callback>(json::text(request.body())?).ok();
    let asks = callback().is_some_and(|callback| callback.event.0.is_some_and(|event| event.0 == "webhook"));
    Acknowledgement {
        keep: !asks,
        ..Acknowledgement::empty()
    }
}
