//! Second factors: setting one's own up, and taking away somebody's who lost theirs.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_domain::{Permission, UserId};
use utoipa::ToSchema;

use super::{fault, users::may_hand_out};
use crate::{
    app::App,
    audit::{self, Change},
    auth::{Caller, throttle::Attempt, totp},
    error::ApiError,
    json::Json,
};

/// What an authenticator app needs; shown this once.
#[derive(Serialize, ToSchema)]
pub struct Begun {
    /// Base32, for typing.
    secret: String,
    /// For a QR code.
    uri: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

#[derive(Serialize, ToSchema)]
pub struct Enabled {
    /// Each lets one in once, in place of a code; shown this once.
    recovery_codes: Vec<String>,
}

/// Begins to set up a second factor; it is asked for once it is confirmed.
#[utoipa::path(post, path = "/api/v1/me/totp", tag = "me", responses((status = 200, body = Begun), (status = 409)),
    security(("bearer" = [])))]
pub async fn begin(State(app): State<Arc<App>>, caller: Caller) -> Result<Answer<Begun>, ApiError> {
    caller.require_person()?;
    let secret = totp::fresh_secret();
    app.store.totp.begin(caller.id(), &secret).await?;
    let secret = totp::base32(&secret);
    let email = &caller.user().email;
    Ok(Answer(Begun {
        uri: format!("otpauth://totp/Switchboard:{email}?secret={secret}&issuer=Switchboard"),
        secret,
    }))
}

/// Proves that the app has it. From now on every sign-in asks.
#[utoipa::path(post, path = "/api/v1/me/totp/confirm", tag = "me", request_body = Code,
    responses((status = 200, body = Enabled), (status = 409), (status = 422)), security(("bearer" = [])))]
pub async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(Code { code }): Json<Code>,
) -> Result<Answer<Enabled>, ApiError> {
    caller.require_person()?;
    let not_begun = || ApiError::conflict("not_begun", "No second factor is being set up.");
    let begun = app.store.totp.get(caller.id()).await?;
    let begun = begun.filter(|totp| !totp.enabled).ok_or_else(not_begun)?;
    let step = totp::step_of(&begun.secret, code.trim(), app.clock.now());
    let step = step.ok_or_else(|| fault("code", "This code is wrong."))?;
    let codes = totp::fresh_recovery_codes();
    let digests: Vec<String> = codes.iter().map(|code| totp::recovery_digest(code)).collect();
    let what = Change::act("user.totp_enabled", "user", caller.id().as_str());
    let enabling = app.store.totp.enable(caller.id(), step, &digests);
    if !audit::change(&app, &caller, what, enabling).await? {
        return Err(not_begun());
    }
    app.directory.forget(caller.id());
    Ok(Answer(Enabled {
        recovery_codes: codes,
    }))
}

/// Takes one's second factor away, with a code of it.
#[utoipa::path(delete, path = "/api/v1/me/totp", tag = "me", request_body = Code,
    responses((status = 204), (status = 401), (status = 404)), security(("bearer" = [])))]
pub async fn disable(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(Code { code }): Json<Code>,
) -> Result<StatusCode, ApiError> {
    caller.require_person()?;
    if !app.store.totp.is_enabled(caller.id()).await? {
        return Err(ApiError::not_found("second factor"));
    }
    let attempt = Attempt::second_factor(&app, caller.id());
    attempt.begin(&app).await?;
    if !totp::proves(&app, caller.id(), code.trim()).await? {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_totp",
            "This code is wrong, or was used before.",
        ));
    }
    attempt.forgive(&app).await;
    let what = Change::act("user.totp_disabled", "user", caller.id().as_str());
    audit::change(&app, &caller, what, app.store.totp.remove(caller.id())).await?;
    app.directory.forget(caller.id());
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a user's second factor away: they have lost it.
#[utoipa::path(delete, path = "/api/v1/users/{id}/totp", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = 404)), security(("bearer" = [])))]
pub async fn take_away(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    let user = app.store.users.get(&UserId::from(id)).await?;
    let user = user.ok_or_else(|| ApiError::not_found("user"))?;
    may_hand_out(&app, &caller, &user.role_id).await?;
    let what = Change::act("user.totp_disabled", "user", user.id.as_str());
    let removed = audit::change(&app, &caller, what, async {
        let codes = app.store.code_factors.remove_all(&user.id).await?;
        app.store.totp.remove(&user.id).await.map(|app| app || codes)
    })
    .await?;
    app.directory.forget(&user.id);
    if removed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("second factor"))
    }
}
