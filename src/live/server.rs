//! Socket.IO: who may connect, and what a console may say.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{
    Audience, Conversation, ConversationId, LiveEvent, LiveEventName, Permission, UserId,
};

use super::{
    catch_up::{CatchUp, Over, begin_anew},
    cursor::Cursor,
    events::Word,
    presence,
    registry::Access,
};
use crate::{
    app::App,
    auth::{Caller, Known},
    socketio::{Application, Event, Options, Server, Socket},
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
        let catch_up = |word| CatchUp::new(&self.consoles, socket.id, generation, word);
        // Whoever has gone meanwhile, or asked for something else, needs no more of this.
        let _ = match cursor {
            Some(cursor) => {
                metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => "resume").increment(1);
                catch_up(Word::Ready).resume(&cursor).await
            }
            None => begin(&catch_up(Word::Nothing), from).await,
        };
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

/// A console without a past: its `ready` comes first, and what follows waits for a `resume` for a moment.
async fn begin(catch_up: &CatchUp<'_>, from: Cursor) -> Result<(), Over> {
    catch_up.tell_ready(from).await?;
    tokio::time::sleep(RESUME_WINDOW).await;
    catch_up.run(from).await
}

async fn resume(app: &App, socket: &Socket, request: Value, ack: Option<u64>) {
    metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => "resume").increment(1);
    let held = app.consoles.registry().hold(socket.id);
    let resumed = match held {
        Some(generation) => {
            let catch_up = CatchUp::new(&app.consoles, socket.id, generation, Word::Answer(ack));
            match serde_json::from_value(request) {
                Ok(Resume { cursor }) => catch_up.resume(&cursor).await,
                Err(_) => catch_up.skip_ahead().await,
            }
        }
        // It is only just coming in.
        None => Err(Over),
    };
    // Or something else has begun for it meanwhile; it isn't left without an answer.
    if let (Err(Over), Some(ack)) = (resumed, ack) {
        let position = app.consoles.registry().position();
        socket.send(&Word::Answer(Some(ack)).refetch(position));
    }
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
    begin_anew(&app.consoles, moved, "access");
}

/// Ends a user's connections: their access has gone.
pub fn turn_out(app: &App, user: &UserId) {
    let (lines, position) = {
        let registry = app.consoles.registry();
        (registry.lines_of(user), registry.position())
    };
    // Should they come back, they may not see what they show.
    let anew = Word::Ready.refetch(position);
    for line in lines {
        line.send(&anew);
        line.turn_out();
    }
}
