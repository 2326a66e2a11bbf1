//! One's own sign-ins: where one is signed in, and ending that.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Serialize;
use switchboard_domain::Timestamp;
use switchboard_store::Session;
use utoipa::ToSchema;

use super::List;
use crate::{
    app::App,
    auth::Caller,
    error::ApiError,
    live::presence::{self, Changed},
};

/// A sign-in that holds.
#[derive(Serialize, ToSchema)]
pub struct ListedSession {
    id: String,
    /// The one that asks.
    current: bool,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    /// Where it began.
    ip: String,
    user_agent: String,
}

impl ListedSession {
    fn of(session: Session, caller: &Caller) -> Self {
        Self {
            current: session.id == caller.session(),
            id: session.id,
            created_at: session.created_at,
            last_used_at: session.used_at,
            expires_at: session.expires_at,
            ip: session.ip,
            user_agent: session.user_agent,
        }
    }
}

/// Where the caller is signed in, the last used first.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me", responses((status = 200, body = List<ListedSession>)),
    security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Answer<List<ListedSession>>, ApiError> {
    let sessions = app.store.sessions.of(caller.id(), app.clock.now()).await?;
    let listed = sessions
        .into_iter()
        .map(|session| ListedSession::of(session, &caller));
    Ok(Answer(List::whole(listed.collect())))
}

/// Ends all of the caller's sessions but the one that asks.
#[utoipa::path(delete, path = "/api/v1/me/sessions", tag = "me", responses((status = 204)), security(("bearer" = [])))]
pub async fn revoke_others(State(app): State<Arc<App>>, caller: Caller) -> Result<StatusCode, ApiError> {
    caller.require_person()?;
    app.store
        .sessions
        .revoke_others(caller.id(), caller.session())
        .await?;
    Ok(ended(&app, &caller).await)
}

/// Ends one of the caller's sessions, everywhere at once.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "me", params(("id" = String, Path)),
    responses((status = 204), (status = 404)), security(("bearer" = [])))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_person()?;
    if !app.store.sessions.revoke_own(caller.id(), &id).await? {
        return Err(ApiError::not_found("session"));
    }
    Ok(ended(&app, &caller).await)
}

async fn ended(app: &Arc<App>, caller: &Caller) -> StatusCode {
    app.directory.forget_sessions();
    presence::announce_access_change(app, Changed::SignedOut(caller.id().clone())).await;
    StatusCode::NO_CONTENT
}
