//! Signing in through an OpenID provider: the browser is sent there, and comes back.

use std::{sync::Arc, time::Duration};

use axum::{
    Json as Answer,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header::LOCATION};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use switchboard_domain::{Timestamp, User};
use utoipa::{IntoParams, ToSchema};

use super::{
    List, admission,
    auth::{SignedIn, refresh_cookie, signed_in, with_cookie},
};
use crate::{
    app::App,
    auth::{
        Origin,
        oidc::{Halfway, Person, Provider, refused, stale},
        second_factor::{self, SecondFactors},
        session::{self, Vouched},
        throttle::Attempt,
    },
    browser::OwnPage,
    error::ApiError,
    json::{Json, Query},
};

/// A provider to sign in with.
#[derive(Serialize, ToSchema)]
pub struct ListedProvider {
    id: String,
    name: String,
}

/// The OpenID providers that people may sign in with.
#[utoipa::path(get, path = "/api/v1/auth/oidc", tag = "auth", responses((status = 200, body = List<ListedProvider>)))]
pub async fn list(State(app): State<Arc<App>>) -> Answer<List<ListedProvider>> {
    let listed = app.oidc.all().map(|provider| ListedProvider {
        id: provider.id.clone(),
        name: provider.settings.name.clone(),
    });
    Answer(List::whole(listed.collect()))
}

/// Sends the browser to the provider.
#[utoipa::path(get, path = "/api/v1/auth/oidc/{id}/start", tag = "auth", params(("id" = String, Path)),
    responses((status = 303, description = "To the provider; if it can't be reached, back to the console"), (status = 404)))]
pub async fn start(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let provider = app.oidc.find(&id)?;
    let now = app.clock.now();
    let secure = app.config.auth.secure_cookies;
    let begun = app.oidc.tickets.fresh(&id, now, secure);
    let (ticket, cookie) = begun.ok_or_else(|| ApiError::internal("the sign-in's cookie can't be made"))?;
    match provider.door(&ticket, now).await {
        Ok(door) => Ok(with_cookie(to(door.as_str()), Some(cookie))),
        Err(error) => Ok(back(&error)),
    }
}

/// What a provider gives the browser to bring back.
#[derive(Deserialize, IntoParams)]
pub struct Brought {
    state: Option<String>,
    code: Option<String>,
    /// What the provider says instead of a code.
    error: Option<String>,
    /// Who says so (RFC 9207).
    iss: Option<String>,
}

/// Signs in whom the provider sends back, and leads them to the console; if nobody is let in, with a code of why.
#[utoipa::path(get, path = "/api/v1/auth/oidc/{id}/callback", tag = "auth", params(("id" = String, Path), Brought),
    responses((status = 303, description = "To the console"), (status = 404)))]
pub async fn callback(
    State(app): State<Arc<App>>,
    origin: Origin,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Result<Response, ApiError> {
    let provider = app.oidc.find(&id)?;
    let arrived = match proven(&app, provider, &headers, brought).await {
        Ok(person) => let_in(&app, provider, origin, person).await,
        Err(error) => Err(error),
    };
    let response = arrived.unwrap_or_else(|error| back(&error));
    let used = app.oidc.tickets.cleared(app.config.auth.secure_cookies);
    Ok(with_cookie(response, used))
}

/// Whoever comes back with what belongs to the ticket of this browser; it is used up with that.
async fn proven(
    app: &App,
    provider: &Provider,
    headers: &HeaderMap,
    brought: Brought,
) -> Result<Person, ApiError> {
    let now = app.clock.now();
    let ticket = app.oidc.tickets.presented(headers, &provider.id, now);
    let state = brought.state.unwrap_or_default();
    let ticket = ticket.filter(|ticket| ticket.is(&state)).ok_or_else(stale)?;
    let digest = hex::encode(Sha256::digest(state.as_bytes()));
    if !app.store.spent.spend(&digest, ticket.until).await? {
        return Err(stale());
    }
    let code = brought.code.filter(|_| brought.error.is_none());
    let code = code.filter(|_| provider.is(brought.iss.as_deref()));
    let code = code.ok_or_else(|| {
        let mut error = refused("sso_declined", "The sign-in provider didn't let you in.");
        error.cause = brought.error.map(Into::into);
        error
    })?;
    let claims = provider.claims(&ticket, code, now).await?;
    Person::of(&claims, &provider.settings)
}

/// Begins their session, or asks for the second factor where theirs isn't proved yet.
async fn let_in(
    app: &Arc<App>,
    provider: &Provider,
    origin: Origin,
    person: Person,
) -> Result<Response, ApiError> {
    let user = admission::admit(app, provider, &origin, &person).await?;
    let now = app.clock.now();
    let hours = provider.settings.session_hours.max(1);
    let ends_at = now.plus(Duration::from_hours(hours));
    if !person.second_factor && !SecondFactors::of(app, &user).await?.is_none() {
        let user = user.id;
        let halfway = Halfway { user, ends_at };
        let secure = app.config.auth.secure_cookies;
        return Ok(with_cookie(
            to("/#second-factor"),
            app.oidc.halfways.cookie(&halfway, now, secure),
        ));
    }
    let vouched = Vouched {
        ends_at: Some(ends_at),
        second_factor: person.second_factor,
    };
    let token = session::begin(app, &user.id, origin, vouched).await?;
    Ok(with_cookie(to("/#signed-in"), refresh_cookie(app, &token)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    /// A code of the authenticator app, a recovery code, or one that was sent. Without it the answer says what there is.
    code: Option<String>,
}

/// Signs in whom a provider has proved, with the second factor that they have here.
#[utoipa::path(post, path = "/api/v1/auth/second-factor", tag = "auth", request_body = SecondFactor,
    responses((status = 200, body = SignedIn), (status = 401, description = "sso_expired, totp_required or invalid_totp"),
        (status = 429, description = "too_many_attempts")))]
pub async fn second_factor(
    State(app): State<Arc<App>>,
    _: OwnPage,
    origin: Origin,
    headers: HeaderMap,
    Json(SecondFactor { code }): Json<SecondFactor>,
) -> Result<Response, ApiError> {
    let (user, ends_at) = halfway(&app, &headers).await?;
    let attempt = Attempt::sign_in(&app, origin.ip, &user.email);
    attempt.begin(&app).await?;
    match second_factor::ask(&app, &user, code.as_deref()).await {
        // To be asked for the code isn't to have guessed wrong.
        Err(error) if error.code != "totp_required" => return Err(error),
        asked => {
            attempt.forgive(&app).await;
            asked?;
        }
    }
    let vouched = Vouched {
        ends_at: Some(ends_at),
        second_factor: false,
    };
    let token = session::begin(&app, &user.id, origin, vouched).await?;
    let response = signed_in(&app, &user.id, &token).await?;
    let gone = app.oidc.halfways.cleared(app.config.auth.secure_cookies);
    Ok(with_cookie(response, gone))
}

/// Who is halfway in, and when their session is to end.
pub async fn halfway(app: &App, headers: &HeaderMap) -> Result<(User, Timestamp), ApiError> {
    let halfway = app.oidc.halfways.presented(headers, app.clock.now());
    let Halfway { user, ends_at } = halfway.ok_or_else(stale)?;
    let user = app.store.users.get(&user).await?;
    let user = user.filter(|user| user.enabled).ok_or_else(stale)?;
    Ok((user, ends_at))
}

/// To the sign-in page, which knows a sentence for the code. The sentence itself isn't in the address: anybody could write one.
fn back(error: &ApiError) -> Response {
    let cause = error.cause.as_deref().unwrap_or_default();
    tracing::warn!(
        code = error.code,
        cause,
        "nobody was signed in through a provider"
    );
    to(&format!("/#sign-in={}", error.code))
}

fn to(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}
