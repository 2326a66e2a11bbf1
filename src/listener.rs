//! The listening socket, tuned for what it carries.

use std::{io, time::Duration};

use axum::serve::{ListenerExt, TapIo};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};

use crate::config::Http;

/// A peer that takes nothing for so long is gone: without this a console whose machine vanished would hold its
/// connection, and its presence, for a quarter of an hour.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Binds the configured address.
pub async fn bind(config: &Http) -> io::Result<TcpListener> {
    TcpListener::bind((config.host.as_str(), config.port))
        .await
        .map_err(|error| {
            let address = format!("{}:{}", config.host, config.port);
            io::Error::new(error.kind(), format!("can't listen on {address}: {error}"))
        })
}

/// The listener with every connection set up for small packets and dead peers.
pub fn tuned(listener: TcpListener) -> TapIo<TcpListener, fn(&mut TcpStream)> {
    listener.tap_io(|stream: &mut TcpStream| {
        // Neither is needed to serve: a connection that just broke fails by itself.
        let _ = stream.set_nodelay(true);
        let _ = SockRef::from(&*stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    })
}
