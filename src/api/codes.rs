//! One-time codes: where one's own are sent, and having one sent to sign in.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use switchboard_domain::{CodeFactor, CodeWay, Secret};
use utoipa::ToSchema;

use super::{
    List,
    auth::{Login, proven},
    fault,
    oidc::halfway,
};
use crate::{
    app::App,
    audit::{self, Change},
    auth::{Caller, Origin, code, second_factor, throttle::Attempt},
    browser::OwnPage,
    error::ApiError,
    json::Json,
};

/// Where codes are sent.
#[derive(Serialize, ToSchema)]
pub struct ListedFactor {
    method: CodeWay,
    to: String,
}

/// Where one has proved that codes may be sent.
#[utoipa::path(get, path = "/api/v1/me/codes", tag = "me", responses((status = 200, body = List<ListedFactor>)),
    security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Answer<List<ListedFactor>>, ApiError> {
    let factors = app.store.code_factors.confirmed(caller.id()).await?;
    let listed = factors.into_iter().map(|factor| ListedFactor {
        method: factor.way,
        to: factor.to,
    });
    Ok(Answer(List::whole(listed.collect())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFactor {
    method: CodeWay,
    /// For `sms` the number, as in `+4915112345678`. Letters go to one's own address.
    to: Option<String>,
}

/// Sends a first code; codes are sent there to sign in once it has come back.
#[utoipa::path(post, path = "/api/v1/me/codes", tag = "me", request_body = NewFactor,
    responses((status = 202), (status = 409, description = "not_offered, already_exists"), (status = 422), (status = 429)),
    security(("bearer" = [])))]
pub async fn begin(
    State(app): State<Arc<App>>,
    caller: Caller,
    origin: Origin,
    Json(new): Json<NewFactor>,
) -> Result<StatusCode, ApiError> {
    caller.require_person()?;
    if !code::is_on(&app, new.method) {
        return Err(ApiError::conflict(
            "not_offered",
            "This deployment sends no codes in this way.",
        ));
    }
    let factor = CodeFactor {
        way: new.method,
        to: match new.method {
            CodeWay::Email => caller.user().email.clone(),
            CodeWay::Sms => new.to.unwrap_or_default().trim().to_owned(),
        },
    };
    if !code::may_be_sent(&app, &factor) {
        return Err(fault(
            "to",
            "This is no number that codes are sent to from here. Write it as in +4915112345678.",
        ));
    }
    app.store.code_factors.begin(caller.id(), &factor).await?;
    code::send(&app, caller.user(), &factor, &origin).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Came {
    method: CodeWay,
    code: String,
}

/// Proves that the first code has come. From now on every sign-in asks for one.
#[utoipa::path(post, path = "/api/v1/me/codes/confirm", tag = "me", request_body = Came,
    responses((status = 204), (status = 422)), security(("bearer" = [])))]
pub async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(Came { method, code }): Json<Came>,
) -> Result<StatusCode, ApiError> {
    caller.require_person()?;
    let wrong = || fault("code", "This code is wrong, or too old.");
    let right = code::right(&app, caller.id(), method, code.trim()).await?;
    let right = right.ok_or_else(wrong)?;
    let what = Change::act("user.code_factor_added", "user", caller.id().as_str())
        .to(&serde_json::json!({ "method": method }));
    let confirming = app.store.code_factors.use_up(caller.id(), method, &right);
    if audit::change(&app, &caller, what, confirming).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(wrong())
    }
}

/// No more codes are sent there: `email` or `sms`.
#[utoipa::path(delete, path = "/api/v1/me/codes/{id}", tag = "me", params(("id" = String, Path)),
    responses((status = 204), (status = 404)), security(("bearer" = [])))]
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_person()?;
    let missing = || ApiError::not_found("second factor");
    let way: CodeWay = serde_json::from_value(id.into()).map_err(|_| missing())?;
    let what = Change::act("user.code_factor_removed", "user", caller.id().as_str())
        .from(&serde_json::json!({ "method": way }));
    let removing = app.store.code_factors.remove(caller.id(), way);
    if audit::change(&app, &caller, what, removing).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing())
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    email: String,
    #[schema(value_type = String)]
    password: Secret,
    method: CodeWay,
}

/// Sends a code to sign in with, as one of the `methods` that `totp_required` names.
#[utoipa::path(post, path = "/api/v1/auth/code", tag = "auth", request_body = Wanted,
    responses((status = 202), (status = 401), (status = 409, description = "not_offered"),
        (status = 429, description = "too_many_attempts")))]
pub async fn send(
    State(app): State<Arc<App>>,
    _: OwnPage,
    origin: Origin,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, ApiError> {
    let attempt = Attempt::sign_in(&app, origin.ip, &wanted.email);
    let turn = app.passwords.turn().await?;
    attempt.begin(&app).await?;
    let user = proven(&app, &turn, Login::of(wanted.email, wanted.password)).await?;
    attempt.forgive(&app).await;
    second_factor::send(&app, &user, wanted.method, &origin).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedHalfway {
    method: CodeWay,
}

/// The same for whom a provider has proved.
#[utoipa::path(post, path = "/api/v1/auth/second-factor/code", tag = "auth", request_body = WantedHalfway,
    responses((status = 202), (status = 401), (status = 409, description = "not_offered"),
        (status = 429, description = "too_many_attempts")))]
pub async fn send_halfway(
    State(app): State<Arc<App>>,
    _: OwnPage,
    origin: Origin,
    headers: HeaderMap,
    Json(WantedHalfway { method }): Json<WantedHalfway>,
) -> Result<StatusCode, ApiError> {
    let (user, _) = halfway(&app, &headers).await?;
    second_factor::send(&app, &user, method, &origin).await?;
    Ok(StatusCode::ACCEPTED)
}
