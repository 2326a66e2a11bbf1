//! Queues as they stand, and conversations' places in them.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use switchboard_domain::{Permission, QueueLive, QueuePosition};

use super::{List, conversations::find};
use crate::{app::App, auth::Caller, error::ApiError};

/// Every queue as it stands; `queue.updated` tells of changes.
#[utoipa::path(get, path = "/api/v1/routing/queues/live", tag = "routing", responses((status = 200, body = List<QueueLive>)),
    security(("bearer" = [])))]
pub async fn queues(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Answer<List<QueueLive>>, ApiError> {
    caller.require(Permission::ConversationsView)?;
    Ok(Answer(List::whole(app.desk.lines().await?.queues)))
}

/// The conversation's place in its queue; 409 if it doesn't wait.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/position", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = QueuePosition), (status = 404), (status = 409, description = "not_waiting")), security(("bearer" = [])))]
pub async fn position(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<QueuePosition>, ApiError> {
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    let places = app.desk.lines().await?.places;
    let place = places
        .into_iter()
        .find(|place| place.conversation_id == conversation.id);
    place
        .map(Answer)
        .ok_or_else(|| ApiError::conflict("not_waiting", "This conversation waits in no queue."))
}
