//! Teams.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use serde::Deserialize;
use switchboard_domain::{BranchId, Permission, Team};
use utoipa::ToSchema;

use super::{List, routing::named};
use crate::{app::App, audit, auth::Caller, error::ApiError, json::Json};

/// All teams.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams", responses((status = 200, body = List<Team>)),
    security(("bearer" = [])))]
pub async fn list(State(app): State<Arc<App>>, _caller: Caller) -> Result<Answer<List<Team>>, ApiError> {
    Ok(Answer(List::whole(app.store.teams.all().await?)))
}

#[derive(Deserialize, ToSchema)]
pub struct TeamDraft {
    name: String,
    branch_id: Option<BranchId>,
}

/// Creates or renames a team.
#[utoipa::path(put, path = "/api/v1/teams/{id}", tag = "teams", request_body = TeamDraft, params(("id" = String, Path)),
    responses((status = 200, body = Team)), security(("bearer" = [])))]
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(draft): Json<TeamDraft>,
) -> Result<Answer<Team>, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    let team = Team {
        id: named(&id)?,
        name: draft.name,
        branch_id: draft.branch_id,
    };
    audit::put(&app, &caller, &app.store.teams, &team).await?;
    Ok(Answer(team))
}
