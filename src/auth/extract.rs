//! The caller of an API request, as an extractor: a handler that asks for one can't be reached without.

use std::{net::IpAddr, sync::Arc};

use axum::extract::FromRequestParts;
use http::{
    StatusCode,
    header::{AUTHORIZATION, USER_AGENT},
    request::Parts,
};
use switchboard_domain::{Permission, Personal, Pii, Shown, User, UserId, Visible};

use crate::{
    app::App,
    auth::{Known, api_key},
    error::ApiError,
    middleware::RequestId,
    peer,
};

/// Where a second factor is set up; reachable without one.
const OWN_PATHS: &str = "/api/v1/me/";
const OWN_PATH: &str = "/api/v1/me";

/// Somebody signed in, enabled, with a role.
#[derive(Clone)]
pub struct Caller {
    known: Arc<Known>,
    session: String,
    key: Option<String>,
    origin: Option<Origin>,
}

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    pub ip: IpAddr,
    pub request_id: String,
    pub user_agent: String,
}

impl Caller {
    pub fn user(&self) -> &User {
        &self.known.user
    }

    pub fn id(&self) -> &UserId {
        &self.known.user.id
    }

    pub fn known(&self) -> &Known {
        &self.known
    }

    /// The sign-in it belongs to.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// The API key that acts in their name.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// 403 for a key: this is for people.
    pub fn require_person(&self) -> Result<(), ApiError> {
        if self.key.is_none() {
            Ok(())
        } else {
            Err(ApiError::forbidden())
        }
    }

    /// 403 for who still has to set up a second factor.
    pub fn require_set_up(&self) -> Result<(), ApiError> {
        if self.known.lacks_totp {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "totp_setup_required",
                "Your role asks for a second factor. Set it up first.",
            ));
        }
        Ok(())
    }

    async fn from_key(app: &App, token: &str) -> Result<Self, ApiError> {
        let (key, known) = api_key::known(app, token).await?;
        Ok(Self {
            known: Arc::new(known),
            session: String::new(),
            key: Some(key.id),
            origin: None,
        })
    }

    /// Where the request comes from; a console's connection isn't one.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// What they may touch under `permission`; 403 if they don't hold it.
    pub fn visible(&self, permission: Permission) -> Result<Visible, ApiError> {
        self.require(permission)?;
        Ok(self.known.role.visible(permission, &self.known.user))
    }

    /// How they are shown personal data.
    pub fn pii(&self) -> Pii {
        self.known.role.pii()
    }

    /// Something personal as they are shown it.
    pub fn shown<T: Personal>(&self, value: T) -> Shown<T> {
        Shown::to(self.pii(), value)
    }

    /// 403 if they don't hold `permission`, however far it reaches.
    pub fn require(&self, permission: Permission) -> Result<(), ApiError> {
        if self.known.role.allows(permission) {
            Ok(())
        } else {
            Err(ApiError::forbidden())
        }
    }

    /// 403 unless they hold `permission` for everything.
    pub fn require_everywhere(&self, permission: Permission) -> Result<(), ApiError> {
        match self.visible(permission)? {
            Visible::Everything => Ok(()),
            _ => Err(ApiError::forbidden()),
        }
    }

    /// Whoever the access token names.
    pub async fn from_token(app: &App, token: &str) -> Result<Self, ApiError> {
        let claims = app
            .tokens
            .verify(token, app.clock.now())
            .map_err(|_| ApiError::unauthorised())?;
        let known = app.directory.within(&claims.sid, &claims.sub).await?;
        Ok(Self {
            known: known.ok_or_else(ApiError::unauthorised)?,
            session: claims.sid,
            key: None,
            origin: None,
        })
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(ApiError::unauthorised)?;
        let mut caller = if api_key::is_one(token) {
            Self::from_key(app, token).await?
        } else {
            Self::from_token(app, token).await?
        };
        let who = caller.key().unwrap_or(caller.id().as_str());
        app.limits.caller(who, app.clock.micros())?;
        let path = parts.uri.path();
        if path != OWN_PATH && !path.starts_with(OWN_PATHS) {
            caller.require_set_up()?;
        }
        caller.origin = Origin::of(app, parts);
        Ok(caller)
    }
}

impl Origin {
    fn of(app: &App, parts: &Parts) -> Option<Self> {
        let id: &RequestId = parts.extensions.get()?;
        let user_agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Some(Self {
            ip: peer::address(app, parts),
            request_id: id.to_string(),
            user_agent: user_agent.unwrap_or_default().chars().take(200).collect(),
        })
    }
}

/// Of a request that nobody need be signed in for.
impl FromRequestParts<Arc<App>> for Origin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        Self::of(app, parts).ok_or_else(|| ApiError::internal("a request without an id"))
    }
}
