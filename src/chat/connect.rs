//! `GET /chat/{account}`: from a request to a visitor's connection.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::Body,
    extract::{ConnectInfo, Path, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode, header::ORIGIN};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use switchboard_connectors::webchat::Settings;
use switchboard_domain::{Channel, ChannelAccount};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::server::create_response_with_body,
        protocol::{Role, WebSocketConfig},
    },
};

use super::session;
use crate::{app::App, error::ApiError, peer};

/// A visitor says little, and most say nothing most of the time: this is held for each.
const BUFFER: usize = 2048;
/// What may wait for one who reads too slowly before they are put out.
const MOST_UNWRITTEN: usize = 1024 * 1024;

/// An account of this channel that visitors may use.
pub struct Place {
    pub account: Arc<ChannelAccount>,
    pub settings: Settings,
}

/// Upgrades to the protocol of chat/README.md.
pub async fn connect(
    State(app): State<Arc<App>>,
    Path(account): Path<String>,
    ConnectInfo(remote): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Result<Response, ApiError> {
    let place = place(&app, &account, request.headers()).await?;
    let refused = |_| {
        ApiError::new(
            StatusCode::UPGRADE_REQUIRED,
            "upgrade_required",
            "This address speaks WebSocket (RFC 6455).",
        )
    };
    let response = create_response_with_body(&request, Body::empty).map_err(refused)?;
    let upgrade = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or_else(|| ApiError::bad_request("This connection can't be upgraded."))?;
    let ip = peer::behind(&app, request.headers(), remote.ip());
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
            tracing::error!("a WebSocket came over something that isn't TCP");
            return;
        };
        let stream = parts.io.into_inner();
        let limits = config(app.config.chat.max_frame_bytes);
        let read = parts.read_buf.to_vec();
        let socket = WebSocketStream::from_partially_read(stream, read, Role::Server, Some(limits)).await;
        session::run(app, place, socket, ip).await;
    });
    Ok(response)
}

/// The account, if it is there and the page that asks may carry its widget.
pub async fn place(app: &App, account: &str, headers: &HeaderMap) -> Result<Place, ApiError> {
    let account = app
        .accounts
        .find(Channel::Webchat, account)
        .await?
        .ok_or_else(|| ApiError::not_found("web chat account"))?;
    // What can't be read might have been a limit, so that nobody is let in.
    let settings = Settings::read(&account.settings).map_err(|faults| {
        tracing::warn!(account = %account.key, ?faults, "visitors are refused: the channel account's settings are at fault");
        not_allowed()
    })?;
    let origin = headers
        .get(ORIGIN)
        .map(|origin| origin.to_str().unwrap_or("null"));
    if settings.allows_origin(origin) {
        Ok(Place { account, settings })
    } else {
        Err(not_allowed())
    }
}

fn not_allowed() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "origin_not_allowed",
        "This account's chat isn't for pages of this site.",
    )
}

fn config(max_frame_bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(MOST_UNWRITTEN)
        .max_message_size(Some(max_frame_bytes))
        .max_frame_size(Some(max_frame_bytes))
}
