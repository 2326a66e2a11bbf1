//! Socket.IO 5 over Engine.IO 4, made for pushing the same event to thousands of consoles.
//!
//! An event is written once, as the bytes of a WebSocket frame, and these bytes go to every console straight from the
//! task that delivers them: no task is woken, nothing is copied, and an idle console holds no buffers. Only what its
//! connection doesn't take at once waits for the console's own task. Of the protocols, this is what the official client
//! needs: both transports and the upgrade between them, heartbeats, events and acknowledgements in the main namespace,
//! no binary attachments.

mod connection;
mod frame;
mod packet;
mod polling;
mod request;
mod server;
mod socket;

use std::{future::Future, sync::Arc};

use serde_json::Value;

pub use frame::Frame;
pub use packet::{Event, ack_frame, event_frame};
pub use server::{Options, Server};
pub use socket::{Handed, Sid, Socket};

/// What the sockets are for.
pub trait Application: Send + Sync + 'static {
    /// What signing in found out.
    type Session: Send;

    /// Lets a client in to the main namespace, or tells it why not.
    fn sign_in(&self, auth: Value) -> impl Future<Output = Result<Self::Session, &'static str>> + Send;

    /// It is in. It may have left before this is called, and then [`Self::disconnected`] isn't called (again):
    /// [`Socket::connected`] tells.
    fn connected(
        self: Arc<Self>,
        socket: Arc<Socket>,
        session: Self::Session,
    ) -> impl Future<Output = ()> + Send;

    /// It said something. Events of a socket are worked side by side.
    fn event(self: Arc<Self>, socket: Arc<Socket>, event: Event) -> impl Future<Output = ()> + Send;

    /// It has gone.
    fn disconnected(self: Arc<Self>, socket: Arc<Socket>) -> impl Future<Output = ()> + Send;
}
