//! Trying a channel account out: do its credentials work, does a message leave?
//!
//! What the provider says is the answer, not an error of ours; it also becomes part of the account's health.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use switchboard_connectors::{FieldError, Outgoing, SendError};
use switchboard_domain::{ChannelAccount, Content, MessageError, MessageId, Permission};
use utoipa::ToSchema;

use super::{channels::find, fault};
use crate::{app::App, auth::Caller, error::ApiError, json::Json};

/// How a trial went.
#[derive(Serialize, ToSchema)]
pub struct Trial {
    ok: bool,
    /// The provider's name for the account, or its id of the message it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_says: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<MessageError>,
    /// Settings and secrets that are missing or not in their form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    faults: Vec<FieldError>,
}

impl Trial {
    fn of(result: Result<Option<String>, SendError>) -> Self {
        let (ok, provider_says, error) = match result {
            Ok(says) => (true, says, None),
            Err(error) => (false, None, Some(error.to_message_error())),
        };
        Self {
            ok,
            provider_says,
            error,
            faults: Vec::new(),
        }
    }

    fn faulty(faults: Vec<FieldError>) -> Self {
        Self {
            ok: false,
            provider_says: None,
            error: None,
            faults,
        }
    }
}

/// Checks the account's settings, and asks the provider whether its credentials work.
#[utoipa::path(post, path = "/api/v1/channels/{channel}/{account_id}/verify", tag = "channels",
    params(("channel" = String, Path), ("account_id" = String, Path)),
    responses((status = 200, body = Trial), (status = 404)), security(("bearer" = [])))]
pub async fn verify(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((channel, account_id)): Path<(String, String)>,
) -> Result<Answer<Trial>, ApiError> {
    caller.require(Permission::ChannelsManage)?;
    let account = find(&app, &channel, account_id).await?;
    let connector = switchboard_connectors::find(account.key.channel);
    if let Err(faults) = connector.check_account(&account.settings, &account.secrets) {
        return Ok(Answer(Trial::faulty(faults)));
    }
    let result = connector.check_credentials(&app.desk.http, &account).await;
    let now = app.clock.now();
    match &result {
        Ok(_) => app.desk.trails.authorised(&account.key, now),
        Err(error) => app.desk.trails.failed(&account.key, error, now),
    }
    app.desk.keep_trails().await?;
    Ok(Answer(Trial::of(result)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestMessage {
    /// The receiver's address at the provider: a phone number, an id of a user or chat, an email address.
    to: String,
    text: Option<String>,
}

/// Sends one message past the inbox, at once, and tells what the provider said.
#[utoipa::path(post, path = "/api/v1/channels/{channel}/{account_id}/test-message", tag = "channels",
    request_body = TestMessage, params(("channel" = String, Path), ("account_id" = String, Path)),
    responses((status = 200, body = Trial), (status = 404), (status = 422)), security(("bearer" = [])))]
pub async fn send(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((channel, account_id)): Path<(String, String)>,
    Json(message): Json<TestMessage>,
) -> Result<Answer<Trial>, ApiError> {
    caller.require(Permission::ChannelsManage)?;
    let account = find(&app, &channel, account_id).await?;
    if message.to.trim().is_empty() {
        return Err(fault("to", "A test message needs a receiver."));
    }
    let result = hand_over(&app, &account, message).await;
    app.desk.keep_trails().await?;
    Ok(Answer(Trial::of(result)))
}

async fn hand_over(
    app: &App,
    account: &ChannelAccount,
    message: TestMessage,
) -> Result<Option<String>, SendError> {
    let text = message
        .text
        .filter(|text| !text.trim().is_empty())
        .unwrap_or_else(|| format!("This is a test message from {}.", account.name));
    let outgoing = Outgoing {
        message_id: MessageId::fresh(),
        to: message.to.trim().to_owned(),
        content: Content::Text { text },
        files: Vec::new(),
        reply_to: None,
        thread: None,
    };
    let connector = switchboard_connectors::find(account.key.channel);
    let sent = connector.send(&app.desk.http, account, &outgoing).await;
    let now = app.clock.now();
    match &sent {
        Ok(_) => app.desk.trails.sent(&account.key, now),
        Err(error) => app.desk.trails.failed(&account.key, error, now),
    }
    sent.map(|receipt| Some(receipt.provider_message_id))
}
