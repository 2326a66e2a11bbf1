//! A hub that records what it gets and answers what it's told, and a client for the fake's send side.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use switchboard_demo::{FakeGraph, FakeGraphOptions};

pub struct Webhook {
    pub body: Value,
    pub raw: Bytes,
    pub signature: Option<String>,
}

#[derive(Default)]
pub struct Seen {
    webhooks: Mutex<Vec<Arc<Webhook>>>,
    answers: Mutex<VecDeque<u16>>,
}

pub struct World {
    pub fake: FakeGraph,
    pub hub: Arc<Seen>,
    pub client: reqwest::Client,
}

pub const CUSTOMER: &str = "16505551234";

pub fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// A fake and a recording hub; `change` sets what the test is about.
pub async fn world(change: impl FnOnce(&mut FakeGraphOptions)) -> World {
    let hub = Arc::new(Seen::default());
    let listener = tokio::net::TcpListener::bind(loopback()).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/webhooks/whatsapp/wa-demo", post(take))
        .with_state(Arc::clone(&hub));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut options = FakeGraphOptions::quiet(base);
    options.retries = vec![Duration::from_millis(10), Duration::from_millis(20)];
    change(&mut options);
    let fake = FakeGraph::start(loopback(), options).await.unwrap();
    World {
        fake,
        hub,
        client: reqwest::Client::new(),
    }
}

async fn take(State(seen): State<Arc<Seen>>, headers: HeaderMap, raw: Bytes) -> StatusCode {
    let signature = headers
        .get("x-hub-signature-256")
        .map(|value| value.to_str().unwrap().to_owned());
    let body = serde_json::from_slice(&raw).unwrap();
    seen.webhooks
        .lock()
        .unwrap()
        .push(Arc::new(Webhook { body, raw, signature }));
    let answer = seen.answers.lock().unwrap().pop_front().unwrap_or(200);
    StatusCode::from_u16(answer).unwrap()
}

impl Seen {
    pub fn webhooks(&self) -> Vec<Arc<Webhook>> {
        self.webhooks.lock().unwrap().clone()
    }

    pub fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// (wamid, status, error code) of every status that came.
    pub fn statuses(&self) -> Vec<(String, String, Option<u64>)> {
        let webhooks = self.webhooks();
        let values = webhooks
            .iter()
            .map(|webhook| &webhook.body["entry"][0]["changes"][0]["value"]["statuses"]);
        let statuses = values.filter_map(Value::as_array).flatten();
        statuses
            .map(|status| {
                let text = |field: &str| status[field].as_str().unwrap().to_owned();
                (text("id"), text("status"), status["errors"][0]["code"].as_u64())
            })
            .collect()
    }
}

impl Webhook {
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(&self.raw);
        let wanted = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        self.signature.as_deref() == Some(wanted.as_str())
    }

    pub fn message(&self) -> &Value {
        &self.body["entry"][0]["changes"][0]["value"]["messages"][0]
    }
}

impl World {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.fake.url())
    }

    pub fn messages_url(&self) -> String {
        self.url("/v23.0/106540352242922/messages")
    }

    pub async fn send(&self, body: &Value) -> reqwest::Result<(u16, Value)> {
        let response = self
            .client
            .post(self.messages_url())
            .bearer_auth("demo-whatsapp-token")
            .json(body)
            .send()
            .await?;
        let status = response.status().as_u16();
        Ok((status, response.json().await.unwrap_or_default()))
    }

    pub async fn send_text(&self, text: &str) -> (u16, Value) {
        self.send(&text_to(CUSTOMER, text)).await.unwrap()
    }
}

pub fn text_to(to: &str, text: &str) -> Value {
    serde_json::json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}})
}

/// Polls until `condition` gives something; fails the test after ten seconds.
pub async fn eventually<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
