//! Slack's signature and its questions (Slack, "Verifying requests from Slack", "`url_verification` event").

use std::time::Duration;

use serde::Deserialize;
use switchboard_domain::{ChannelAccount, Timestamp};

use super::{
    account,
    form::{Form, is_object},
};
use crate::{
    Acknowledgement, Handshake, RawRequest, Rejected, Verified, json,
    lenient::{Maybe, Text},
    signature::{Encoding, hmac_sha256_matches},
};

/// How far Slack's clock and ours may be apart, in both directions.
pub(super) const TOLERANCE: Duration = Duration::from_mins(5);

/// Kept for whoever reads the ledger: a retry tells that an earlier answer was late or lost.
const RETRY_HEADERS: [http::HeaderName; 2] = [
    http::HeaderName::from_static("x-slack-retry-num"),
    http::HeaderName::from_static("x-slack-retry-reason"),
];

/// Before it trusts a slash command's URL, Slack looks whether its certificate is good: `ssl_check=1`.
pub(super) fn handshake(query: &str) -> Handshake {
    let asks = Form::parse(query).is_some_and(|form| form.get("ssl_check").is_some_and(|flag| flag == "1"));
    if asks {
        Handshake::Answer {
            content_type: "text/plain; charset=utf-8",
            body: String::new(),
        }
    } else {
        Handshake::NotSupported
    }
}

/// `X-Slack-Signature: v0=` and the lower-case hex HMAC of `v0:{timestamp}:{raw body}`.
pub(super) fn verify(
    account: &ChannelAccount,
    request: RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    let mut secrets = account::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let header = |name: &str, missing: &'static str| {
        let value = request.headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or(Rejected::Unauthenticated(missing))
    };
    let timestamp = header("x-slack-request-timestamp", "the timestamp header is missing")?;
    let given = header("x-slack-signature", "the signature header is missing")?
        .strip_prefix("v0=")
        .ok_or(Rejected::Unauthenticated(
            "the signature header is not in Slack's form",
        ))?;
    let sent_at = seconds(timestamp).ok_or(Rejected::Unauthenticated("the timestamp is not a time"))?;
    if now.since(sent_at).max(sent_at.since(now)) > TOLERANCE {
        return Err(Rejected::Unauthenticated("the timestamp is too far from now"));
    }
    let signed = [b"v0:", timestamp.as_bytes(), b":", request.body.as_ref()].concat();
    if !hmac_sha256_matches(secrets, &signed, given, Encoding::LowerHex) {
        return Err(Rejected::Unauthenticated("the signature doesn't match"));
    }
    check_body(&request.body)?;
    Ok(Verified::new(request, &RETRY_HEADERS))
}

fn seconds(text: &str) -> Option<Timestamp> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok().map(Timestamp::from_secs))
        .flatten()
}

/// JSON, or one of the three forms that Slack posts.
fn check_body(body: &[u8]) -> Result<(), Rejected> {
    let malformed = |reason: &str| Rejected::Malformed(reason.to_owned());
    let text = json::text(body).ok_or_else(|| malformed("the body is not UTF-8"))?;
    if is_object(text) {
        return json::check_object(body);
    }
    let form = Form::parse(text).ok_or_else(|| malformed("the body is neither JSON nor a form"))?;
    if let Some(payload) = form.get("payload") {
        return json::check_object(payload.as_bytes());
    }
    if form.get("command").is_some() || form.get("ssl_check").is_some() {
        return Ok(());
    }
    Err(malformed("the body is neither JSON nor a form that Slack posts"))
}

/// Most requests want a bare 200. These are questions, answered here and kept nowhere: whether the URL is ours, whether
/// its certificate is good, and what to offer in a menu (nothing: we never send one that asks).
pub(super) fn acknowledge(body: &[u8]) -> Acknowledgement {
    let answered = |content_type, body: String| Acknowledgement {
        content_type,
        body,
        keep: false,
        ..Acknowledgement::empty()
    };
    let Some(text) = json::text(body) else {
        return Acknowledgement::empty();
    };
    if is_object(text) {
        return match question(text) {
            Some(Question::Challenge(challenge)) => answered("text/plain; charset=utf-8", challenge),
            Some(Question::Options) => answered("application/json", r#"{"options":[]}"#.to_owned()),
            None => Acknowledgement::empty(),
        };
    }
    let Some(form) = Form::parse(text) else {
        return Acknowledgement::empty();
    };
    if let Some(payload) = form.get("payload") {
        return match question(&payload) {
            Some(Question::Options) => answered("application/json", r#"{"options":[]}"#.to_owned()),
            _ => Acknowledgement::empty(),
        };
    }
    if form.get("ssl_check").is_some_and(|flag| flag == "1") {
        return answered("text/plain; charset=utf-8", String::new());
    }
    Acknowledgement::empty()
}

enum Question {
    Challenge(String),
    Options,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "type", default)]
    kind: Maybe<Text>,
    #[serde(default)]
    challenge: Maybe<Text>,
}

fn question(text: &str) -> Option<Question> {
    // Nearly every request is an event: it isn't read here.
    if !text.contains("url_verification") && !text.contains("_suggestion") {
        return None;
    }
    let asked: Asked = serde_json::from_str(text).ok()?;
    match asked.kind.0?.0.as_str() {
        "url_verification" => Some(Question::Challenge(asked.challenge.0?.0)),
        "block_suggestion" | "dialog_suggestion" => Some(Question::Options),
        _ => None,
    }
}
