//! What is said in a conversation: reading it, replying, noting.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use switchboard_domain::{Content, Message, MessageId, Permission, Position, Shown};
use switchboard_store::MessageFilter;
use switchboard_workers::desk::{Draft, Written};
use utoipa::{IntoParams, ToSchema};

use super::{List, conversations::find, limit};
use crate::{
    app::App,
    auth::Caller,
    error::ApiError,
    json::{Json, Query},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// Older than this position.
    before: Option<String>,
    /// Newer than this position.
    after: Option<String>,
    limit: Option<usize>,
}

/// A part of the conversation, ascending by position; without `before` or `after`, the latest.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = String, Path), Part),
    responses((status = 200, body = List<Message>)), security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Answer<List<Shown<Message>>>, ApiError> {
    let limit = limit(part.limit)?;
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    let filter = match (part.before, part.after) {
        (Some(_), Some(_)) => return Err(ApiError::bad_request("Pass before or after, not both.")),
        (Some(before), None) => MessageFilter::Before(Position::from(before)),
        (None, Some(after)) => MessageFilter::After(Position::from(after)),
        (None, None) => MessageFilter::Latest,
    };
    let page = app.store.messages.of(&conversation, &filter, limit).await?;
    Ok(Answer(List {
        items: page.items.into_iter().map(|one| caller.shown(one)).collect(),
        next_cursor: page.next_cursor,
    }))
}

#[derive(Deserialize, ToSchema)]
pub struct Reply {
    content: Content,
    /// The message it answers, by the provider's id.
    reply_to: Option<String>,
}

/// Keeps a reply and sends it. The same `Idempotency-Key` again answers 200 with the same message.
///
/// A text that is longer than the channel takes is sent as several messages, of which the first is the answer; one that
/// would need more than twenty is refused.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", tag = "messages", request_body = Reply,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Message), (status = 200, body = Message), (status = 409, description = "reply_window_closed"),
        (status = 422)), security(("bearer" = [])))]
pub async fn reply(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(reply): Json<Reply>,
) -> Result<(StatusCode, Answer<Shown<Message>>), ApiError> {
    let idempotency_key = idempotency_key(&headers)?;
    let conversation = find(&app, &caller, Permission::ConversationsReply, &id).await?;
    let draft = Draft {
        content: reply.content,
        reply_to: reply.reply_to,
        idempotency_key,
    };
    let written = app.desk.reply(&conversation, caller.user(), draft).await?;
    Ok(answer(&caller, written))
}

fn answer(caller: &Caller, written: Written) -> (StatusCode, Answer<Shown<Message>>) {
    let status = if written.new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    (status, Answer(caller.shown(written.message)))
}

#[derive(Deserialize, ToSchema)]
pub struct Note {
    text: String,
}

/// A note among agents; the customer never sees it. The same `Idempotency-Key` again answers 200 with the same note.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/notes", tag = "messages", request_body = Note,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Message), (status = 200, body = Message), (status = 422)), security(("bearer" = [])))]
pub async fn note(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(note): Json<Note>,
) -> Result<(StatusCode, Answer<Shown<Message>>), ApiError> {
    let conversation = find(&app, &caller, Permission::ConversationsReply, &id).await?;
    let key = idempotency_key(&headers)?;
    let note = app
        .desk
        .note(&conversation, caller.user(), note.text, &key)
        .await?;
    Ok(answer(&caller, note))
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(MessageId::fresh().to_string());
    };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= 200 => Ok(key.to_owned()),
        _ => Err(ApiError::bad_request(
            "Idempotency-Key has to be 1 to 200 printable ASCII characters.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idempotency_key_is_taken_as_it_is_or_made() {
        let mut headers = HeaderMap::new();
        assert_ne!(
            idempotency_key(&headers).unwrap(),
            idempotency_key(&headers).unwrap()
        );
        headers.insert("idempotency-key", "abc".parse().unwrap());
        assert_eq!(idempotency_key(&headers).unwrap(), "abc");
        headers.insert("idempotency-key", "x".repeat(201).parse().unwrap());
        assert!(idempotency_key(&headers).is_err());
        headers.insert("idempotency-key", "".parse().unwrap());
        assert!(idempotency_key(&headers).is_err());
    }
}
