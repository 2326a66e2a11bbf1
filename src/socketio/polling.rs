//! The transport for those who can't have a WebSocket, or don't have one yet: long polls, and posts.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::CONTENT_TYPE};

use super::{
    Application, packet,
    request::Refusal,
    server::Server,
    socket::{Polled, Socket},
};
use crate::connections::Connection;

/// Lets the next poll in, also when the client of this one hangs up.
struct Poll<'a>(&'a Socket);

impl Drop for Poll<'_> {
    fn drop(&mut self) {
        self.0.end_poll();
    }
}

impl<A: Application> Server<A> {
    /// A new socket whose client polls.
    pub(super) fn begin_polling(self: Arc<Self>, connection: Connection) -> Response {
        let (socket, handshake) = self.open(&["websocket"], connection);
        tokio::spawn(self.run(socket));
        text(handshake.payload().to_vec())
    }

    /// Waits for something to tell, at the most until the next heartbeat.
    pub(super) async fn poll(&self, socket: &Socket) -> Response {
        if !socket.begin_poll() {
            return Refusal::BadRequest.into_response();
        }
        let _poll = Poll(socket);
        loop {
            match socket.take(self.options.max_payload) {
                Polled::Body(body) => return text(body),
                Polled::Misplaced => return Refusal::BadRequest.into_response(),
                Polled::Wait => socket.poll.notified().await,
            }
        }
    }

    /// Takes what the client says.
    pub(super) async fn posted(self: &Arc<Self>, socket: &Arc<Socket>, body: Body) -> Response {
        let Ok(body) = to_bytes(body, self.options.max_payload).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        for packet in body.split(|byte| *byte == packet::SEPARATOR) {
            let taken = std::str::from_utf8(packet).map(|packet| self.take(socket, packet));
            match taken {
                Ok(Ok(())) => {}
                Ok(Err(end)) => {
                    socket.close(end.0);
                    break;
                }
                Err(_) => return Refusal::BadRequest.into_response(),
            }
        }
        ([(CONTENT_TYPE, "text/html")], "ok").into_response()
    }
}

fn text(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "text/plain; charset=UTF-8")], body).into_response()
}
