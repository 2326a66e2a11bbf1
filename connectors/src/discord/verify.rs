//! Discord's signature (Discord, "Interactions: security and authorization") and what an interaction is answered with.

use std::time::Duration;

use ed25519_dalek::Signature;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use switchboard_domain::{ChannelAccount, Timestamp};

use super::account;
use crate::{Acknowledgement, RawRequest, Rejected, Verified, json as body_json, lenient::Maybe};

/// Discord says nothing of a limit; the time is only signed along. Interactions are never repeated, webhook events for
/// ten minutes with a new time.
pub(super) const TOLERANCE: Duration = Duration::from_mins(5);

/// Only whoever ran the command sees it.
const EPHEMERAL: u32 = 64;

/// `X-Signature-Ed25519`: lower-case hex, over the bytes of `X-Signature-Timestamp` and the raw body. Discord sends wrong
/// ones on purpose, and expects 401.
pub(super) fn verify(
    account: &ChannelAccount,
    request: RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    let mut keys = account::public_keys(account).peekable();
    if keys.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no valid public key"));
    }
    let header = |name: &str, missing: &'static str| {
        let value = request.headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or(Rejected::Unauthenticated(missing))
    };
    let timestamp = header("x-signature-timestamp", "the timestamp header is missing")?;
    let given = header("x-signature-ed25519", "the signature header is missing")?;
    let signature = signature(given).ok_or(Rejected::Unauthenticated(
        "the signature header is not in Discord's form",
    ))?;
    let sent_at = seconds(timestamp).ok_or(Rejected::Unauthenticated("the timestamp is not a time"))?;
    if now.since(sent_at).max(sent_at.since(now)) > TOLERANCE {
        return Err(Rejected::Unauthenticated("the timestamp is too far from now"));
    }
    let signed = [timestamp.as_bytes(), request.body.as_ref()].concat();
    if !keys.any(|key| key.verify_strict(&signed, &signature).is_ok()) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    body_json::check_object(&request.body)?;
    Ok(Verified::new(request, &[]))
}

fn signature(text: &str) -> Option<Signature> {
    let mut bytes = [0; 64];
    let lower_case = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    hex::decode_to_slice(text, &mut bytes).ok()?;
    lower_case.then(|| Signature::from_bytes(&bytes))
}

fn seconds(text: &str) -> Option<Timestamp> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok().map(Timestamp::from_secs))
        .flatten()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked<'a> {
    #[serde(rename = "type")]
    kind: Maybe<u64>,
    /// Of webhook events alone.
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    /// Of interactions alone.
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    /// The message that a component is part of.
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

/// A ping is answered by a pong; an interaction within three seconds by what its kind allows: "thinking" (5), nothing to
/// change on the message (6), no suggestions (8). What agents answer goes out as a message of its own.
pub(super) fn acknowledge(account: &ChannelAccount, body: &[u8]) -> Acknowledgement {
    let asked: Asked<'_> = body_json::text(body)
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    // Webhook events want no content, and a type for it.
    let no_content = |keep: bool| Acknowledgement {
        status: StatusCode::NO_CONTENT,
        content_type: "application/json",
        body: String::new(),
        keep,
    };
    if asked.event.is_some() {
        return no_content(true);
    }
    let answer = |json: serde_json::Value, keep: bool| Acknowledgement {
        status: StatusCode::OK,
        content_type: "application/json",
        body: json.to_string(),
        keep,
    };
    match asked.kind.0 {
        // A webhook event's ping: it looks only whether we answer.
        Some(0) => no_content(false),
        Some(1) => answer(json!({ "type": 1 }), false),
        Some(4) => answer(json!({ "type": 8, "data": { "choices": [] } }), false),
        Some(3) => answer(json!({ "type": 6 }), true),
        Some(5) if asked.message.is_some() => answer(json!({ "type": 6 }), true),
        Some(_) if asked.token.is_some() => match account::command_answer(&account.settings) {
            Some(text) => answer(
                json!({ "type": 4, "data": { "content": text, "flags": EPHEMERAL, "allowed_mentions": { "parse": [] } } }),
                true,
            ),
            None => answer(json!({ "type": 5, "data": { "flags": EPHEMERAL } }), true),
        },
        _ => Acknowledgement::empty(),
    }
}
