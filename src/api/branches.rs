//! Branches: places of business that teams, people and accounts belong to.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::{Branch, BranchId, Permission};
use utoipa::ToSchema;

use super::{List, fault, routing::named};
use crate::{app::App, audit, auth::Caller, error::ApiError, json::Json};

/// All branches.
#[utoipa::path(get, path = "/api/v1/branches", tag = "branches", responses((status = 200, body = List<Branch>)),
    security(("bearer" = [])))]
pub async fn list(State(app): State<Arc<App>>, _caller: Caller) -> Result<Answer<List<Branch>>, ApiError> {
    Ok(Answer(List::whole(app.store.branches.all().await?)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBranch {
    id: String,
    name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchDraft {
    name: String,
}

/// Creates a branch.
#[utoipa::path(post, path = "/api/v1/branches", tag = "branches", request_body = NewBranch,
    responses((status = 201, body = Branch), (status = 409), (status = 422)), security(("bearer" = [])))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewBranch>,
) -> Result<(StatusCode, Answer<Branch>), ApiError> {
    let branch = checked(&caller, &new.id, new.name)?;
    audit::insert(&app, &caller, &app.store.branches, &branch).await?;
    Ok((StatusCode::CREATED, Answer(branch)))
}

/// Creates or renames a branch.
#[utoipa::path(put, path = "/api/v1/branches/{id}", tag = "branches", request_body = BranchDraft,
    params(("id" = String, Path)), responses((status = 200, body = Branch), (status = 422)),
    security(("bearer" = [])))]
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(draft): Json<BranchDraft>,
) -> Result<Answer<Branch>, ApiError> {
    let branch = checked(&caller, &id, draft.name)?;
    audit::put(&app, &caller, &app.store.branches, &branch).await?;
    Ok(Answer(branch))
}

/// Deletes a branch that nothing belongs to.
#[utoipa::path(delete, path = "/api/v1/branches/{id}", tag = "branches", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409)), security(("bearer" = [])))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    if is_used(&app, &BranchId::from(&*id)).await? {
        return Err(ApiError::conflict(
            "in_use",
            "Teams, people or channel accounts belong to this branch.",
        ));
    }
    audit::delete(&app, &caller, &app.store.branches, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn checked(caller: &Caller, id: &str, name: String) -> Result<Branch, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    if name.trim().is_empty() || name.chars().count() > 100 {
        return Err(fault("name", "A name has 1 to 100 characters."));
    }
    Ok(Branch { id: named(id)?, name })
}

async fn is_used(app: &App, branch: &BranchId) -> Result<bool, ApiError> {
    let teams = app.store.teams.all().await?;
    let accounts = app.store.accounts.all().await?;
    Ok(teams.iter().any(|team| team.branch_id.as_ref() == Some(branch))
        || accounts
            .iter()
            .any(|account| account.branch_id.as_ref() == Some(branch))
        || app.store.users.any_in_branch(branch).await?)
}
