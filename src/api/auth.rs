//! Signing in, staying signed in, signing out.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header::SET_COOKIE};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Secret, User, UserId};
use switchboard_store::{Presented, Rotation};
use utoipa::ToSchema;

use super::me::Me;
use crate::{
    app::App,
    auth::{
        Origin,
        password::Turn,
        second_factor,
        session::{self, RefreshToken, Vouched},
        throttle::Attempt,
    },
    browser::OwnPage,
    error::ApiError,
    json::Json,
    live::presence::{self, Changed},
};

#[derive(Deserialize, ToSchema)]
pub struct Login {
    email: String,
    #[schema(value_type = String)]
    password: Secret,
    /// A code of the authenticator app, a recovery code, or one that was sent; asked for with `totp_required`, whose
    /// `details.methods` say what there is.
    totp: Option<String>,
}

impl Login {
    /// Only the first factor.
    pub fn of(email: String, password: Secret) -> Self {
        let totp = None;
        Self {
            email,
            password,
            totp,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    user: Me,
}

/// Exchanges email and password for an access token and a refresh cookie.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", request_body = Login,
    responses((status = 200, body = SignedIn), (status = 401, description = "invalid_credentials, totp_required or invalid_totp"),
        (status = 429, description = "too_many_attempts")))]
pub async fn login(
    State(app): State<Arc<App>>,
    _: OwnPage,
    origin: Origin,
    Json(login): Json<Login>,
) -> Result<Response, ApiError> {
    let attempt = Attempt::sign_in(&app, origin.ip, &login.email);
    // Counted only when it is tried: people who come to work at once, from one office, don't count against each other.
    let turn = app.passwords.turn().await?;
    attempt.begin(&app).await?;
    let code = login.totp.clone();
    let user = proven(&app, &turn, login).await?;
    match second_factor::ask(&app, &user, code.as_deref()).await {
        // To be asked for the code isn't to have guessed wrong.
        Err(error) if error.code != "totp_required" => return Err(error),
        asked => {
            attempt.forgive(&app).await;
            asked?;
        }
    }
    let token = session::begin(&app, &user.id, origin, Vouched::default()).await?;
    signed_in(&app, &user.id, &token).await
}

/// Whoever has this email and password.
pub async fn proven(app: &App, turn: &Turn, login: Login) -> Result<User, ApiError> {
    let known = app.store.users.by_email(&login.email).await?;
    let (user, hash) = known
        .map(|credentials| (credentials.user, credentials.password_hash))
        .unzip();
    let right = app.passwords.verify(turn, hash, login.password).await?;
    user.filter(|user| right && user.enabled).ok_or_else(|| {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "The email or the password is not right.",
        )
    })
}

/// A new access token for the refresh cookie, which is replaced at every use.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth",
    responses((status = 200, body = SignedIn), (status = 401, description = "No session, or it has ended")))]
pub async fn refresh(
    State(app): State<Arc<App>>,
    _: OwnPage,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let Some(token) = app.refresh.presented(&headers) else {
        return Ok(signed_out(&app, ApiError::unauthorised()));
    };
    let presented = Presented {
        session: &token.session,
        generation: token.generation,
        at: now,
    };
    let expires_at = now.plus(app.config.auth.refresh_token_ttl());
    let overlap = app.config.auth.refresh_overlap();
    match app.store.sessions.rotate(presented, expires_at, overlap).await? {
        Rotation::Rotated { user_id, generation } => {
            let session = token.session;
            signed_in(&app, &user_id, &RefreshToken { session, generation }).await
        }
        Rotation::Unknown => Ok(signed_out(&app, ApiError::unauthorised())),
        Rotation::Reused { user_id } => {
            tracing::warn!(%user_id, "a refresh token was used twice; its session has been ended");
            app.directory.forget_sessions();
            presence::announce_access_change(&app, Changed::SignedOut(user_id)).await;
            Ok(signed_out(&app, ApiError::unauthorised()))
        }
    }
}

/// Ends the session.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", responses((status = 204)))]
pub async fn logout(
    State(app): State<Arc<App>>,
    _: OwnPage,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(token) = app.refresh.presented(&headers) {
        app.store.sessions.revoke(&token.session).await?;
        app.directory.forget_sessions();
    }
    Ok(signed_out(&app, StatusCode::NO_CONTENT))
}

/// What somebody gets who has a session.
pub async fn signed_in(app: &App, user: &UserId, token: &RefreshToken) -> Result<Response, ApiError> {
    let known = app.directory.within(&token.session, user).await?;
    let known = known.ok_or_else(ApiError::unauthorised)?;
    let issued = app.tokens.issue(user, &token.session, app.clock.now());
    let body = SignedIn {
        access_token: issued.map_err(|error| ApiError::internal(&error))?,
        token_type: "Bearer",
        expires_in: app.tokens.ttl().as_secs(),
        user: Me::of(app, &known).await?,
    };
    Ok(with_cookie(Answer(body), refresh_cookie(app, token)))
}

pub fn refresh_cookie(app: &App, token: &RefreshToken) -> Option<HeaderValue> {
    let auth = &app.config.auth;
    app.refresh
        .cookie(token, auth.refresh_token_ttl(), auth.secure_cookies)
}

fn signed_out(app: &App, answer: impl IntoResponse) -> Response {
    with_cookie(answer, app.refresh.cleared(app.config.auth.secure_cookies))
}

pub fn with_cookie(answer: impl IntoResponse, cookie: Option<HeaderValue>) -> Response {
    let mut response = answer.into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
