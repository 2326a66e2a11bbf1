//! One visitor's connection, from `hello` to its end.

use std::{collections::HashSet, convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use futures_util::StreamExt;
use rand::Rng;
use switchboard_connectors::webchat::{Field, MAX_TEXT_CHARS, Visitor};
use switchboard_domain::{Conversation, MessageId, Room, Timestamp};
use switchboard_store::StoreError;
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::{
    beat::Heartbeat,
    connect::Place,
    frames::{Fault, Hello, Said, Told, Welcome},
    identity,
    limits::{Limit, Rate},
    mailbox::{self, Reading},
    registry::Live,
    wire::{End, Socket, close, fault, heard, millis, text_of, write},
};
use crate::app::App;

const HELLO_WITHIN: Duration = Duration::from_secs(15);
/// Frames of any kind on one connection: more than any widget sends. Who is refused so often, and nothing of theirs
/// taken meanwhile, isn't one.
const FRAMES_PER_MINUTE: u32 = 240;
const FRAMES_AT_ONCE: u32 = 120;
const MOST_REFUSALS: u32 = 60;

/// A visitor who was let in.
pub struct Session {
    pub app: Arc<App>,
    pub place: Place,
    pub ip: IpAddr,
    pub visitor: Visitor,
    /// [`Conversation::open_key`].
    pub key: String,
    /// Asked before the first message, and not answered yet.
    pub form: Vec<Field>,
    pub typed_at: Timestamp,
    socket: Socket,
    frames: Limit,
    pub refusals: u32,
}

/// Runs until the connection ends.
pub async fn run(app: Arc<App>, place: Place, mut socket: Socket, ip: IpAddr) {
    let held = app.chats.connections.take(ip);
    let end = if held.is_some() {
        match greet(&app, &place, &mut socket, ip).await {
            Ok(hello) => return enter(app, place, socket, ip, hello).await,
            Err(end) => end,
        }
    } else {
        let fault = fault(
            "too_many_connections",
            "There are too many chats from your network.",
        );
        write(&mut socket, Told::Error(fault).frame())
            .await
            .err()
            .unwrap_or(End::TooMany)
    };
    close(&mut socket, end).await;
}

/// The visitor's first frame.
async fn greet(app: &App, place: &Place, socket: &mut Socket, ip: IpAddr) -> Result<Box<Hello>, End> {
    let said = match timeout(HELLO_WITHIN, heard(socket)).await {
        Ok(text) => text?,
        Err(_) => return Err(End::NoHello),
    };
    let Ok(Said::Hello(hello)) = serde_json::from_str(&said) else {
        let fault = fault("hello_expected", "The first frame has to be a hello.");
        write(socket, Told::Error(fault).frame()).await?;
        return Err(End::Refused);
    };
    if let Err(wait) = app.chats.hellos.take(ip, app.clock.micros()) {
        let mut fault = fault("rate_limited", "Too many connections in a short time.");
        fault.retry_after_ms = Some(millis(wait));
        write(socket, Told::Error(fault).frame()).await?;
        tracing::debug!(%ip, account = %place.account.key, "a visitor connects too often");
        return Err(End::TooMany);
    }
    Ok(hello)
}

async fn enter(app: Arc<App>, place: Place, mut socket: Socket, ip: IpAddr, hello: Box<Hello>) {
    let (now, ttl) = (app.clock.now(), app.config.chat.token_ttl());
    let mut chance = [0; 16];
    rand::rng().fill_bytes(&mut chance);
    let admitted = identity::admit(&place.account, &place.settings, &hello, now, ttl, chance);
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err((code, message)) => {
            let told = write(&mut socket, Told::Error(fault(code, message)).frame()).await;
            return close(&mut socket, told.err().unwrap_or(End::Refused)).await;
        }
    };
    let mut session = Session {
        key: Conversation::open_key(&place.account.key, &admitted.visitor.id),
        visitor: admitted.visitor,
        form: Vec::new(),
        typed_at: Timestamp::default(),
        frames: Limit::new(Rate::per_minute(FRAMES_PER_MINUTE, FRAMES_AT_ONCE)),
        refusals: 0,
        app,
        place,
        ip,
        socket,
    };
    let Err(end) = session.chat(*hello, &admitted.token, admitted.identified).await;
    close(&mut session.socket, end).await;
}

impl Session {
    /// Only ever ends by an [`End`].
    async fn chat(&mut self, hello: Hello, token: &str, identified: bool) -> Result<Infallible, End> {
        // Registered before the mailbox is read: nothing falls between them.
        let room = Room::of_contact(self.place.account.key.channel, &self.key).ok_or(End::Gone)?;
        let (_seat, mut events) = self.app.chats.join(&room);
        // Boxed, as is what they do below: most visitors are silent, and hold only what waiting takes.
        let recent = match Box::pin(self.catch_up(hello, token, identified)).await {
            Ok(recent) => recent,
            Err(Trouble::Ended(end)) => return Err(end),
            Err(Trouble::Store(error)) => {
                tracing::warn!(%error, "a visitor's mailbox can't be read; they come back");
                self.refuse(
                    fault("unavailable", "The chat isn't available at the moment."),
                    None,
                )
                .await?;
                return Err(End::Unavailable);
            }
        };
        let mut heartbeat = Heartbeat::new(self.app.config.chat.ping_interval(), self.app.config.chat.idle());
        loop {
            tokio::select! {
                live = events.recv() => {
                    let Live { text, created } = live.ok_or(End::ComeBack)?;
                    if created.is_none_or(|id| !recent.contains(&id)) {
                        self.tell(Message::Text(text)).await?;
                    }
                }
                frame = self.socket.next() => {
                    if let Some(text) = text_of(frame)? {
                        heartbeat.spoke();
                        Box::pin(self.hear(&text)).await?;
                    }
                    heartbeat.lives();
                }
                () = sleep_until(heartbeat.deadline) => {
                    heartbeat.beat()?;
                    self.tell(Message::Ping(bytes::Bytes::new())).await?;
                }
            }
        }
    }

    async fn catch_up(
        &mut self,
        hello: Hello,
        token: &str,
        identified: bool,
    ) -> Result<HashSet<MessageId>, Trouble> {
        let app = self.app.clone();
        let now = app.clock.now();
        let conversations = app
            .store
            .conversations
            .of_contact(&self.key, mailbox::ENDED)
            .await?;
        if conversations.is_empty() {
            self.form.clone_from(&self.place.settings.form);
        }
        let settings = &self.place.settings;
        let welcome = Told::Welcome(Welcome {
            token,
            visitor: &self.visitor.id,
            identified,
            title: settings.title.as_deref(),
            greeting: settings.greeting.as_deref(),
            accent: settings.accent.as_deref(),
            form: &self.form,
            max_text_chars: MAX_TEXT_CHARS,
            files: self.place.settings.takes_files(),
        })
        .frame();
        self.tell(welcome).await?;
        let mut reading = Reading::new(
            (&app.store, &app.desk.files.links),
            &conversations,
            hello.since.as_deref(),
            hello.have,
            now,
        );
        while let Some(items) = reading.next().await? {
            if !items.is_empty() {
                self.tell(Told::Messages { items: &items }.frame()).await?;
            }
        }
        let unread = conversations.first().map_or(0, |latest| latest.unread);
        let since = mailbox::cursor(now);
        self.tell(
            Told::Synced {
                since: &since,
                unread,
            }
            .frame(),
        )
        .await?;
        Ok(reading.recent)
    }

    async fn hear(&mut self, text: &str) -> Result<(), End> {
        if let Err(wait) = self.frames.take(self.app.clock.micros()) {
            let id = serde_json::from_str(text).ok().and_then(|said: Said| match said {
                Said::Message(spoken) => Some(spoken.id),
                _ => None,
            });
            let mut fault = fault("rate_limited", "That was too fast.");
            fault.id = id.as_deref();
            return self.refuse(fault, Some(wait)).await;
        }
        match serde_json::from_str(text) {
            Ok(Said::Ping) => self.tell(Told::Pong.frame()).await,
            Ok(Said::Hello(_)) | Err(_) => {
                self.refuse(
                    fault("bad_frame", "This frame isn't one of the protocol's."),
                    None,
                )
                .await
            }
            Ok(said) => self.act(said).await,
        }
    }

    pub async fn tell(&mut self, frame: Message) -> Result<(), End> {
        write(&mut self.socket, frame).await
    }

    /// Says why something wasn't done. Who goes on regardless is put out.
    pub async fn refuse(&mut self, mut fault: Fault<'_>, wait: Option<Duration>) -> Result<(), End> {
        fault.retry_after_ms = wait.map(millis);
        self.tell(Told::Error(fault).frame()).await?;
        self.refusals += 1;
        if self.refusals > MOST_REFUSALS {
            return Err(End::TooMany);
        }
        Ok(())
    }
}

enum Trouble {
    Ended(End),
    Store(StoreError),
}

impl From<End> for Trouble {
    fn from(end: End) -> Self {
        Self::Ended(end)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
