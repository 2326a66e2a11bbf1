//! Discord's gateway on 127.0.0.1, as Discord describes it ("Gateway", "Gateway Events"): greets, takes heartbeats, begins
//! and resumes sessions, tells again what a session missed, and remembers what it was told.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{Message, protocol::CloseFrame},
};

pub const IDENTIFY: u64 = 2;
pub const RESUME: u64 = 6;

/// Gone with its tasks when it is dropped.
pub struct FakeGateway {
    url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    url: String,
    beat_every: Duration,
    sessions: HashMap<String, Session>,
    begun: usize,
    connections: u64,
    open: usize,
    most_open: usize,
    /// `IDENTIFY` and `RESUME`, as they came.
    greetings: Vec<Value>,
    heartbeats: Vec<Value>,
    /// The codes that clients closed with; none for those that were just gone.
    goodbyes: Vec<Option<u16>>,
    /// Whoever begins a session is sent away with this code.
    refuse: Option<u16>,
    /// Connections up to this one get no answer to their heartbeats.
    muted: u64,
}

#[derive(Default)]
struct Session {
    token: String,
    sequence: u64,
    log: Vec<(u64, String)>,
    line: Option<UnboundedSender<Out>>,
}

enum Out {
    Text(String),
    Close(u16),
    Cut,
}

impl FakeGateway {
    pub async fn start(beat_every: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            url: url.clone(),
            beat_every,
            ..State::default()
        }));
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { url, state, task }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The operations that connections began with.
    pub fn greetings(&self) -> Vec<u64> {
        let state = self.state();
        state
            .greetings
            .iter()
            .filter_map(|frame| frame["op"].as_u64())
            .collect()
    }

    pub fn greeting(&self, nth: usize) -> Value {
        self.state().greetings[nth]["d"].clone()
    }

    /// How often connections began with this token.
    pub fn greeted_by(&self, token: &str) -> usize {
        let state = self.state();
        state
            .greetings
            .iter()
            .filter(|frame| frame["d"]["token"] == token)
            .count()
    }

    pub fn heartbeats(&self) -> usize {
        self.state().heartbeats.len()
    }

    pub fn goodbyes(&self) -> Vec<Option<u16>> {
        self.state().goodbyes.clone()
    }

    pub fn most_open(&self) -> usize {
        self.state().most_open
    }

    /// Whether somebody is in a session.
    pub fn is_live(&self) -> bool {
        self.state()
            .sessions
            .values()
            .any(|session| session.line.is_some())
    }

    pub fn refuse(&self, code: Option<u16>) {
        self.state().refuse = code;
    }

    /// The connections there are get no more answers to their heartbeats.
    pub fn mute(&self) {
        let mut state = self.state();
        state.muted = state.connections;
    }

    /// A customer writes to the bot, in a channel of the two alone.
    pub fn say(&self, id: u64, text: &str) {
        let data = json!({
            "id": id.to_string(), "type": 0, "channel_id": "700", "content": text,
            "timestamp": "2026-03-01T12:00:00.000000+00:00", "edited_timestamp": null,
            "author": { "id": "800", "username": "ann", "global_name": "Ann" },
            "attachments": [], "embeds": [], "mentions": [],
        });
        for session in self.state().sessions.values_mut() {
            session.tell("MESSAGE_CREATE", &data);
        }
    }

    /// Every connection is gone without a word.
    pub fn cut(&self) {
        self.to_all(|| Out::Cut);
    }

    pub fn close(&self, code: u16) {
        self.to_all(|| Out::Close(code));
    }

    /// Asks for a reconnect.
    pub fn reconnect(&self) {
        self.to_all(|| Out::Text(json!({ "op": 7, "d": null }).to_string()));
    }

    /// No session is known any more.
    pub fn forget(&self) {
        self.to_all(|| Out::Text(json!({ "op": 9, "d": false }).to_string()));
        self.state().sessions.clear();
    }

    fn to_all(&self, out: impl Fn() -> Out) {
        for session in self.state().sessions.values_mut() {
            if let Some(line) = session.line.take() {
                let _ = line.send(out());
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for FakeGateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Session {
    fn tell(&mut self, name: &str, data: &Value) {
        self.sequence += 1;
        let text = json!({ "op": 0, "t": name, "s": self.sequence, "d": data }).to_string();
        self.log.push((self.sequence, text.clone()));
        if let Some(line) = &self.line {
            let _ = line.send(Out::Text(text));
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&state)));
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    let Ok(mut socket) = accept_async(stream).await else {
        return;
    };
    let (line, mut outs) = unbounded_channel();
    let (number, hello) = {
        let mut state = lock(&state);
        state.connections += 1;
        state.open += 1;
        state.most_open = state.most_open.max(state.open);
        let interval = u64::try_from(state.beat_every.as_millis()).unwrap();
        let hello = json!({ "op": 10, "s": null, "t": null, "d": { "heartbeat_interval": interval } });
        (state.connections, hello.to_string())
    };
    let _ = socket.send(Message::text(hello)).await;
    let goodbye = talk(&mut socket, &state, number, &line, &mut outs).await;
    let mut state = lock(&state);
    state.open -= 1;
    state.goodbyes.push(goodbye);
    for session in state.sessions.values_mut() {
        if session.line.as_ref().is_some_and(|of| of.same_channel(&line)) {
            session.line = None;
        }
    }
    if matches!(goodbye, Some(1000 | 1001)) {
        state.sessions.retain(|_, session| session.line.is_some());
    }
}

/// The code that the client closed with.
async fn talk(
    socket: &mut WebSocketStream<TcpStream>,
    state: &Mutex<State>,
    number: u64,
    line: &UnboundedSender<Out>,
    outs: &mut UnboundedReceiver<Out>,
) -> Option<u16> {
    loop {
        tokio::select! {
            out = outs.recv() => match out? {
                Out::Text(text) => socket.send(Message::text(text)).await.ok()?,
                Out::Close(code) => {
                    let frame = CloseFrame { code: code.into(), reason: "".into() };
                    let _ = socket.close(Some(frame)).await;
                    return None;
                }
                Out::Cut => return None,
            },
            heard = socket.next() => match heard?.ok()? {
                Message::Text(text) => hear(&text, state, number, line),
                Message::Close(frame) => return frame.map(|frame| frame.code.into()),
                _ => {}
            },
        }
    }
}

fn hear(text: &str, state: &Mutex<State>, number: u64, line: &UnboundedSender<Out>) {
    let frame: Value = serde_json::from_str(text).unwrap();
    let mut state = lock(state);
    match frame["op"].as_u64() {
        Some(1) => {
            state.heartbeats.push(frame["d"].clone());
            if number > state.muted {
                let _ = line.send(Out::Text(json!({ "op": 11 }).to_string()));
            }
        }
        Some(IDENTIFY) => {
            state.greetings.push(frame.clone());
            state.begin(&frame["d"], line);
        }
        Some(RESUME) => {
            state.greetings.push(frame.clone());
            state.resume(&frame["d"], line);
        }
        other => panic!("a client doesn't say {other:?}"),
    }
}

impl State {
    fn begin(&mut self, asked: &Value, line: &UnboundedSender<Out>) {
        // Messages in servers and between two, and what they say; without these nothing would come.
        let wanted: u64 = 1 << 9 | 1 << 12 | 1 << 15;
        assert_eq!(asked["intents"].as_u64().unwrap() & wanted, wanted);
        if let Some(code) = self.refuse {
            let _ = line.send(Out::Close(code));
            return;
        }
        self.begun += 1;
        let id = format!("session-{}", self.begun);
        let ready = json!({
            "v": 10, "session_id": id, "resume_gateway_url": self.url, "guilds": [],
            "user": { "id": "900", "bot": true, "username": "hub" }, "application": { "id": "900", "flags": 0 },
        });
        let mut session = Session {
            token: asked["token"].as_str().unwrap().to_owned(),
            line: Some(line.clone()),
            ..Session::default()
        };
        session.tell("READY", &ready);
        self.sessions.insert(id, session);
    }

    fn resume(&mut self, asked: &Value, line: &UnboundedSender<Out>) {
        let known = asked["session_id"]
            .as_str()
            .and_then(|id| self.sessions.get_mut(id));
        let heard = asked["seq"].as_u64().unwrap();
        let Some(session) = known.filter(|known| asked["token"] == *known.token && heard <= known.sequence)
        else {
            let _ = line.send(Out::Text(json!({ "op": 9, "d": false }).to_string()));
            return;
        };
        // Who was there before is sent away.
        if let Some(before) = session.line.replace(line.clone()) {
            let _ = before.send(Out::Cut);
        }
        for (_, text) in session.log.iter().filter(|(sequence, _)| *sequence > heard) {
            let _ = line.send(Out::Text(text.clone()));
        }
        session.tell("RESUMED", &json!({}));
    }
}
