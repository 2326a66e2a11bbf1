//! An agent's console: a Socket.IO client over one WebSocket, written from the protocol (Engine.IO 4, Socket.IO 5).
//!
//! The official JavaScript client drives the contract in `tests/js`; this one lets Rust tests look at every packet.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::poll::eventually_some;

const SOON: Duration = Duration::from_secs(20);

type Sink = SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>;

/// An event as it came.
#[derive(Clone, Debug)]
pub struct Event {
    pub name: String,
    /// `{cursor, at, data}`.
    pub payload: Value,
}

impl Event {
    pub fn data(&self) -> &Value {
        &self.payload["data"]
    }

    /// The text field `field` of its data.
    pub fn is(&self, name: &str, field: &str, value: &str) -> bool {
        self.name == name && self.data()[field] == value
    }
}

/// A connected console. Dropping it closes the connection.
#[derive(Debug)]
pub struct Console {
    seen: Arc<Mutex<Seen>>,
    say: mpsc::UnboundedSender<(String, Value, oneshot::Sender<Value>)>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    events: Vec<Event>,
    /// `None` until the hub let it in.
    let_in: Option<Result<(), String>>,
    closed: bool,
}

impl Console {
    /// Connects, and waits until the hub has said `ready`.
    pub async fn connect(url: &str, token: &str) -> Self {
        let console = Self::try_connect(url, &json!({ "token": token })).await;
        let console = console.unwrap_or_else(|error| panic!("the console wasn't let in: {error}"));
        console.event("ready", |event| event.name == "ready").await;
        console
    }

    /// Connects with any `auth`; the error is what the hub said, or why there is no connection.
    pub async fn try_connect(url: &str, auth: &Value) -> Result<Self, String> {
        let address = format!(
            "{}/socket.io/?EIO=4&transport=websocket",
            url.replacen("http", "ws", 1)
        );
        let (socket, _) = connect_async(address).await.map_err(|error| error.to_string())?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (say, said) = mpsc::unbounded_channel();
        let connection = Connection {
            seen: Arc::clone(&seen),
            auth: auth.to_string(),
            waiting: HashMap::new(),
            last_ack: 0,
        };
        let console = Self {
            seen,
            say,
            task: tokio::spawn(connection.run(socket, said)),
        };
        let deadline = tokio::time::Instant::now() + SOON;
        // Not `eventually`: the future of an async closure isn't known to be `Send`, and tests spawn this.
        let let_in = loop {
            if let Some(outcome) = console.let_in() {
                break outcome;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "neither let in nor refused within {SOON:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let_in.map(|()| console)
    }

    fn let_in(&self) -> Option<Result<(), String>> {
        let seen = self.seen();
        let gone = || Err("the connection was closed".to_owned());
        seen.let_in.clone().or_else(|| seen.closed.then(gone))
    }

    /// Everything that came so far.
    pub fn events(&self) -> Vec<Event> {
        self.seen().events.clone()
    }

    /// Everything that came from the `from`th on.
    pub fn events_after(&self, from: usize) -> Vec<Event> {
        self.seen().events.iter().skip(from).cloned().collect()
    }

    pub fn is_closed(&self) -> bool {
        self.seen().closed
    }

    /// The first event that fits, waiting for it.
    pub async fn event(&self, what: &str, fits: impl Fn(&Event) -> bool) -> Event {
        eventually_some(&format!("{what} on the console"), SOON, async || {
            self.seen().events.iter().find(|event| fits(event)).cloned()
        })
        .await
    }

    /// The cursor of the last thing it was told.
    pub fn cursor(&self) -> String {
        let cursor = |event: &Event| event.payload["cursor"].as_str().map(str::to_owned);
        self.seen()
            .events
            .iter()
            .rev()
            .find_map(cursor)
            .expect("a console that has been told something")
    }

    /// Emits an event and waits for its acknowledgement; `None` if the connection ends first.
    pub async fn emit(&self, name: &str, data: Value) -> Option<Value> {
        let (answer, answered) = oneshot::channel();
        self.say.send((name.to_owned(), data, answer)).ok()?;
        tokio::time::timeout(SOON, answered)
            .await
            .unwrap_or_else(|_| panic!("no acknowledgement of {name} within {SOON:?}"))
            .ok()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Connection {
    seen: Arc<Mutex<Seen>>,
    auth: String,
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    last_ack: u64,
}

impl Connection {
    async fn run(
        mut self,
        socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
        mut said: mpsc::UnboundedReceiver<(String, Value, oneshot::Sender<Value>)>,
    ) {
        let (mut sink, mut stream) = socket.split();
        loop {
            let going_on = tokio::select! {
                frame = stream.next() => match frame {
                    Some(Ok(Message::Text(packet))) => self.take(&packet, &mut sink).await,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => false,
                    Some(Ok(_)) => true,
                },
                Some((name, data, answer)) = said.recv() => {
                    self.last_ack += 1;
                    self.waiting.insert(self.last_ack, answer);
                    let packet = format!("42{}{}", self.last_ack, json!([name, data]));
                    sink.send(Message::text(packet)).await.is_ok()
                }
            };
            if !going_on {
                break;
            }
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
    }

    /// One packet; false when the connection is over.
    async fn take(&mut self, packet: &str, sink: &mut Sink) -> bool {
        let (kind, rest) = packet.split_at(packet.len().min(1));
        match kind {
            "0" => sink.send(Message::text(format!("40{}", self.auth))).await.is_ok(),
            "2" => sink.send(Message::text("3")).await.is_ok(),
            "4" => self.take_message(rest),
            "1" => false,
            _ => true,
        }
    }

    fn take_message(&mut self, message: &str) -> bool {
        let (kind, rest) = message.split_at(message.len().min(1));
        let body = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let json: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match kind {
            "0" => seen.let_in = Some(Ok(())),
            "4" => {
                let why = json["message"].as_str().unwrap_or_default();
                seen.let_in = Some(Err(why.to_owned()));
            }
            "2" => seen.events.push(Event {
                name: json[0].as_str().unwrap_or_default().to_owned(),
                payload: json[1].clone(),
            }),
            "3" => {
                let id: Option<u64> = rest[..rest.len() - body.len()].parse().ok();
                if let Some(answer) = id.and_then(|id| self.waiting.remove(&id)) {
                    let _ = answer.send(json[0].clone());
                }
            }
            _ => {}
        }
        kind != "1"
    }
}
