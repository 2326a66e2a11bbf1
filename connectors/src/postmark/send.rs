//! Sending: `POST /email`, or by SMTP.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_domain::ChannelAccount;

use super::{
    account::{DEFAULT_BASE_URL, message_stream},
    codes::{Class, known},
};
use crate::{
    Outgoing, Receipt, SendError, Upload,
    email::{
        Letter, OWN_ID, no_id, refusal,
        settings::{access_token, endpoint},
        smtp, tree,
    },
    http_exchange::{Answer, exchange, exchange_with_files, unreadable},
};

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let letter = Letter::compose(account, outgoing)?;
    if let Some(server) = smtp::server(account) {
        return smtp::send(account, &server?, &letter, &smtp_headers(account, &letter)).await;
    }
    let request = http
        .post(endpoint(account, DEFAULT_BASE_URL, &["email"])?)
        .header("x-postmark-server-token", access_token(account)?.expose())
        .header("accept", "application/json")
        .json(&body(account, &letter));
    let answer = read(account, &exchange_with_files(request).await?)?;
    let id = tree::text(&answer, "MessageID").ok_or_else(no_id)?;
    Ok(Receipt {
        provider_message_id: id.to_owned(),
        contact_address: None,
    })
}

fn body(account: &ChannelAccount, letter: &Letter) -> Value {
    let header = |(name, value): (&str, String)| json!({ "Name": name, "Value": value });
    let headers: Vec<Value> = letter.thread_headers().into_iter().map(header).collect();
    let mut body = json!({
        "From": letter.from.to_string(),
        "To": letter.to.to_string(),
        "Subject": letter.subject,
        "TextBody": letter.text,
        "MessageStream": message_stream(&account.settings),
        "Headers": headers,
        "Metadata": { OWN_ID: letter.own_id },
    });
    if let Some(html) = &letter.html {
        body["HtmlBody"] = html.as_str().into();
    }
    if !letter.files.is_empty() {
        let attachment = |file: &Upload| json!({ "Name": file.file_name, "Content": STANDARD.encode(&file.bytes), "ContentType": file.mime_type });
        body["Attachments"] = letter.files.iter().map(attachment).collect();
    }
    if let Some(reply_to) = &letter.reply_to {
        body["ReplyTo"] = reply_to.to_string().into();
    }
    body
}

/// "Send email with SMTP": metadata, stream and our own `Message-ID` by headers.
fn smtp_headers(account: &ChannelAccount, letter: &Letter) -> [(&'static str, String); 4] {
    [
        ("X-PM-Metadata-hub_message_id", letter.own_id.clone()),
        ("X-PM-Metadata-hub_mail_id", letter.message_id.clone()),
        (
            "X-PM-Message-Stream",
            message_stream(&account.settings).to_owned(),
        ),
        ("X-PM-KeepID", "true".to_owned()),
    ]
}

/// An error code counts whatever the status is.
fn read(account: &ChannelAccount, answer: &Answer) -> Result<Value, SendError> {
    let body = tree::read(&answer.body);
    let code = body
        .as_ref()
        .and_then(|body| body.get("ErrorCode"))
        .and_then(Value::as_i64);
    if let Some(code) = code.filter(|code| *code != 0) {
        let said = body.as_ref().and_then(|body| tree::text(body, "Message"));
        return Err(refused(account, answer, code, said));
    }
    if !answer.status.is_success() {
        return Err(refusal(account, answer, None, None));
    }
    body.filter(Value::is_object).ok_or_else(unreadable)
}

fn refused(account: &ChannelAccount, answer: &Answer, code: i64, said: Option<&str>) -> SendError {
    match known(code) {
        Some((Class::Passing, sentence)) => {
            SendError::new(answer.retry_decision(), code.to_string(), sentence)
        }
        Some((Class::Final, sentence)) => SendError::give_up(code.to_string(), sentence),
        Some((Class::NoAccess, sentence)) => {
            SendError::give_up(code.to_string(), sentence).with_token_rejected()
        }
        None => refusal(account, answer, Some(code.to_string()), said),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Server {
    name: Option<String>,
}

/// The name of the server at Postmark.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    if let Some(server) = smtp::server(account) {
        smtp::check(account, &server?).await?;
        return Ok(None);
    }
    let request = http
        .get(endpoint(account, DEFAULT_BASE_URL, &["server"])?)
        .header("x-postmark-server-token", access_token(account)?.expose())
        .header("accept", "application/json");
    let answer = read(account, &exchange(request).await?)?;
    let server: Server = serde_json::from_value(answer).map_err(|_| unreadable())?;
    Ok(server.name)
}
