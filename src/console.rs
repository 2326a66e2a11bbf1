//! The agent console, baked into the binary: one file to deploy.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{
    HeaderName, HeaderValue, Method, StatusCode,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS},
};
use rust_embed::RustEmbed;

use crate::error::ApiError;

#[derive(RustEmbed)]
#[folder = "console/dist"]
struct Built;

const CSP: &str = "default-src 'self'; connect-src 'self'; img-src 'self' https: data: blob:; media-src 'self' https: blob:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const NOT_BUILT: &str = "The console isn't part of this build. `make run` builds it; or: npm --prefix console ci && npm --prefix console run build, then build switchboard again.\n";
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// A file of the build, and the SHA-256 of it.
pub fn built(path: &str) -> Option<(std::borrow::Cow<'static, [u8]>, [u8; 32])> {
    let file = Built::get(path)?;
    Some((file.data, file.metadata.sha256_hash()))
}

/// Whatever no route takes: a file of the console, its page for addresses that it routes itself, or 404.
pub async fn fallback(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || is_ours(path) {
        return crate::middleware::no_such_route().into_response();
    }
    if let Some(file) = Built::get(path) {
        return serve(path, &file);
    }
    let wants_page = request
        .headers()
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    match Built::get("index.html") {
        Some(page) if path.is_empty() || wants_page => serve("index.html", &page),
        None if path.is_empty() => (
            StatusCode::OK,
            [(CONTENT_TYPE, "text/plain; charset=utf-8")],
            NOT_BUILT,
        )
            .into_response(),
        _ => ApiError::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing at this address.",
        )
        .into_response(),
    }
}

fn is_ours(path: &str) -> bool {
    ["api", "webhooks", "socket.io", "chat", "files"]
        .iter()
        .any(|own| {
            path.strip_prefix(own)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

fn serve(path: &str, file: &rust_embed::EmbeddedFile) -> Response {
    // Vite names what is in assets/ by its content, so it never changes under its name.
    let caching = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = file.data.clone().into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        PERMISSIONS_POLICY,
        HeaderValue::from_static("camera=(), microphone=(), geolocation=()"),
    );
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hubs_own_addresses_are_never_the_consoles() {
        assert!(is_ours("api/v1/nothing") && is_ours("webhooks") && is_ours("socket.io/"));
        assert!(!is_ours("apiary") && !is_ours("conversations/1") && !is_ours(""));
    }

    #[tokio::test]
    async fn a_page_for_people_and_a_404_for_programs() {
        let get = |path: &str, accept: &str| {
            Request::builder()
                .uri(path)
                .header(ACCEPT, accept)
                .body(axum::body::Body::empty())
                .unwrap()
        };
        assert_eq!(fallback(get("/", "text/html")).await.status(), StatusCode::OK);
        assert_eq!(
            fallback(get("/api/v1/nothing", "text/html")).await.status(),
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            fallback(get("/missing.js", "*/*")).await.status(),
            StatusCode::NOT_FOUND
        );
        let post = Request::builder()
            .method("POST")
            .uri("/")
            .body(axum::body::Body::empty())
            .unwrap();
        assert_eq!(fallback(post).await.status(), StatusCode::NOT_FOUND);
    }
}
