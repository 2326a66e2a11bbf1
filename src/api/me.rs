//! The caller themselves.

use std::sync::Arc;

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};
use switchboard_domain::{BranchId, Intent, Presence, Role, TeamId, UserId};
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::{Caller, Known},
    error::ApiError,
    json::Json,
};

/// Somebody signed in, with what they may do.
#[derive(Serialize, ToSchema)]
pub struct Me {
    id: UserId,
    email: String,
    name: String,
    role: Role,
    team_ids: Vec<TeamId>,
    branch_id: Option<BranchId>,
    capacity: u32,
    auto_accept: bool,
    presence: Presence,
    /// The role asks for a second factor that isn't set up: nothing else is possible before.
    totp_setup_required: bool,
}

impl Me {
    pub async fn of(app: &App, known: &Known) -> Result<Self, ApiError> {
        let user = known.user.clone();
        Ok(Self {
            presence: app.store.presence.of(&user.id, app.clock.now()).await?,
            role: known.role.clone(),
            totp_setup_required: known.lacks_totp,
            id: user.id,
            email: user.email,
            name: user.name,
            team_ids: user.team_ids,
            branch_id: user.branch_id,
            capacity: user.capacity,
            auto_accept: user.auto_accept,
        })
    }
}

#[derive(Deserialize, ToSchema)]
pub struct Declaration {
    status: Intent,
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = 200, body = Me)), security(("bearer" = [])))]
pub async fn show(State(app): State<Arc<App>>, caller: Caller) -> Result<Answer<Me>, ApiError> {
    Ok(Answer(Me::of(&app, caller.known()).await?))
}

/// Declares one's presence; it stands until one declares another, or misses an offer.
#[utoipa::path(put, path = "/api/v1/me/presence", tag = "me", request_body = Declaration,
    responses((status = 200, body = Presence)), security(("bearer" = [])))]
pub async fn declare(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(declaration): Json<Declaration>,
) -> Result<Answer<Presence>, ApiError> {
    Ok(Answer(
        app.desk.declare_presence(caller.id(), declaration.status).await?,
    ))
}
