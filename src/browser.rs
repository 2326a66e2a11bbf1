//! What browsers are told, and asked: who may frame, read and call us.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_SECURITY_POLICY, HOST, ORIGIN,
        REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
    request::Parts,
};

use crate::{app::App, config, error::ApiError};

/// An answer of the API is data: it shows nothing, loads nothing, and stands in no frame.
const DATA_ONLY: &str = "default-src 'none'; frame-ancestors 'none'";
const A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// What a page of another origin may do, told before it does it.
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
    (
        ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type, idempotency-key, x-file-name",
    ),
    (ACCESS_CONTROL_MAX_AGE, "3600"),
];
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Dresses an answer; what a handler set itself stays.
pub fn dress(headers: &mut HeaderMap, http: &config::Http) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(DATA_ONLY));
    headers
        .entry(X_FRAME_OPTIONS)
        .or_insert(HeaderValue::from_static("DENY"));
    if http.public_base_url.starts_with("https:") {
        headers.insert(STRICT_TRANSPORT_SECURITY, A_YEAR);
    }
}

/// Lets pages of the origins in `http.cors_origins` use the API, with a token of their own; never with our cookie. The web
/// chat has rules of its own.
pub async fn cors(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let named = |origin: &&HeaderValue| app.config.http.cors_origins.iter().any(|one| *one == **origin);
    let origin = request.headers().get(ORIGIN).filter(named).cloned();
    let Some(origin) = origin.filter(|_| request.uri().path().starts_with("/api/")) else {
        return next.run(request).await;
    };
    let asks_first =
        *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks_first {
        (StatusCode::NO_CONTENT, PREFLIGHT).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(VARY, HeaderValue::from_static("Origin"));
    response
}

/// A request that comes from our own page, or from no page at all. Asked for wherever a cookie counts or is set: a page of
/// somebody else's that makes a browser send one is refused (403).
pub struct OwnPage;

impl FromRequestParts<Arc<App>> for OwnPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        if is_own(&parts.headers, &app.config.http.public_base_url) {
            return Ok(Self);
        }
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "This can only be asked by the console itself.",
        ))
    }
}

/// What the browser says of itself (W3C Fetch Metadata) decides; older ones say at least where the page comes from.
fn is_own(headers: &HeaderMap, public_base_url: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text(SEC_FETCH_SITE), text(ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == public_base_url.trim_end_matches('/') || (host.is_some() && host == text(HOST))
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_somebody_elses_is_no_page_of_ours() {
        let asked = |headers: &[(&'static str, &'static str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            is_own(&headers, "https://hub.example/")
        };
        assert!(
            asked(&[]) && asked(&[("sec-fetch-site", "same-origin")]) && asked(&[("sec-fetch-site", "none")])
        );
        assert!(!asked(&[("sec-fetch-site", "cross-site")]) && !asked(&[("sec-fetch-site", "same-site")]));
        assert!(asked(&[("origin", "https://hub.example")]));
        assert!(asked(&[
            ("origin", "http://10.0.0.5:8080"),
            ("host", "10.0.0.5:8080")
        ]));
        assert!(!asked(&[
            ("origin", "https://evil.example"),
            ("host", "hub.example")
        ]));
        assert!(!asked(&[("origin", "null"), ("host", "hub.example")]) && !asked(&[("origin", "null")]));
        assert!(!asked(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://hub.example")
        ]));
    }
}
