//! Sending: `POST /v3/{domain}/messages`, or by SMTP.

use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use serde_json::json;
use switchboard_domain::ChannelAccount;

use super::{account, event::bare_id};
use crate::{
    Outgoing, Receipt, SendError,
    email::{
        Letter, OWN_ID, no_id, refusal,
        settings::{self, access_token},
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
        let variables = json!({ OWN_ID: letter.own_id }).to_string();
        let extra = [("X-Mailgun-Variables", variables)];
        return smtp::send(account, &server?, &letter, &extra).await;
    }
    let request = http
        .post(account::endpoint(account, &[], &["messages"])?)
        .basic_auth("api", Some(access_token(account)?.expose()))
        .multipart(form(&letter)?);
    let answer = exchange_with_files(request).await?;
    if !answer.status.is_success() {
        return Err(refused(account, &answer));
    }
    let body = tree::read(&answer.body).ok_or_else(unreadable)?;
    let id = tree::text(&body, "id").ok_or_else(no_id)?;
    Ok(Receipt {
        provider_message_id: bare_id(id),
        contact_address: None,
    })
}

fn form(letter: &Letter) -> Result<Form, SendError> {
    let mut form = Form::new()
        .text("from", letter.from.to_string())
        .text("to", letter.to.to_string())
        .text("subject", letter.subject.clone())
        .text("text", letter.text.clone())
        .text("h:Message-Id", format!("<{}>", letter.message_id))
        .text(format!("v:{OWN_ID}"), letter.own_id.clone());
    if let Some(html) = &letter.html {
        form = form.text("html", html.clone());
    }
    if let Some(reply_to) = &letter.reply_to {
        form = form.text("h:Reply-To", reply_to.to_string());
    }
    for (name, value) in letter.thread_headers() {
        form = form.text(format!("h:{name}"), value);
    }
    for file in &letter.files {
        let part = Part::stream(file.bytes.clone())
            .file_name(file.file_name.clone())
            .mime_str(&file.mime_type)
            .map_err(|_| SendError::give_up("invalid_message", "The type of a file can't be told."))?;
        form = form.part("attachment", part);
    }
    Ok(form)
}

fn refused(account: &ChannelAccount, answer: &Answer) -> SendError {
    let body = tree::read(&answer.body);
    let said = body.as_ref().and_then(|body| tree::text(body, "message"));
    refusal(account, answer, None, said)
}

#[derive(Deserialize)]
struct DomainAnswer {
    domain: Domain,
}

#[derive(Deserialize)]
struct Domain {
    name: String,
}

/// The name of the sending domain.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    if let Some(server) = smtp::server(account) {
        smtp::check(account, &server?).await?;
        return Ok(Some(settings::from(account)?.email.to_string()));
    }
    let request = http
        .get(account::endpoint(account, &["domains"], &[])?)
        .basic_auth("api", Some(access_token(account)?.expose()));
    let answer = exchange(request).await?;
    if !answer.status.is_success() {
        return Err(refused(account, &answer));
    }
    let known: DomainAnswer = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    Ok(Some(known.domain.name))
}
