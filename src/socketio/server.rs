//! All sockets of the process, and how they begin and end.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    Application,
    frame::{CloseCode, Decoder, Frame},
    packet,
    socket::Socket,
};
use crate::connections::{Connection, Connections};

/// How the sockets behave.
#[derive(Clone, Debug)]
pub struct Options {
    /// How often a client is asked whether it is there, and how long its answer may take.
    pub ping_interval: Duration,
    pub ping_timeout: Duration,
    /// Packets that may wait for one client.
    pub buffer: usize,
    /// The longest message of a client, and the longest body of a poll, in bytes.
    pub max_payload: usize,
    /// Sockets of one address at a time.
    pub per_address: usize,
}

/// Answers `/socket.io/`.
pub struct Server<A> {
    pub(super) application: Arc<A>,
    pub(super) options: Options,
    pub(super) ping: Frame,
    connections: Arc<Connections>,
    sockets: Mutex<HashMap<String, Arc<Socket>>>,
}

impl<A: Application> Server<A> {
    pub fn new(application: Arc<A>, options: Options) -> Arc<Self> {
        Arc::new(Self {
            application,
            connections: Connections::new(options.per_address),
            options,
            ping: Frame::text(packet::PING),
            sockets: Mutex::default(),
        })
    }

    /// Ends every connection; the clients come back, to whoever answers then.
    pub fn close(&self) {
        let sockets: Vec<Arc<Socket>> = self.sockets().values().cloned().collect();
        for socket in sockets {
            socket.close(CloseCode::GoingAway);
        }
    }

    /// A new socket, with the packet that tells its client about it.
    pub(super) fn open(&self, upgrades: &[&str], connection: Connection) -> (Arc<Socket>, Frame) {
        let socket = Arc::new(Socket::new(self.options.buffer, connection));
        let engine_id = socket.engine_id.to_string();
        let handshake = serde_json::json!({
            "sid": engine_id,
            "upgrades": upgrades,
            "pingInterval": millis(self.options.ping_interval),
            "pingTimeout": millis(self.options.ping_timeout),
            "maxPayload": self.options.max_payload,
        });
        self.sockets().insert(engine_id, socket.clone());
        (socket, Frame::text(&format!("0{handshake}")))
    }

    /// `None`: there are as many from this address as there may be.
    pub(super) fn connection(&self, address: IpAddr) -> Option<Connection> {
        self.connections.take(address)
    }

    pub(super) fn find(&self, engine_id: &str) -> Option<Arc<Socket>> {
        self.sockets().get(engine_id).cloned()
    }

    pub(super) fn forget(&self, socket: &Socket) {
        self.sockets().remove(&socket.engine_id.to_string());
    }

    pub(super) fn decoder(&self) -> Decoder {
        Decoder::new(self.options.max_payload)
    }

    fn sockets(&self) -> MutexGuard<'_, HashMap<String, Arc<Socket>>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
