//! `GET /widget.js`: the one script that a page needs.

use axum::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};

use crate::{console, error::ApiError};

/// Its address never changes, so browsers ask after an hour whether it has; then the tag answers for it.
const CACHING: &str = "public, max-age=3600, stale-while-revalidate=86400";

pub async fn script(headers: HeaderMap) -> Result<Response, ApiError> {
    let Some((script, hash)) = console::built("widget.js") else {
        return Err(ApiError::not_found("file: the widget isn't part of this build"));
    };
    let tag = format!("\"{}\"", hex::encode(&hash[..12]));
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let mut response = if known.is_some_and(|tags| {
        tags.split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
    }) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        script.into_response()
    };
    let fixed = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, CACHING),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    let answer = response.headers_mut();
    for (name, value) in fixed {
        answer.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(ETAG, tag);
    }
    Ok(response)
}
