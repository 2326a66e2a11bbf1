//! Webhooks to the hub: signed, posted, and posted again until they are answered 200.

mod encode;
mod payload;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::Timestamp;

pub(crate) use encode::sha256_base64;
pub use payload::CustomerMessage;
pub(crate) use payload::status as status_payload;

use crate::{
    chat::{Entry, EntryState},
    ids,
    state::Graph,
};

/// Characters kept of the hub's answer.
const ANSWER: usize = 300;

/// Which signature a webhook carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    #[default]
    Valid,
    /// No signature header at all.
    Missing,
    /// The right form, made with another secret.
    WrongSecret,
    /// Made of the same JSON written differently, as by a proxy that parses and re-emits it.
    Reserialised,
}

/// A webhook, and what the hub said to the latest attempt.
#[derive(Clone, Debug, Serialize)]
pub struct Posted {
    pub at: Timestamp,
    /// The message it is about; `None` for a body made by a test.
    pub wamid: Option<String>,
    /// `message`, a status's name, or `raw`.
    pub what: String,
    pub attempts: u32,
    /// `None` if there was no answer: nobody there, or too slow.
    pub http: Option<u16>,
    /// The answer's first characters, or why there was none.
    pub answer: String,
}

impl Posted {
    /// Whether the hub took it.
    pub fn accepted(&self) -> bool {
        self.http == Some(200)
    }
}

/// Whether a webhook waits for the customer's earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    InOrder,
    /// For copies of one webhook that shall race.
    AtOnce,
}

/// Lets one customer's webhooks leave one after the other (the first attempt; repeats come when they come).
pub(crate) struct Gates([tokio::sync::Mutex<()>; 64]);

impl Default for Gates {
    fn default() -> Self {
        Self(std::array::from_fn(|_| tokio::sync::Mutex::default()))
    }
}

impl Gates {
    fn of(&self, wa_id: &str) -> &tokio::sync::Mutex<()> {
        let mut hasher = DefaultHasher::new();
        wa_id.hash(&mut hasher);
        &self.0[hasher.finish() as usize % self.0.len()]
    }
}

/// Puts the message on the customer's phone; the id it has from now on.
pub(crate) fn write_down(graph: &Graph, message: &CustomerMessage) -> (String, Timestamp) {
    let at = message.at.unwrap_or_else(|| graph.now());
    let id = message
        .id
        .clone()
        .unwrap_or_else(|| ids::wamid(&message.from, true));
    let mut memory = graph.memory();
    let chat = memory.chat(&message.from);
    chat.wrote_at = Some(at);
    chat.window_closed = false;
    if !message.name.is_empty() {
        chat.name.clone_from(&message.name);
    }
    if chat.entry_mut(&id).is_none() {
        chat.push(Entry {
            id: id.clone(),
            from_customer: true,
            at,
            name: message.name.clone(),
            message: message.message.clone(),
            state: EntryState::Posting,
            hub_status: None,
            hub_answer: None,
            attempts: 0,
        });
    }
    drop(memory);
    graph.show();
    (id, at)
}

/// Posts a message that was written down, until the hub takes it or the schedule ends.
/// A webhook that shouldn't be accepted (badly signed) is posted once.
pub(crate) async fn post_message(
    graph: &Arc<Graph>,
    message: &CustomerMessage,
    (id, at): (String, Timestamp),
    signing: Signing,
    turn: Turn,
) -> Posted {
    let payload = message.payload(&id, at, &graph.options);
    let mut posted = Posted {
        at: graph.now(),
        wamid: Some(id),
        what: "message".to_owned(),
        attempts: 0,
        http: None,
        answer: String::new(),
    };
    let (body, header) = signed(graph, &payload, signing);
    {
        let _turn = match turn {
            Turn::InOrder => Some(graph.gates.of(&message.from).lock().await),
            Turn::AtOnce => None,
        };
        attempt(graph, &mut posted, &body, header.as_deref()).await;
    }
    note(graph, &message.from, &posted, false);
    if signing == Signing::Valid {
        for wait in &graph.options.retries {
            if posted.accepted() {
                break;
            }
            tokio::time::sleep(*wait).await;
            attempt(graph, &mut posted, &body, header.as_deref()).await;
            note(graph, &message.from, &posted, false);
        }
    }
    note(graph, &message.from, &posted, true);
    graph.memory().record_post(posted.clone());
    posted
}

/// Posts any body; with a valid signature it is repeated as the real provider would.
pub(crate) async fn post_raw(
    graph: &Arc<Graph>,
    payload: &Value,
    (wamid, what): (Option<&str>, &str),
    signing: Signing,
) -> Posted {
    let (body, header) = signed(graph, payload, signing);
    let mut posted = Posted {
        at: graph.now(),
        wamid: wamid.map(str::to_owned),
        what: what.to_owned(),
        attempts: 0,
        http: None,
        answer: String::new(),
    };
    attempt(graph, &mut posted, &body, header.as_deref()).await;
    if signing == Signing::Valid {
        for wait in &graph.options.retries {
            if posted.accepted() {
                break;
            }
            tokio::time::sleep(*wait).await;
            attempt(graph, &mut posted, &body, header.as_deref()).await;
        }
    }
    if signing == Signing::Valid && !posted.accepted() {
        tracing::warn!(what, http = ?posted.http, attempts = posted.attempts, "the hub didn't take a webhook");
    }
    graph.memory().record_post(posted.clone());
    posted
}

/// Shows the hub's latest answer on the phone. Once the message is delivered, no later copy changes that.
fn note(graph: &Graph, wa_id: &str, posted: &Posted, last: bool) {
    {
        let mut memory = graph.memory();
        let Some(entry) = posted
            .wamid
            .as_deref()
            .and_then(|id| memory.chat(wa_id).entry_mut(id))
        else {
            return;
        };
        entry.attempts = entry.attempts.max(posted.attempts);
        entry.hub_status = posted.http;
        entry.hub_answer = (!posted.accepted()).then(|| posted.answer.clone());
        if posted.accepted() {
            entry.state = entry.state.max(EntryState::Delivered);
        } else if last && entry.state == EntryState::Posting {
            entry.state = EntryState::Refused;
        }
    }
    graph.show();
}

fn signed(graph: &Graph, payload: &Value, signing: Signing) -> (Bytes, Option<String>) {
    let body = encode::meta_json(payload);
    let secret = graph.options.app_secret.as_str();
    let header = match signing {
        Signing::Valid => Some(encode::signature(secret, body.as_bytes())),
        Signing::Missing => None,
        Signing::WrongSecret => Some(encode::signature("not the app secret", body.as_bytes())),
        Signing::Reserialised => Some(encode::signature(secret, format!("{payload:#}").as_bytes())),
    };
    (body.into(), header)
}

async fn attempt(graph: &Graph, posted: &mut Posted, body: &Bytes, signature: Option<&str>) {
    posted.attempts += 1;
    let url = format!("{}{}", graph.options.hub_base_url, graph.options.webhook_path);
    let mut request = graph
        .http
        .post(url)
        .timeout(graph.options.webhook_timeout)
        .header("content-type", "application/json")
        .body(body.clone());
    if let Some(signature) = signature {
        request = request.header("x-hub-signature-256", signature);
    }
    let answer = match request.send().await {
        Ok(response) => {
            posted.http = Some(response.status().as_u16());
            response.text().await
        }
        Err(error) => {
            posted.http = None;
            Err(error)
        }
    };
    posted.answer = match answer {
        Ok(text) => text.chars().take(ANSWER).collect(),
        Err(error) if error.is_timeout() => "no answer in time".to_owned(),
        Err(error) if error.is_connect() => "the hub isn't reachable".to_owned(),
        Err(error) => error.to_string(),
    };
}
