//! Single sign-on: OpenID providers prove who somebody is, and their claims say which role that is here.
//!
//! Code flow with PKCE (OpenID Connect Core 1.0, RFC 7636), bound to the browser that began it by a cookie (`ticket`).
//! Where anything is missing or doubtful nobody is let in.

pub mod claims;
pub mod halfway;
pub mod provider;
pub mod ticket;

use std::collections::BTreeMap;

use http::StatusCode;

pub use claims::Person;
pub use halfway::{Halfway, Halfways};
pub use provider::Provider;
pub use ticket::{Ticket, Tickets};

use crate::{app::StartError, config::Config, error::ApiError, keys::Ring};

/// The providers of this deployment, and the cookies of sign-ins under way.
pub struct Oidc {
    providers: BTreeMap<String, Provider>,
    pub tickets: Tickets,
    pub halfways: Halfways,
}

impl Oidc {
    pub fn new(config: &Config, ring: &Ring, http: &reqwest::Client) -> Result<Self, StartError> {
        let origin = config.http.public_base_url.trim_end_matches('/');
        let provider = |(id, settings): (&String, &_)| {
            Ok((
                id.clone(),
                Provider::new(id, Clone::clone(settings), origin, http.clone())?,
            ))
        };
        Ok(Self {
            providers: config
                .oidc
                .iter()
                .map(provider)
                .collect::<Result<_, StartError>>()?,
            tickets: Tickets::new(ring),
            halfways: Halfways::new(ring),
        })
    }

    pub fn find(&self, id: &str) -> Result<&Provider, ApiError> {
        let provider = self.providers.get(id);
        provider.ok_or_else(|| ApiError::not_found("sign-in provider"))
    }

    pub fn all(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }
}

/// Why nobody was signed in: the page shows the sentence that belongs to the code.
pub fn refused(code: &'static str, message: &'static str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, code, message)
}

/// The same, with what only the log is told.
pub fn unproven(cause: &(impl ToString + ?Sized)) -> ApiError {
    let mut error = refused(
        "sso_unproven",
        "What the sign-in provider answered couldn't be verified. Try again.",
    );
    error.cause = Some(cause.to_string().into());
    error
}

/// Nobody can be asked at the moment.
pub fn unavailable(cause: &(impl ToString + ?Sized)) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::BAD_GATEWAY,
        "sso_unavailable",
        "The sign-in provider can't be reached at the moment. Try again in a minute.",
    );
    error.cause = Some(cause.to_string().into());
    error
}

/// The sign-in isn't under way in this browser: it took too long, began elsewhere, or was used already.
pub fn stale() -> ApiError {
    refused(
        "sso_expired",
        "This sign-in took too long, began in another window, or was used already. Start again.",
    )
}
