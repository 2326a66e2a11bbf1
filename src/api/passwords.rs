//! Passwords that are forgotten, or not yet chosen: a link by mail, good once.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::{Permission, Secret, User, UserId};
use utoipa::ToSchema;

use super::users::{hash, may_hand_out};
use crate::{
    app::App,
    audit::{self, Change},
    auth::{
        Caller, Origin,
        link::{self, Purpose},
        throttle::Attempt,
    },
    error::ApiError,
    json::Json,
    live::presence::{self, Changed},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    email: String,
}

/// Mails a link to whoever has this address; the answer is the same if nobody has.
#[utoipa::path(post, path = "/api/v1/auth/password-reset", tag = "auth", request_body = Forgotten,
    responses((status = 202), (status = 409, description = "mail_not_configured"), (status = 429)))]
pub async fn forgotten(
    State(app): State<Arc<App>>,
    origin: Origin,
    Json(Forgotten { email }): Json<Forgotten>,
) -> Result<StatusCode, ApiError> {
    require_mail(&app)?;
    Attempt::reset(&app, origin.ip, &email).begin(&app).await?;
    let known = app.store.users.by_email(&email).await?;
    if let Some(user) = known.map(|known| known.user).filter(|user| user.enabled) {
        // Not waited for: how long it takes would tell that there is such a person.
        tokio::spawn(async move {
            if let Err(error) = remind(&app, user).await {
                tracing::error!(code = error.code, cause = ?error.cause, "a link to set a password wasn't made");
            }
        });
    }
    Ok(StatusCode::ACCEPTED)
}

async fn remind(app: &Arc<App>, user: User) -> Result<(), ApiError> {
    // Whom a provider proves has no password to forget.
    if app.store.federated_identities.any_of(&user.id, None).await? {
        return Ok(());
    }
    link::send(app, user, Purpose::Reset).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// What stands behind the `#` of the link.
    #[schema(value_type = String)]
    token: Secret,
    /// At least 10 characters.
    #[schema(value_type = String)]
    password: Secret,
}

/// Sets the password of whoever was sent the link, and ends all their sessions.
#[utoipa::path(post, path = "/api/v1/auth/password-reset/confirm", tag = "auth", request_body = Chosen,
    responses((status = 204), (status = 410, description = "link_expired"), (status = 422), (status = 429)))]
pub async fn choose(
    State(app): State<Arc<App>>,
    origin: Origin,
    Json(chosen): Json<Chosen>,
) -> Result<StatusCode, ApiError> {
    let attempt = Attempt::link(&app, origin.ip);
    attempt.begin(&app).await?;
    let gone = || {
        ApiError::new(
            StatusCode::GONE,
            "link_expired",
            "This link was used already, or has expired. Ask for another.",
        )
    };
    let (digest, now) = (link::digest(chosen.token.expose()), app.clock.now());
    // Looked at before it is used up: a password that is too short costs no link.
    app.store.links.peek(&digest, now).await?.ok_or_else(gone)?;
    let hash = hash(&app, chosen.password).await?;
    let user = app.store.links.take(&digest, now).await?.ok_or_else(gone)?;
    let what = Change::act("user.password_set_by_link", "user", user.as_str());
    audit::by_link(&app, &user, &origin, what).await?;
    app.store.users.set_password(&user, &hash).await?;
    app.store.sessions.revoke_user(&user).await?;
    app.directory.forget_sessions();
    presence::announce_access_change(&app, Changed::SignedOut(user)).await;
    attempt.forgive(&app).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Mails a user a link to choose a password with; links they had before are void.
#[utoipa::path(post, path = "/api/v1/users/{id}/invitation", tag = "users", params(("id" = String, Path)),
    responses((status = 202), (status = 404), (status = 409, description = "mail_not_configured")),
    security(("bearer" = [])))]
pub async fn invite(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    require_mail(&app)?;
    let user = app.store.users.get(&UserId::from(id)).await?;
    let user = user
        .filter(|user| user.enabled)
        .ok_or_else(|| ApiError::not_found("user"))?;
    may_hand_out(&app, &caller, &user.role_id).await?;
    let id = user.id.clone();
    let what = Change::act("user.invited", "user", id.as_str());
    audit::change(&app, &caller, what, link::send(&app, user, Purpose::Invitation)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// 409 where no letter can leave.
pub fn require_mail(app: &App) -> Result<(), ApiError> {
    if app.mailer.is_configured() {
        Ok(())
    } else {
        Err(ApiError::conflict(
            "mail_not_configured",
            "This deployment can't send letters: mail.smtp_url isn't set.",
        ))
    }
}
