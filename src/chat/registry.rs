//! The visitors connected to this node, by the room in which live events reach them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Deserialize;
use switchboard_domain::{
    ConversationStatus, LiveEventName, Message, MessageId, QueuePosition, Room, Timestamp,
};
use switchboard_queue::LiveEntry;
use switchboard_workers::files::Links;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{
    frames::Told,
    limits::{Limits, Rate},
    mailbox::cursor,
    shown::shown,
};
use crate::{config, connections::Connections, telemetry};

/// Frames that may wait for one visitor; with more they have to come back and read their mailbox.
const BUFFER: usize = 64;

/// All of this process, and what they may do how often.
pub struct Chats {
    pub hellos: Limits<IpAddr>,
    pub connections: Arc<Connections>,
    pub messages_of_ip: Limits<IpAddr>,
    pub messages_of_visitor: Limits<String>,
    pub files_of_visitor: Limits<String>,
    pub files_of_ip: Limits<IpAddr>,
    links: Links,
    rooms: Mutex<HashMap<String, Vec<Member>>>,
    last: AtomicU64,
}

struct Member {
    nth: u64,
    line: mpsc::Sender<Live>,
}

/// Something that happened, on its way to a visitor.
#[derive(Clone, Debug)]
pub struct Live {
    pub text: Utf8Bytes,
    /// The message that is new by this; who has it from their mailbox needn't hear it again.
    pub created: Option<MessageId>,
}

/// A place in a room; dropping it leaves.
pub struct Seat {
    chats: Arc<Chats>,
    room: String,
    nth: u64,
}

impl Chats {
    pub fn new(config: &config::Chat, links: Links) -> Arc<Self> {
        let (messages, of_ip) = (config.messages_per_minute, config.ip_messages_per_minute);
        let (files, files_of_ip) = (config.files_per_minute, config.ip_files_per_minute);
        Arc::new(Self {
            hellos: Limits::new(Rate::per_minute(
                config.ip_hellos_per_minute,
                config.ip_hellos_per_minute,
            )),
            messages_of_ip: Limits::new(Rate::per_minute(of_ip, of_ip / 4)),
            messages_of_visitor: Limits::new(Rate::per_minute(messages, config.message_burst)),
            files_of_visitor: Limits::new(Rate::per_minute(files, files)),
            files_of_ip: Limits::new(Rate::per_minute(files_of_ip, files_of_ip)),
            connections: Connections::new(config.ip_connections),
            links,
            rooms: Mutex::default(),
            last: AtomicU64::new(0),
        })
    }

    /// From here on the room's events come through the receiver; it ends when they came too fast, or the hub stops.
    pub fn join(self: &Arc<Self>, room: &Room) -> (Seat, mpsc::Receiver<Live>) {
        let (line, events) = mpsc::channel(BUFFER);
        let (room, nth) = (room.to_string(), self.last.fetch_add(1, Ordering::Relaxed));
        let member = Member { nth, line };
        self.rooms().entry(room.clone()).or_default().push(member);
        let chats = self.clone();
        metrics::gauge!(telemetry::CHATS).increment(1.0);
        (Seat { chats, room, nth }, events)
    }

    /// Hands events to the visitors they are for.
    pub fn deliver(&self, entries: &[LiveEntry]) {
        let mut rooms = self.rooms();
        if rooms.is_empty() {
            return;
        }
        for entry in entries {
            let Some(room) = entry.rooms.iter().find(|room| rooms.contains_key(*room)) else {
                continue;
            };
            let (Some(live), Some(members)) = (live(entry, &self.links), rooms.get_mut(room)) else {
                continue;
            };
            // Who can't take one has to come back: their mailbox has it.
            members.retain(|member| member.line.try_send(live.clone()).is_ok());
        }
    }

    /// Ends every connection: what happened meanwhile isn't known, or the hub stops. They come back.
    pub fn close(&self) {
        for members in self.rooms().values_mut() {
            members.clear();
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<String, Vec<Member>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        metrics::gauge!(telemetry::CHATS).decrement(1.0);
        let mut rooms = self.chats.rooms();
        if let Some(members) = rooms.get_mut(&self.room) {
            members.retain(|member| member.nth != self.nth);
            if members.is_empty() {
                rooms.remove(&self.room);
            }
        }
    }
}

/// What a visitor hears of an event; of most, nothing.
fn live(entry: &LiveEntry, links: &Links) -> Option<Live> {
    #[derive(Deserialize)]
    struct Activity {
        user: Person,
        typing: bool,
        #[serde(default)]
        customer: bool,
    }
    #[derive(Deserialize)]
    struct Person {
        name: String,
    }
    #[derive(Deserialize)]
    struct Row {
        unread: u32,
        status: ConversationStatus,
    }
    let told = |told: &Told<'_>| Live {
        text: told.text(),
        created: None,
    };
    match LiveEventName::parse(&entry.name)? {
        name @ (LiveEventName::MessageCreated | LiveEventName::MessageUpdated) => {
            message(&serde_json::from_slice(&entry.data).ok()?, name, entry.at, links)
        }
        LiveEventName::ConversationUpdated => {
            let Row { unread, status } = serde_json::from_slice(&entry.data).ok()?;
            // What happens to an ended conversation says nothing of the one that goes on.
            (status != ConversationStatus::Resolved).then(|| told(&Told::Seen { unread }))
        }
        LiveEventName::QueueUpdated => {
            let place: QueuePosition = serde_json::from_slice(&entry.data).ok()?;
            Some(told(&Told::Queue {
                position: place.position,
                predicted_wait_secs: place.predicted_wait_secs,
            }))
        }
        LiveEventName::Typing => {
            let typing: Activity = serde_json::from_slice(&entry.data).ok()?;
            let (name, typing) = (&typing.user.name, (!typing.customer).then_some(typing.typing)?);
            Some(told(&Told::Typing { typing, name }))
        }
        _ => None,
    }
}

fn message(message: &Message, name: LiveEventName, at: Timestamp, links: &Links) -> Option<Live> {
    let created = name == LiveEventName::MessageCreated;
    let told = shown(message, links, at)?;
    // How far it has got they know better than we do.
    if !created && !told.edited && !told.is_file() {
        return None;
    }
    let since = cursor(at);
    let text = Told::Message {
        message: &told,
        since: &since,
    }
    .text();
    Some(Live {
        text,
        created: created.then_some(told.id),
    })
}
