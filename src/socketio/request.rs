//! `/socket.io/?EIO=4&transport=…[&sid=…]`: which of the two transports, and a new socket or an old one.

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, Method, StatusCode,
    header::{
        CONNECTION, CONTENT_TYPE, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
        UPGRADE,
    },
};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tokio::net::TcpStream;

use super::{Application, server::Server, socket::Socket};
use crate::connections::Connection;

/// RFC 6455, 1.3.
const ACCEPT_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The errors of Engine.IO, as its own server gives them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    UnknownTransport = 0,
    UnknownSid = 1,
    BadMethod = 2,
    BadRequest = 3,
    TooMany = 4,
    UnsupportedVersion = 5,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let message = match self {
            Self::UnknownTransport => "Transport unknown",
            Self::UnknownSid => "Session ID unknown",
            Self::BadMethod => "Bad handshake method",
            Self::BadRequest => "Bad request",
            Self::TooMany => "Too many connections",
            Self::UnsupportedVersion => "Unsupported protocol version",
        };
        let status = match self {
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = format!(r#"{{"code":{},"message":"{message}"}}"#, self as u8);
        let json = [(CONTENT_TYPE, "application/json")];
        (status, json, body).into_response()
    }
}

/// Whom a request is from.
enum Client {
    New(Connection),
    Old(Arc<Socket>),
}

/// What the client asks for in the query.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked<'a> {
    version: &'a str,
    transport: &'a str,
    sid: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// Every value is of letters, digits, `-` and `_`, so nothing is decoded.
    fn parse(query: &'a str) -> Self {
        let mut asked = Self::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "EIO" => asked.version = value,
                "transport" => asked.transport = value,
                "sid" => asked.sid = Some(value),
                _ => {}
            }
        }
        asked
    }
}

impl<A: Application> Server<A> {
    /// Answers one request of a client at this address.
    pub async fn answer(self: Arc<Self>, request: Request, address: IpAddr) -> Response {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let asked = Asked::parse(&query);
        if asked.version != "4" {
            return Refusal::UnsupportedVersion.into_response();
        }
        let socket = match asked.sid.map(|sid| self.find(sid)) {
            Some(None) => return Refusal::UnknownSid.into_response(),
            Some(found) => found,
            None if request.method() != Method::GET => return Refusal::BadMethod.into_response(),
            None => None,
        };
        let client = match socket {
            Some(socket) => Client::Old(socket),
            None => match self.connection(address) {
                Some(connection) => Client::New(connection),
                None => return Refusal::TooMany.into_response(),
            },
        };
        match (asked.transport, client, request.method()) {
            ("websocket", client, &Method::GET) => self.accept(client, request),
            ("polling", Client::New(connection), _) => self.begin_polling(connection),
            ("polling", Client::Old(socket), &Method::GET) => self.poll(&socket).await,
            ("polling", Client::Old(socket), &Method::POST) => {
                self.posted(&socket, request.into_body()).await
            }
            ("polling" | "websocket", ..) => Refusal::BadRequest.into_response(),
            _ => Refusal::UnknownTransport.into_response(),
        }
    }

    /// Turns the connection into a WebSocket: of a new socket, or tried for one that polls.
    fn accept(self: Arc<Self>, client: Client, mut request: Request) -> Response {
        let Some(accept) = accept_key(request.headers()) else {
            return Refusal::BadRequest.into_response();
        };
        let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
            return Refusal::BadRequest.into_response();
        };
        tokio::spawn(async move {
            let Ok(upgraded) = upgrade.await else { return };
            let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
                tracing::error!("a WebSocket came over something that isn't TCP");
                return;
            };
            let stream = Arc::new(parts.io.into_inner());
            let mut decoder = self.decoder();
            decoder.push(&parts.read_buf);
            let polling = match client {
                Client::Old(polling) => polling,
                Client::New(connection) => {
                    let (socket, handshake) = self.open(&[], connection);
                    socket.upgrade(stream, decoder);
                    socket.send(&handshake);
                    tokio::spawn(self.run(socket));
                    return;
                }
            };
            let patience = self.options.ping_timeout;
            let trying = self.try_upgrade(polling.clone(), stream.clone(), decoder);
            match tokio::time::timeout(patience, trying).await {
                Ok(Some(decoder)) => polling.upgrade(stream, decoder),
                Ok(None) | Err(_) => polling.stop_trying(),
            }
        });
        let headers: [(HeaderName, &str); 3] = [
            (CONNECTION, "Upgrade"),
            (UPGRADE, "websocket"),
            (SEC_WEBSOCKET_ACCEPT, &accept),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response()
    }
}

/// What proves that we speak WebSocket; `None` if the request doesn't ask for it rightly (RFC 6455, 4.2.1).
fn accept_key(headers: &HeaderMap) -> Option<String> {
    let has = |name: HeaderName, token: &str| {
        let values = headers.get_all(name);
        values
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().eq_ignore_ascii_case(token))
    };
    let asks = has(CONNECTION, "upgrade") && has(UPGRADE, "websocket") && has(SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(SEC_WEBSOCKET_KEY)?.to_str().ok()?;
    let sixteen = STANDARD.decode(key).is_ok_and(|key| key.len() == 16);
    (asks && sixteen).then(|| {
        let digest = Sha1::new()
            .chain_update(key)
            .chain_update(ACCEPT_SUFFIX)
            .finalize();
        STANDARD.encode(digest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(key: &str, version: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONNECTION, "keep-alive, Upgrade".parse().unwrap());
        headers.insert(UPGRADE, "WebSocket".parse().unwrap());
        headers.insert(SEC_WEBSOCKET_VERSION, version.parse().unwrap());
        headers.insert(SEC_WEBSOCKET_KEY, key.parse().unwrap());
        headers
    }

    /// RFC 6455, 1.3.
    #[test]
    fn the_example_of_the_rfc() {
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        assert_eq!(
            accept_key(&asking(key, "13")).as_deref(),
            Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        );
        assert_eq!(accept_key(&asking(key, "8")), None);
        assert_eq!(accept_key(&asking("short", "13")), None);
        assert_eq!(accept_key(&HeaderMap::new()), None);
    }

    #[test]
    fn what_is_asked() {
        let asked = Asked::parse("EIO=4&transport=polling&t=x&sid=abc");
        let expected = Asked {
            version: "4",
            transport: "polling",
            sid: Some("abc"),
        };
        assert_eq!(asked, expected);
        assert_eq!(Asked::parse(""), Asked::default());
    }
}
