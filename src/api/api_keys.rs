//! API keys: what programs use in place of a person's sign-in.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_domain::{Permission, Timestamp, UserId};
use switchboard_store::ApiKey;
use utoipa::ToSchema;

use super::{List, fault};
use crate::{
    app::App,
    audit::{self, Change},
    auth::{Caller, api_key, session},
    error::ApiError,
    json::Json,
};

/// A key as the API shows it.
#[derive(Serialize, ToSchema)]
pub struct ListedKey {
    id: String,
    name: String,
    /// In whose name it acts.
    user_id: UserId,
    /// With the reach that they have.
    permissions: Vec<Permission>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// To the minute.
    last_used_at: Option<Timestamp>,
}

impl From<ApiKey> for ListedKey {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            user_id: key.user_id,
            permissions: key.permissions,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// All keys.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "api-keys", responses((status = 200, body = List<ListedKey>)),
    security(("bearer" = [])))]
pub async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Answer<List<ListedKey>>, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    let keys = app.store.api_keys.all().await?;
    Ok(Answer(List::whole(
        keys.into_iter().map(ListedKey::from).collect(),
    )))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    name: String,
    /// Some of those the caller holds.
    permissions: Vec<Permission>,
    /// Without it the key lasts until it is deleted.
    expires_at: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
pub struct Created {
    #[serde(flatten)]
    listed: ListedKey,
    /// `Authorization: Bearer …`; shown this once.
    key: String,
}

/// Makes a key that acts in the caller's name.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "api-keys", request_body = NewKey,
    responses((status = 201, body = Created), (status = 422)), security(("bearer" = [])))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, Answer<Created>), ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    caller.require_person()?;
    let now = app.clock.now();
    if new.name.trim().is_empty() || new.name.chars().count() > 100 {
        return Err(fault("name", "A name has 1 to 100 characters."));
    }
    if let Some(permission) = new.permissions.iter().find(|one| caller.require(**one).is_err()) {
        return Err(fault(
            "permissions",
            format!("You don't hold {permission} yourself."),
        ));
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(fault("expires_at", "This lies in the past."));
    }
    let (id, secret) = (session::fresh_id(), api_key::fresh());
    let key = ApiKey {
        id,
        name: new.name,
        user_id: caller.id().clone(),
        permissions: new.permissions,
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
    };
    let listed = ListedKey::from(key.clone());
    let what = Change::act("api_key.created", "api_key", &key.id).to(&listed);
    let digest = api_key::digest(secret.expose());
    audit::change(&app, &caller, what, app.store.api_keys.insert(&key, &digest)).await?;
    let created = Created {
        listed,
        key: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Answer(created)))
}

/// Deletes a key: it is good for nothing from now on.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", tag = "api-keys", params(("id" = String, Path)),
    responses((status = 204), (status = 404)), security(("bearer" = [])))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    let what = Change::act("api_key.deleted", "api_key", &id);
    if audit::change(&app, &caller, what, app.store.api_keys.delete(&id)).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("API key"))
    }
}
