//! Sending: `POST /v3/mail/send`, or by SMTP.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use switchboard_domain::{ChannelAccount, Timestamp};

use super::account::DEFAULT_BASE_URL;
use crate::{
    Outgoing, Receipt, SendDecision, SendError, Upload,
    email::{
        Letter, OWN_ID, OWN_MAIL_ID, refusal,
        settings::{access_token, endpoint},
        smtp, tree,
    },
    http_exchange::{Answer, exchange, exchange_with_files},
};

/// A limit that is renewed later than this is asked about again.
const MAX_PAUSE: Duration = Duration::from_hours(1);

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let letter = Letter::compose(account, outgoing)?;
    if let Some(server) = smtp::server(account) {
        let own =
            json!({ "unique_args": { OWN_ID: letter.own_id, OWN_MAIL_ID: letter.message_id } }).to_string();
        return smtp::send(account, &server?, &letter, &[("X-SMTPAPI", own)]).await;
    }
    let request = http
        .post(endpoint(account, DEFAULT_BASE_URL, &["v3", "mail", "send"])?)
        .bearer_auth(access_token(account)?.expose())
        .json(&body(&letter));
    let answer = exchange_with_files(request).await?;
    if !answer.status.is_success() {
        return Err(refused(account, &answer));
    }
    let id = answer
        .headers
        .get("x-message-id")
        .and_then(|id| id.to_str().ok())
        .filter(|id| !id.is_empty());
    Ok(Receipt {
        // The events bring our own id along, so that one without SendGrid's is found all the same.
        provider_message_id: id.unwrap_or(&letter.own_id).to_owned(),
        contact_address: None,
    })
}

fn body(letter: &Letter) -> Value {
    let mut content = vec![json!({ "type": "text/plain", "value": letter.text })];
    content.extend(
        letter
            .html
            .iter()
            .map(|html| json!({ "type": "text/html", "value": html })),
    );
    let mut body = json!({
        "personalizations": [{
            "to": [{ "email": letter.to.to_string() }],
            "custom_args": { OWN_ID: letter.own_id },
        }],
        "from": mailbox(&letter.from),
        "subject": letter.subject,
        "content": content,
    });
    if !letter.files.is_empty() {
        let attachment = |file: &Upload| {
            json!({ "content": STANDARD.encode(&file.bytes), "type": file.mime_type, "filename": file.file_name,
                "disposition": "attachment" })
        };
        body["attachments"] = letter.files.iter().map(attachment).collect();
    }
    if let Some(reply_to) = &letter.reply_to {
        body["reply_to"] = mailbox(reply_to);
    }
    let headers: Map<String, Value> = letter
        .thread_headers()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    if !headers.is_empty() {
        body["headers"] = headers.into();
    }
    body
}

fn mailbox(mailbox: &lettre::message::Mailbox) -> Value {
    match &mailbox.name {
        Some(name) => json!({ "email": mailbox.email.to_string(), "name": name }),
        None => json!({ "email": mailbox.email.to_string() }),
    }
}

/// `{"errors":[{"message","field","help"}]}`
fn refused(account: &ChannelAccount, answer: &Answer) -> SendError {
    let body = tree::read(&answer.body);
    let errors = body
        .as_ref()
        .map(|body| tree::items(body, "errors"))
        .unwrap_or_default();
    let said = errors.first().and_then(|error| tree::text(error, "message"));
    let mut error = refusal(account, answer, None, said);
    if error.decision == SendDecision::Retry
        && let Some(pause) = renewed_in(answer)
    {
        error.decision = SendDecision::RetryAfter(pause);
    }
    // A key that lacks the right to send, as opposed to a sender that isn't verified.
    let no_right = said.is_some_and(|said| said.eq_ignore_ascii_case("access forbidden"));
    if no_right {
        error.with_token_rejected()
    } else {
        error
    }
}

/// `X-RateLimit-Reset` is a Unix time; it counts from the answer's own.
fn renewed_in(answer: &Answer) -> Option<Duration> {
    let header = |name: &str| answer.headers.get(name)?.to_str().ok();
    let reset = Timestamp::from_secs(header("x-ratelimit-reset")?.parse().ok()?);
    let wait = reset.since(answer.sent_at()).min(MAX_PAUSE);
    (!wait.is_zero()).then_some(wait)
}

/// SendGrid says what a key may do, and not whose it is.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    if let Some(server) = smtp::server(account) {
        smtp::check(account, &server?).await?;
        return Ok(None);
    }
    let request = http
        .get(endpoint(account, DEFAULT_BASE_URL, &["v3", "scopes"])?)
        .bearer_auth(access_token(account)?.expose());
    let answer = exchange(request).await?;
    if answer.status.is_success() {
        Ok(None)
    } else {
        Err(refused(account, &answer))
    }
}
