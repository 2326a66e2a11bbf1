//! The consoles of this process and the stream they are fed from.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use switchboard_domain::{Permission, Role, Timestamp, User};
use switchboard_queue::LiveStream;
use tokio::sync::Semaphore;

use super::{
    attendance::Attendance,
    cursor::Cursor,
    registry::{Access, Registry},
};
use crate::{
    auth::Known,
    config,
    socketio::{Sid, Socket},
    telemetry,
};

/// Catch-ups that read at once: thousands may come back together.
const READERS: usize = 16;

/// Shared by the tail, the catch-ups and the sockets' handlers.
pub struct Consoles {
    registry: Mutex<Registry<Arc<Socket>>>,
    pub attendance: Attendance,
    pub stream: LiveStream,
    pub config: config::Live,
    /// Turns at reading the stream for those who come back.
    pub reading: Semaphore,
    /// When an entry of the stream last came out of the tail, in milliseconds; heartbeats count.
    seen: AtomicI64,
    /// When workers last said that they work.
    workers_seen: AtomicI64,
}

impl Consoles {
    pub fn new(stream: LiveStream, config: config::Live) -> Arc<Self> {
        Arc::new(Self {
            registry: Mutex::default(),
            attendance: Attendance::default(),
            stream,
            config,
            reading: Semaphore::new(READERS),
            seen: AtomicI64::new(0),
            workers_seen: AtomicI64::new(0),
        })
    }

    pub fn registry(&self) -> MutexGuard<'_, Registry<Arc<Socket>>> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn join(&self, socket: &Arc<Socket>, known: &Known) -> (Cursor, u64) {
        let mut registry = self.registry();
        let joined = registry.join(
            socket.id,
            socket.clone(),
            known.user.id.clone(),
            access(&known.role, &known.user),
        );
        metrics::gauge!(telemetry::SOCKETS).set(registry.len() as f64);
        joined
    }

    /// Whose console it was.
    pub fn leave(&self, sid: Sid) -> Option<switchboard_domain::UserId> {
        let mut registry = self.registry();
        let user = registry.leave(sid);
        metrics::gauge!(telemetry::SOCKETS).set(registry.len() as f64);
        user
    }

    pub fn saw_the_stream(&self, now: Timestamp) {
        self.seen.store(now.as_millis(), Ordering::Relaxed);
    }

    pub fn saw_workers(&self, now: Timestamp) {
        self.workers_seen.store(now.as_millis(), Ordering::Relaxed);
    }

    pub fn workers_seen(&self) -> Timestamp {
        Timestamp::from_millis(self.workers_seen.load(Ordering::Relaxed))
    }

    pub fn last_seen(&self) -> Timestamp {
        Timestamp::from_millis(self.seen.load(Ordering::Relaxed))
    }
}

/// What a user's sockets get: exactly what their role lets them view, and as it says.
pub fn access(role: &Role, user: &User) -> Access {
    let visible = role.visible(Permission::ConversationsView, user);
    let rooms = visible.rooms();
    Access {
        rooms: rooms.iter().map(|room| room.to_string().into()).collect(),
        pii: role.pii(),
    }
}
