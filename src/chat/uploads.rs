//! `POST /chat/{account}/files`: what a visitor wants to send, from a page of somebody else's origin.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Json,
    extract::{ConnectInfo, Path, Request, State},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, AUTHORIZATION, ORIGIN, VARY,
    },
};
use serde::Serialize;
use switchboard_domain::{AttachmentId, Conversation};
use switchboard_workers::files::NewFile;
use utoipa::ToSchema;

use super::{
    connect::{Place, place},
    identity,
};
use crate::{api::attachments::Sent, app::App, error::ApiError, peer};

/// What a visitor has uploaded; a `message` frame names it by `id`.
#[derive(Serialize, ToSchema)]
pub struct Uploaded {
    id: AttachmentId,
    file_name: Option<String>,
    /// Told by the bytes.
    mime_type: Option<String>,
    /// In bytes.
    size: Option<u64>,
}

/// A browser asks before it sends a page's file to another origin.
pub async fn preflight(
    State(app): State<Arc<App>>,
    Path(account): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    place(&app, &account, &headers).await?;
    let mut response = for_page(&headers, StatusCode::NO_CONTENT.into_response());
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, x-file-name",
        ),
        (ACCESS_CONTROL_MAX_AGE, "3600"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Keeps a file for a visitor, who then sends a message with it. The body is the file, with its `Content-Type` and, in
/// `X-File-Name`, its percent-encoded name; the bearer token is that of the visitor's `welcome`.
#[utoipa::path(post, path = "/chat/{account}/files", tag = "web chat", params(("account" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Uploaded), (status = 401), (status = 403), (status = 404), (status = 413), (status = 415),
        (status = 422), (status = 429)), security(("visitor" = [])))]
pub async fn upload(
    State(app): State<Arc<App>>,
    Path(account): Path<String>,
    ConnectInfo(remote): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let place = place(&app, &account, &headers).await?;
    let ip = peer::behind(&app, &headers, remote.ip());
    let kept = keep(&app, &place, ip, request).await;
    Ok(for_page(&headers, kept.into_response()))
}

async fn keep(
    app: &App,
    place: &Place,
    ip: IpAddr,
    request: Request,
) -> Result<(StatusCode, Json<Uploaded>), ApiError> {
    let visitor = visitor(app, place, request.headers())?;
    if !place.settings.takes_files() {
        let refusal = "This chat takes no files.";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "no_files", refusal));
    }
    let key = Conversation::open_key(&place.account.key, &visitor);
    let now = app.clock.micros();
    let allowed = app.chats.files_of_visitor.take(key.clone(), now);
    allowed
        .and_then(|()| app.chats.files_of_ip.take(ip, now))
        .map_err(too_many)?;
    // Read to its end: a page whose connection is closed in mid-sentence never sees the answer.
    let sent = Sent::read(request).await?;
    if sent.bytes.len() > app.config.chat.max_file_bytes {
        return Err(ApiError::too_large());
    }
    let new = NewFile {
        bytes: sent.bytes,
        file_name: sent.file_name,
        mime_type: Some(sent.mime_type),
        conversation_id: None,
        uploaded_by: None,
    };
    let file = app.desk.keep_contacts_file(new, &key).await?;
    let uploaded = Uploaded {
        id: file.id,
        file_name: file.file_name,
        mime_type: file.mime_type,
        size: file.size,
    };
    Ok((StatusCode::CREATED, Json(uploaded)))
}

fn visitor(app: &App, place: &Place, headers: &HeaderMap) -> Result<String, ApiError> {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    let denied = |(code, message)| ApiError::new(StatusCode::UNAUTHORIZED, code, message);
    let token = token.ok_or_else(|| denied(("token_missing", "Uploads need the token of the chat.")))?;
    identity::bearer(&place.account, token.trim(), app.clock.now()).map_err(denied)
}

fn too_many(wait: Duration) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "rate_limited",
        "These are more files than this chat takes at once.",
    );
    error.retry_after = Some(wait.max(Duration::from_secs(1)));
    error
}

/// Lets the page read the answer. Whether it may carry the widget at all was asked before.
fn for_page(asked: &HeaderMap, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = asked.get(ORIGIN) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("retry-after"),
        );
    }
    response
}
