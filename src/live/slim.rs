//! Keeps a console's memory small: Engine.IO holds on to its request's head for as long as the socket lives, and a head
//! straight from hyper holds on to the whole read buffer it was parsed from.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
};

/// What the handshake and polling read.
const KEPT: [HeaderName; 6] = [
    CONNECTION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION,
    UPGRADE,
];

/// Replaces the request's head by a copy of the few parts that are needed.
pub async fn slim(mut request: Request, next: Next) -> Response {
    *request.headers_mut() = copy(request.headers());
    if let Ok(uri) = request.uri().to_string().parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

fn copy(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(KEPT.len());
    for name in KEPT {
        if let Some(value) = headers.get(&name)
            && let Ok(own) = HeaderValue::from_bytes(value.as_bytes())
        {
            kept.insert(name, own);
        }
    }
    kept
}
