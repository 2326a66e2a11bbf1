//! How much one address, person, program or channel account may ask of this node.
//!
//! Each node counts for itself: what matters is that none is overrun. What nodes have to agree on (attempts to sign in) is
//! counted in Redis, see `auth::throttle`.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use switchboard_domain::AccountKey;

use crate::{
    app::App,
    auth::throttle::network,
    chat::limits::{Limits as Counters, Rate, Standing},
    config,
    error::ApiError,
    peer,
};

/// The fields of draft-polli-ratelimit-headers, which clients know.
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// The counters of a process.
pub struct Limits {
    addresses: Counters<IpAddr>,
    /// People and API keys, by their ids.
    callers: Counters<String>,
    accounts: Counters<AccountKey>,
}

impl Limits {
    pub fn new(config: &config::Limits) -> Self {
        // A page that opens asks for a lot at once; a minute's worth may come in one second.
        let rate = |per_minute: u32| Rate::per_minute(per_minute, per_minute);
        Self {
            addresses: Counters::new(rate(config.requests_per_minute_and_address)),
            callers: Counters::new(rate(config.requests_per_minute_and_caller)),
            accounts: Counters::new(rate(config.webhooks_per_minute_and_account)),
        }
    }

    /// 429 for a person or an API key that asks too much.
    pub fn caller(&self, id: &str, now_micros: i64) -> Result<(), ApiError> {
        self.callers.take(id.to_owned(), now_micros).map_err(too_many)
    }

    /// 429 for a channel account whose provider sends too much; it will send again.
    pub fn account(&self, key: &AccountKey, now_micros: i64) -> Result<(), ApiError> {
        self.accounts.take(key.clone(), now_micros).map_err(too_many)
    }
}

/// Counts a request under its address, and tells in every answer how much is left.
pub async fn by_address(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    // Probes, the console's own files and the web chat (which has limits of its own) aren't counted.
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let address = network(peer::address(&app, &parts));
    let (standing, outcome) = app.limits.addresses.count(address, app.clock.micros());
    let mut response = match outcome {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(wait) => too_many(wait).into_response(),
    };
    tell(response.headers_mut(), standing);
    response
}

fn tell(headers: &mut HeaderMap, standing: Standing) {
    headers.insert(LIMIT, HeaderValue::from(standing.limit));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    headers.insert(RESET, HeaderValue::from(standing.full_again.as_secs()));
}

fn too_many(wait: Duration) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        "Too many requests. Wait a moment, then try again.",
    );
    error.retry_after = Some(wait);
    error
}
