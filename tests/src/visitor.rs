//! A visitor of a web chat: the frames of src/chat/README.md over one WebSocket, each to be looked at.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinHandle};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};
use uuid::Uuid;

use crate::poll::eventually_some;

const SOON: Duration = Duration::from_secs(20);

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A connected visitor. Dropping it breaks the connection.
#[derive(Debug)]
pub struct Visitor {
    sink: SplitSink<Stream, Message>,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Heard {
    frames: Vec<Value>,
    /// The close code; 0 if the connection just broke.
    ended: Option<u16>,
}

impl Visitor {
    /// Connects and says hello, and waits until everything missed has come.
    pub async fn enter(url: &str, account: &str, hello: Value) -> Self {
        let visitor = Self::knock(url, account, hello).await;
        visitor.frame("synced", |frame| frame["type"] == "synced").await;
        visitor
    }

    /// Connects and says hello.
    pub async fn knock(url: &str, account: &str, mut hello: Value) -> Self {
        let mut visitor = Self::connect(url, account, None).await.expect("a connection");
        hello["type"] = json!("hello");
        visitor.say(&hello).await;
        visitor
    }

    /// Connects and says nothing. `origin`: that of the page it does it from.
    pub async fn connect(url: &str, account: &str, origin: Option<&str>) -> Result<Self, tungstenite::Error> {
        let address = format!("{}/chat/{account}", url.replacen("http", "ws", 1));
        let mut request = address.into_client_request()?;
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = connect_async(request).await?;
        let (sink, mut stream) = socket.split();
        let heard = Arc::<Mutex<Heard>>::default();
        let told = heard.clone();
        let task = tokio::spawn(async move {
            let ended = loop {
                match stream.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let frame = serde_json::from_str(&text).expect("a frame of JSON");
                        lock(&told).frames.push(frame);
                    }
                    Some(Ok(Message::Close(frame))) => break frame.map_or(0, |frame| frame.code.into()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break 0,
                }
            };
            lock(&told).ended = Some(ended);
        });
        Ok(Self { sink, heard, task })
    }

    pub async fn say(&mut self, frame: &Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    /// Anything, also what is no frame of the protocol. That the connection has ended shows in [`Visitor::ended`].
    pub async fn send(&mut self, message: Message) {
        let _ = self.sink.send(message).await;
    }

    /// Writes under an id of its own; the id, once the hub has acknowledged it.
    pub async fn write(&mut self, text: &str) -> String {
        let id = Uuid::new_v4().to_string();
        self.say(&message(&id, text)).await;
        self.acked(&id).await;
        id
    }

    pub async fn acked(&self, id: &str) {
        self.frame("the acknowledgement", |frame| {
            frame["type"] == "ack" && frame["id"] == id
        })
        .await;
    }

    /// The first frame that fits, waiting for it.
    pub async fn frame(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let waited = format!("{what} for the visitor");
        let found = eventually_some(&waited, SOON, async || {
            let heard = lock(&self.heard);
            let found = heard.frames.iter().find(|frame| fits(frame)).cloned();
            found
                .map(Ok)
                .or_else(|| heard.ended.map(|code| Err((code, heard.frames.clone()))))
        });
        found
            .await
            .unwrap_or_else(|(code, frames)| panic!("ended ({code}) before {what}: {frames:?}"))
    }

    /// The code of the error that comes first.
    pub async fn error(&self) -> Value {
        self.frame("an error", |frame| frame["type"] == "error").await
    }

    /// The close code, waiting for the end.
    pub async fn ended(&self) -> u16 {
        eventually_some("the end of the chat", SOON, async || lock(&self.heard).ended).await
    }

    pub fn is_open(&self) -> bool {
        lock(&self.heard).ended.is_none()
    }

    pub fn frames(&self) -> Vec<Value> {
        lock(&self.heard).frames.clone()
    }

    /// Every message it was told of, in the order of the telling: from the mailbox and live.
    pub fn messages(&self) -> Vec<Value> {
        let frames = self.frames();
        let told = frames.iter().flat_map(|frame| match frame["type"].as_str() {
            Some("messages") => frame["items"].as_array().cloned().unwrap_or_default(),
            Some("message") => vec![frame["message"].clone()],
            _ => Vec::new(),
        });
        told.collect()
    }

    pub fn texts(&self) -> Vec<String> {
        let messages = self.messages();
        let texts = messages.iter().map(|message| message["content"]["text"].as_str());
        texts.map(|text| text.unwrap_or_default().to_owned()).collect()
    }

    /// What its next hello brings back.
    pub fn returning(&self) -> Value {
        let frames = self.frames();
        let since = frames.iter().rev().find_map(|frame| frame["since"].as_str());
        let token = frames.iter().find_map(|frame| frame["token"].as_str());
        let have: Vec<Value> = self
            .messages()
            .iter()
            .map(|message| message["id"].clone())
            .collect();
        json!({ "token": token, "since": since, "have": have })
    }

    /// Its id, once it was let in.
    pub fn id(&self) -> String {
        let frames = self.frames();
        let id = frames.iter().find_map(|frame| frame["visitor"].as_str());
        id.expect("a welcome").to_owned()
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A frame with which a visitor writes.
pub fn message(id: &str, text: &str) -> Value {
    json!({ "type": "message", "id": id, "text": text })
}

fn lock(heard: &Mutex<Heard>) -> std::sync::MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}
