//! Socket.IO: who may connect, and what a console may say.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{
    Audience, Conversation, ConversationId, LiveEvent, LiveEventName, Permission, UserId,
};

use super::{
    catch_up::{CatchUp, Caught},
    events::{Ready, Resumed},
    presence,
    registry::Access,
};
use crate::{
    app::App,
    auth::{Caller, Known},
    socketio::{Application, Event, Options, Server, Socket, event_frame},
    telemetry,
};

/// A console that connected without a cursor may ask to resume within this time; until then its events wait, so that
/// they come after what it missed and none comes twice.
const RESUME_WINDOW: Duration = Duration::from_millis(200);
/// The least time between two "typing" or "viewing" of one console that reach others.
const TELL_EVERY: Duration = Duration::from_millis(250);

#[derive(Deserialize)]
struct Auth {
    token: String,
    /// Resume from here at once.
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct Resume {
    cursor: String,
}

#[derive(Deserialize)]
struct Activity {
    conversation_id: ConversationId,
    #[serde(default = "yes")]
    typing: bool,
}

fn yes() -> bool {
    true
}

/// What others see of it; `typing` only in the event of that name.
#[derive(Serialize)]
struct Seen<'a> {
    conversation_id: &'a ConversationId,
    user: Person<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    typing: Option<bool>,
}

#[derive(Serialize)]
struct Person<'a> {
    id: &'a UserId,
    name: &'a str,
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
}

/// Carried from the sign-in to the connection.
pub struct Session {
    known: Known,
    cursor: Option<String>,
}

/// Answers `/socket.io/`.
pub fn sockets(app: &Arc<App>) -> Arc<Server<App>> {
    let config = &app.config.live;
    let options = Options {
        ping_interval: Duration::from_secs(config.ping_interval_secs),
        ping_timeout: Duration::from_secs(config.ping_timeout_secs),
        buffer: config.socket_buffer,
        max_payload: config.max_payload_bytes,
        per_address: config.ip_connections,
    };
    Server::new(app.clone(), options)
}

impl Application for App {
    type Session = Session;

    async fn sign_in(&self, auth: Value) -> Result<Session, &'static str> {
        let auth: Auth = serde_json::from_value(auth).map_err(|_| "unauthorized")?;
        match Caller::from_token(self, &auth.token).await {
            Ok(caller) if caller.require_set_up().is_err() => Err("unauthorized"),
            Ok(caller) => Ok(Session {
                known: caller.known().clone(),
                cursor: auth.cursor,
            }),
            Err(error) if error.status.is_server_error() => Err("unavailable"),
            Err(_) => Err("unauthorized"),
        }
    }

    async fn connected(self: Arc<Self>, socket: Arc<Socket>, session: Session) {
        let Session { known, cursor } = session;
        let (from, generation) = self.consoles.join(&socket, &known);
        if !socket.connected() {
            self.consoles.leave(socket.id);
            return;
        }
        presence::changed(&self, &known.user.id);
        let catch_up = CatchUp {
            consoles: &self.consoles,
            sid: socket.id,
            generation,
        };
        let Some(cursor) = cursor else {
            catch_up.tell_ready(from, false).await;
            tokio::time::sleep(RESUME_WINDOW).await;
            if let Caught::Refetch { cursor } = catch_up.run(from).await {
                catch_up.tell_ready(cursor, true).await;
            }
            return;
        };
        metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => "resume").increment(1);
        match catch_up.resume(&cursor).await {
            Caught::Up { cursor, .. } => catch_up.tell_ready(cursor, false).await,
            Caught::Refetch { cursor } => catch_up.tell_ready(cursor, true).await,
            Caught::Gone => {}
        }
    }

    /// Events of other names are nothing to us.
    async fn event(self: Arc<Self>, socket: Arc<Socket>, event: Event) {
        let Event { name, data, ack } = event;
        let told = match name.as_str() {
            "resume" => return resume(&self, &socket, data, ack).await,
            "typing" => LiveEventName::Typing,
            "viewing" => LiveEventName::Viewing,
            _ => return,
        };
        let ok = match serde_json::from_value(data) {
            Ok(activity) => tell(&self, &socket, &activity, told).await,
            Err(_) => false,
        };
        socket.acknowledge(ack, &Answer { ok });
    }

    async fn disconnected(self: Arc<Self>, socket: Arc<Socket>) {
        if let Some(user) = self.consoles.leave(socket.id) {
            presence::changed(&self, &user);
        }
    }
}

async fn resume(app: &App, socket: &Socket, request: Value, ack: Option<u64>) {
    let Some(generation) = app.consoles.registry().hold(socket.id) else {
        return;
    };
    metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => "resume").increment(1);
    let catch_up = CatchUp {
        consoles: &app.consoles,
        sid: socket.id,
        generation,
    };
    let caught = match serde_json::from_value(request) {
        Ok(Resume { cursor }) => catch_up.resume(&cursor).await,
        Err(_) => catch_up.skip_ahead(),
    };
    let answer = match caught {
        Caught::Up { cursor, replayed } => Resumed::CaughtUp {
            ok: true,
            cursor: cursor.to_string(),
            replayed,
        },
        Caught::Refetch { cursor } => Resumed::Refetch {
            refetch: true,
            cursor: cursor.to_string(),
        },
        Caught::Gone => return,
    };
    socket.acknowledge(ack, &answer);
}

/// Tells a conversation's audience what somebody does in it, if that somebody may see it.
async fn tell(app: &App, socket: &Socket, activity: &Activity, name: LiveEventName) -> bool {
    let now = app.clock.now();
    let user = {
        let mut registry = app.consoles.registry();
        let Some(console) = registry.console(socket.id) else {
            return false;
        };
        let told_at = match name {
            LiveEventName::Viewing => &mut console.viewed_at,
            _ => &mut console.typed_at,
        };
        // That somebody stopped typing is always told, or it would never stop on the others' screens.
        if activity.typing && now.since(*told_at) < TELL_EVERY {
            return name == LiveEventName::Typing;
        }
        *told_at = now;
        console.user.clone()
    };
    let Some((known, conversation)) = visible(app, &user, &activity.conversation_id).await else {
        return false;
    };
    let seen = Seen {
        conversation_id: &conversation.id,
        user: Person {
            id: &known.user.id,
            name: &known.user.name,
        },
        typing: (name == LiveEventName::Typing).then_some(activity.typing),
    };
    let Ok(event) = LiveEvent::new(name, now, Audience::of(&conversation), &seen) else {
        return false;
    };
    app.consoles.stream.append(&[event]).await.is_ok()
}

async fn visible(app: &App, user: &UserId, id: &ConversationId) -> Option<(Arc<Known>, Conversation)> {
    let known = app.directory.find(user).await.ok()??;
    let visible = known.role.visible(Permission::ConversationsView, &known.user);
    let conversation = app.store.conversations.get(&visible, id).await.ok()??;
    Some((known, conversation))
}

/// Gives a user's consoles what their access is now. They fetch anew what they show: it may be more than they may see.
pub fn give(app: &App, user: &UserId, access: &Access) {
    let moved = app.consoles.registry().move_user(user, access);
    tell_to_refetch(app, &moved);
}

/// Ends a user's connections: their access has gone.
pub fn turn_out(app: &App, user: &UserId) {
    let lines = app.consoles.registry().lines_of(user);
    tell_to_refetch(app, &lines);
    for line in lines {
        line.turn_out();
    }
}

fn tell_to_refetch(app: &App, lines: &[Arc<Socket>]) {
    let ready = Ready {
        cursor: app.consoles.registry().position().to_string(),
        refetch: true,
    };
    let frame = event_frame("ready", &ready);
    for line in lines {
        line.send(&frame);
    }
}
