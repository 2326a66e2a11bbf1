//! The listening socket and its connections, tuned for what they carry. HTTP/1.1 only: whoever ends TLS in front of the hub
//! speaks the rest.

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::Service;

use crate::config::Http;

/// A peer that takes nothing for so long is gone: without this a console whose machine vanished would hold its
/// connection, and its presence, for a quarter of an hour.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// How long to wait when the system has no more connections to give.
const EXHAUSTED: Duration = Duration::from_millis(200);

/// Binds the configured address.
pub async fn bind(config: &Http) -> io::Result<TcpListener> {
    TcpListener::bind((config.host.as_str(), config.port))
        .await
        .map_err(|error| {
            let address = format!("{}:{}", config.host, config.port);
            io::Error::new(error.kind(), format!("can't listen on {address}: {error}"))
        })
}

/// Serves until `stop`, then until requests in progress are answered. Upgraded connections are their owners'.
pub async fn serve(listener: TcpListener, router: Router, config: &Http, stop: impl Future<Output = ()>) {
    let protocol = protocol(config);
    let (closing, open) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        tune(&stream);
        let router = router.clone();
        let service = service_fn(move |request| answer(router.clone(), request, peer));
        let connection = protocol.serve_connection(TokioIo::new(stream), service);
        let mut closing = open.clone();
        tokio::spawn(async move {
            let mut connection = pin!(connection.with_upgrades());
            // That a peer went away, was too slow or spoke something else is its own business.
            tokio::select! {
                _ = connection.as_mut() => return,
                _ = closing.changed() => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        });
    }
    drop((listener, open));
    // Each connection holds a receiver until it has ended.
    let _ = closing.send(());
    closing.closed().await;
}

fn protocol(config: &Http) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(config.header_timeout_secs.max(1)))
        .max_header_size(config.max_header_bytes);
    protocol
}

async fn answer(
    mut router: Router,
    mut request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    router.call(request.map(Body::new)).await
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // It was gone before it was taken.
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken; trying again");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
}

fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// For small packets and dead peers.
fn tune(stream: &TcpStream) {
    // Neither is needed to serve: a connection that just broke fails by itself.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED));
}
