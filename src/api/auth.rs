//! Signing in, staying signed in, signing out.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header::SET_COOKIE};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Secret, UserId};
use switchboard_store::Rotation;
use utoipa::ToSchema;

use super::me::Me;
use crate::{
    app::App,
    auth::session::{self, RefreshToken},
    error::ApiError,
    json::Json,
};

#[derive(Deserialize, ToSchema)]
pub struct Login {
    email: String,
    #[schema(value_type = String)]
    password: Secret,
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
    responses((status = 200, body = SignedIn), (status = 401, description = "invalid_credentials")))]
pub async fn login(State(app): State<Arc<App>>, Json(login): Json<Login>) -> Result<Response, ApiError> {
    let known = app.store.users.by_email(&login.email).await?;
    let (user, hash) = known
        .map(|credentials| (credentials.user, credentials.password_hash))
        .unzip();
    let right = app
        .passwords
        .verify(hash, login.password)
        .await
        .map_err(|error| ApiError::internal(&error))?;
    let user = user.filter(|user| right && user.enabled).ok_or_else(|| {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "The email or the password is not right.",
        )
    })?;
    signed_in(&app, &user.id, session::fresh_family()).await
}

/// A new access token for the refresh cookie, which is replaced at every use.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth",
    responses((status = 200, body = SignedIn), (status = 401, description = "No session, or it has ended")))]
pub async fn refresh(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let token = RefreshToken::from_headers(&headers).ok_or_else(ApiError::unauthorised)?;
    match app
        .store
        .refresh_tokens
        .take(&token.digest(), app.clock.now())
        .await?
    {
        Rotation::Rotated { user_id, family } => signed_in(&app, &user_id, family).await,
        Rotation::Unknown => Ok(signed_out(&app, ApiError::unauthorised())),
        Rotation::Reused => {
            tracing::warn!("a refresh token was used twice; its session has been ended");
            Ok(signed_out(&app, ApiError::unauthorised()))
        }
    }
}

/// Ends the session.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", responses((status = 204)))]
pub async fn logout(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = RefreshToken::from_headers(&headers) {
        app.store.refresh_tokens.revoke(&token.digest()).await?;
    }
    Ok(signed_out(&app, StatusCode::NO_CONTENT))
}

async fn signed_in(app: &App, user: &UserId, family: String) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let known = app
        .directory
        .find(user)
        .await?
        .ok_or_else(ApiError::unauthorised)?;
    let ttl = app.config.auth.refresh_token_ttl();
    let token = RefreshToken::fresh();
    let access_token = app
        .tokens
        .issue(user, &family, now)
        .map_err(|error| ApiError::internal(&error))?;
    app.store
        .refresh_tokens
        .insert(&token.session(user.clone(), family, now, ttl))
        .await?;
    let body = SignedIn {
        access_token,
        token_type: "Bearer",
        expires_in: app.tokens.ttl().as_secs(),
        user: Me::of(app, &known).await?,
    };
    Ok(with_cookie(
        Answer(body),
        token.cookie(ttl, app.config.auth.secure_cookies),
    ))
}

fn signed_out(app: &App, answer: impl IntoResponse) -> Response {
    with_cookie(answer, session::cleared(app.config.auth.secure_cookies))
}

fn with_cookie(answer: impl IntoResponse, cookie: Option<HeaderValue>) -> Response {
    let mut response = answer.into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}
