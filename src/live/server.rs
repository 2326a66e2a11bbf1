//! Socket.IO: who may connect, and what a console may say.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use socketioxide::{
    SocketIo, TransportType,
    extract::{AckSender, Data, SocketRef, State, TryData},
    handler::ConnectHandler,
    layer::SocketIoLayer,
};
use switchboard_domain::{
    Audience, Conversation, ConversationId, LiveEvent, LiveEventName, Permission, UserId,
};

use super::{
    catch_up::{CatchUp, Caught},
    cursor::Cursor,
    events::{Ready, Resumed},
    presence,
    registry::Line,
};
use crate::{
    app::App,
    auth::{Caller, Known},
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

/// Carried from the sign-in to the connection's handler.
#[derive(Clone)]
struct Session {
    known: Known,
    cursor: Option<String>,
}

/// Shown to the console as the `connect_error`.
struct Refused(&'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The layer that answers `/socket.io/`, and the handle to close it with.
pub fn layer(app: &Arc<App>) -> (SocketIoLayer, SocketIo) {
    let config = &app.config.live;
    let (layer, io) = SocketIo::builder()
        .ping_interval(Duration::from_secs(config.ping_interval_secs))
        .ping_timeout(Duration::from_secs(config.ping_timeout_secs))
        .max_buffer_size(config.socket_buffer)
        .max_payload(config.max_payload_bytes)
        .ws_read_buffer_size(config.read_buffer_bytes)
        .ws_max_message_size(usize::try_from(config.max_payload_bytes).unwrap_or(usize::MAX))
        .ws_max_frame_size(usize::try_from(config.max_payload_bytes).unwrap_or(usize::MAX))
        .transports([TransportType::Polling, TransportType::Websocket])
        .connect_timeout(Duration::from_secs(20))
        .with_state(app.clone())
        .build_layer();
    io.ns("/", connected.with(sign_in));
    (layer, io)
}

async fn sign_in(
    socket: SocketRef,
    TryData(auth): TryData<Auth>,
    State(app): State<Arc<App>>,
) -> Result<(), Refused> {
    let auth = auth.map_err(|_| Refused("unauthorized"))?;
    let caller = Caller::from_token(&app, &auth.token).await.map_err(|error| {
        if error.status.is_server_error() {
            Refused("unavailable")
        } else {
            Refused("unauthorized")
        }
    })?;
    socket.extensions.insert(Session {
        known: caller.known().clone(),
        cursor: auth.cursor,
    });
    Ok(())
}

async fn connected(socket: SocketRef, State(app): State<Arc<App>>) {
    let Some(Session { known, cursor }) = socket.extensions.remove::<Session>() else {
        return;
    };
    socket.on("resume", resume);
    socket.on("typing", typing);
    socket.on("viewing", viewing);
    socket.on_disconnect(disconnected);
    let (from, generation) = app.consoles.join(&socket, &known);
    // It may have gone before its handlers were there.
    if !socket.connected() {
        app.consoles.leave(socket.id);
        return;
    }
    presence::connected(&app, &known.user.id, &socket.id.to_string());
    let catch_up = CatchUp {
        consoles: &app.consoles,
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
    match caught_up(&catch_up, &cursor).await {
        Caught::Up { cursor, .. } => catch_up.tell_ready(cursor, false).await,
        Caught::Refetch { cursor } => catch_up.tell_ready(cursor, true).await,
        Caught::Gone => {}
    }
}

async fn caught_up(catch_up: &CatchUp<'_>, cursor: &str) -> Caught {
    match cursor.parse::<Cursor>() {
        // A cursor ahead of the tail may be of another stream; the stream itself will tell.
        Ok(cursor) if cursor <= catch_up.consoles.registry().position() => catch_up.run(cursor).await,
        Ok(cursor) => match catch_up.consoles.stream.after(&cursor.to_string(), 1).await {
            Ok(switchboard_queue::Replay::Events(_)) => catch_up.run(cursor).await,
            _ => catch_up.skip_ahead(),
        },
        Err(_) => catch_up.skip_ahead(),
    }
}

async fn resume(
    socket: SocketRef,
    TryData(request): TryData<Resume>,
    State(app): State<Arc<App>>,
    ack: AckSender,
) {
    let Some(generation) = app.consoles.registry().hold(socket.id) else {
        return;
    };
    metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => "resume").increment(1);
    let catch_up = CatchUp {
        consoles: &app.consoles,
        sid: socket.id,
        generation,
    };
    let caught = match request {
        Ok(Resume { cursor }) => caught_up(&catch_up, &cursor).await,
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
    // If it can't take even this, it asks again after its own time-out.
    let _ = ack.send(&answer);
}

async fn typing(
    socket: SocketRef,
    Data(activity): Data<Activity>,
    State(app): State<Arc<App>>,
    ack: AckSender,
) {
    let ok = tell(&app, &socket, &activity, LiveEventName::Typing).await;
    let _ = ack.send(&Answer { ok });
}

async fn viewing(
    socket: SocketRef,
    Data(activity): Data<Activity>,
    State(app): State<Arc<App>>,
    ack: AckSender,
) {
    let ok = tell(&app, &socket, &activity, LiveEventName::Viewing).await;
    let _ = ack.send(&Answer { ok });
}

/// Tells a conversation's audience what somebody does in it, if that somebody may see it.
async fn tell(app: &App, socket: &SocketRef, activity: &Activity, name: LiveEventName) -> bool {
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

async fn disconnected(socket: SocketRef, State(app): State<Arc<App>>) {
    if let Some(user) = app.consoles.leave(socket.id) {
        presence::disconnected(&app, &user, &socket.id.to_string()).await;
    }
}

/// Ends a user's connections: their access has gone.
pub fn turn_out(app: &App, user: &UserId) {
    let lines = app.consoles.registry().lines_of(user);
    for line in lines {
        let _ = line.emit(
            "ready",
            &Ready {
                cursor: app.consoles.registry().position().to_string(),
                refetch: true,
            },
        );
        let _ = line.disconnect();
    }
}
