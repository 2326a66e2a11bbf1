//! Why an agent does or doesn't get conversations.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use switchboard_domain::{AgentExplanation, Permission, User, UserId, Visible};

use crate::{app::App, auth::Caller, error::ApiError};

/// "Why don't I get chats?", for `me` or for somebody the caller leads: what keeps them from work, and for each
/// conversation that waits in their queues why it isn't theirs.
#[utoipa::path(get, path = "/api/v1/routing/agents/{id}/explanation", tag = "routing", params(("id" = String, Path)),
    responses((status = 200, body = AgentExplanation), (status = 403), (status = 404)), security(("bearer" = [])))]
pub async fn agent(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<AgentExplanation>, ApiError> {
    let user = if id == "me" || id == caller.id().as_str() {
        caller.user().clone()
    } else {
        let visible = caller.visible(Permission::ConversationsReassign)?;
        led(&app, &visible, &UserId::from(id)).await?
    };
    Ok(Answer(app.desk.explain_agent(&user).await?))
}

/// A user within the caller's reach.
pub async fn led(app: &App, visible: &Visible, id: &UserId) -> Result<User, ApiError> {
    let users = app.store.users.list(visible).await?;
    let found = users.into_iter().find(|user| user.id == *id);
    found.ok_or_else(|| ApiError::not_found("user"))
}
