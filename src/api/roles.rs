//! Roles: what may be given to people. Five are always there; others are made as a company needs them.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_domain::{Permission, Role, RoleId, SUPER_ADMIN, Scope};
use utoipa::ToSchema;

use super::{List, fault, routing::named};
use crate::{
    app::App,
    audit,
    auth::Caller,
    error::ApiError,
    json::Json,
    live::presence::{self, Changed},
};

/// A role as the API shows it.
#[derive(Serialize, ToSchema)]
pub struct ListedRole {
    #[serde(flatten)]
    role: Role,
    /// One of those that can't be deleted.
    system: bool,
}

impl From<Role> for ListedRole {
    fn from(role: Role) -> Self {
        Self {
            system: Role::is_system(&role.id),
            role,
        }
    }
}

/// All roles, with what each may do.
#[utoipa::path(get, path = "/api/v1/roles", tag = "roles", responses((status = 200, body = List<ListedRole>)),
    security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    _caller: Caller,
) -> Result<Answer<List<ListedRole>>, ApiError> {
    let roles = app.store.roles.all().await?;
    Ok(Answer(List::whole(
        roles.into_iter().map(ListedRole::from).collect(),
    )))
}

/// One role.
#[utoipa::path(get, path = "/api/v1/roles/{id}", tag = "roles", params(("id" = String, Path)),
    responses((status = 200, body = ListedRole), (status = 404)), security(("bearer" = [])))]
pub async fn show(
    State(app): State<Arc<App>>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<ListedRole>, ApiError> {
    let role = app.store.roles.get(&id).await?;
    let role = role.ok_or_else(|| ApiError::not_found("role"))?;
    Ok(Answer(role.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleDraft {
    name: String,
    /// Permission to scope: `{"conversations.view": "team"}`. What isn't here isn't given.
    #[schema(value_type = BTreeMap<String, String>)]
    grants: BTreeMap<Permission, Scope>,
    /// Whoever holds it has to have a second factor.
    #[serde(default)]
    require_totp: bool,
    /// Whoever holds it is shown customers' phone numbers and e-mail addresses masked.
    #[serde(default)]
    mask_pii: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    id: String,
    name: String,
    /// Permission to scope: `{"conversations.view": "team"}`. What isn't here isn't given.
    #[schema(value_type = BTreeMap<String, String>)]
    grants: BTreeMap<Permission, Scope>,
    /// Whoever holds it has to have a second factor.
    #[serde(default)]
    require_totp: bool,
    /// Whoever holds it is shown customers' phone numbers and e-mail addresses masked.
    #[serde(default)]
    mask_pii: bool,
}

/// Creates a role.
#[utoipa::path(post, path = "/api/v1/roles", tag = "roles", request_body = NewRole,
    responses((status = 201, body = ListedRole), (status = 403), (status = 409), (status = 422)),
    security(("bearer" = [])))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewRole>,
) -> Result<(StatusCode, Answer<ListedRole>), ApiError> {
    let draft = RoleDraft {
        name: new.name,
        grants: new.grants,
        require_totp: new.require_totp,
        mask_pii: new.mask_pii,
    };
    let role = checked(&caller, named(&new.id)?, draft)?;
    audit::insert(&app, &caller, &app.store.roles, &role).await?;
    Ok((StatusCode::CREATED, Answer(role.into())))
}

/// Creates a role, or replaces it: for everybody who holds it, connected consoles too, at once.
#[utoipa::path(put, path = "/api/v1/roles/{id}", tag = "roles", request_body = RoleDraft, params(("id" = String, Path)),
    responses((status = 200, body = ListedRole), (status = 403), (status = 409), (status = 422)),
    security(("bearer" = [])))]
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(draft): Json<RoleDraft>,
) -> Result<Answer<ListedRole>, ApiError> {
    let role = checked(&caller, named(&id)?, draft)?;
    let everything = caller.known().role.covers(&role) && role.covers(&caller.known().role);
    if id == SUPER_ADMIN && !everything {
        return Err(ApiError::conflict(
            "system_role",
            "A super admin may do everything; that can't be changed.",
        ));
    }
    if let Some(before) = app.store.roles.get(&id).await? {
        // Or somebody could take from those above them what they themselves don't hold.
        within_reach(&caller, &before)?;
    }
    audit::put(&app, &caller, &app.store.roles, &role).await?;
    changed(&app, &role.id).await;
    Ok(Answer(role.into()))
}

/// Deletes a role that nobody holds.
#[utoipa::path(delete, path = "/api/v1/roles/{id}", tag = "roles", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409)), security(("bearer" = [])))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    let role = app.store.roles.get(&id).await?;
    let role = role.ok_or_else(|| ApiError::not_found("role"))?;
    within_reach(&caller, &role)?;
    if Role::is_system(&role.id) {
        return Err(ApiError::conflict(
            "system_role",
            "This role is one of those every deployment has; it can't be deleted.",
        ));
    }
    if app.store.users.any_with_role(&role.id).await? {
        return Err(ApiError::conflict("in_use", "Somebody holds this role."));
    }
    audit::delete(&app, &caller, &app.store.roles, &id).await?;
    changed(&app, &role.id).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The role of a draft, if it is possible and the caller may make it.
fn checked(caller: &Caller, id: RoleId, draft: RoleDraft) -> Result<Role, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    let role = Role {
        id,
        name: draft.name,
        grants: draft.grants,
        require_totp: draft.require_totp,
        mask_pii: draft.mask_pii,
    };
    if role.name.trim().is_empty() || role.name.chars().count() > 100 {
        return Err(fault("name", "A name has 1 to 100 characters."));
    }
    if let Some(permission) = role.first_impossible() {
        return Err(fault(
            "grants",
            format!("{permission} can't be given with this scope."),
        ));
    }
    within_reach(caller, &role)?;
    Ok(role)
}

fn within_reach(caller: &Caller, role: &Role) -> Result<(), ApiError> {
    match caller.known().role.first_beyond(role) {
        None => Ok(()),
        Some(permission) => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "beyond_your_role",
            format!("Your own role doesn't reach as far with {permission}."),
        )),
    }
}

async fn changed(app: &Arc<App>, role: &RoleId) {
    app.directory.forget_all();
    presence::announce_access_change(app, Changed::RoleId(role.clone())).await;
    app.wake_routing("a role was changed").await;
}
