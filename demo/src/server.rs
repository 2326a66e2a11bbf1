//! Starting and steering a fake.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{Router, routing::get};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    chat::Entry,
    control,
    cut::{Connection, CuttableListener},
    graph,
    options::FakeGraphOptions,
    phone, providers,
    record::{Kind, Recorded},
    script::Scripted,
    shop,
    state::Graph,
    statuses,
    webhook::{self, CustomerMessage, Posted, Signing, Turn},
};

/// A running fake. Dropping it stops it: no more connections, open ones end with their request.
pub struct FakeGraph {
    graph: Arc<Graph>,
    stop: watch::Sender<bool>,
}

impl FakeGraph {
    /// Listens on `address`, which must be a loopback one; port 0 takes a free port.
    ///
    /// # Errors
    /// The address isn't loopback or can't be bound, or no HTTP client can be made.
    pub async fn start(address: SocketAddr, options: FakeGraphOptions) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            return Err(io::Error::other("the fake Graph API listens on loopback only"));
        }
        // Whoever comes first decides; the client needs one even for plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent("facebookexternalua")
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let listener = TcpListener::bind(address).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let graph = Graph::new(options, origin, http);
        let router = Router::new()
            .merge(phone::routes())
            .route("/shop", get(shop::page))
            .nest("/_control", control::routes())
            .nest("/providers", providers::routes())
            .merge(graph::routes())
            .with_state(Arc::clone(&graph))
            .into_make_service_with_connect_info::<Connection>();
        let (stop, mut stopped) = watch::channel(false);
        tokio::spawn(async move {
            let shutdown = async move {
                // An error is a dropped sender: also the end.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            let server = axum::serve(CuttableListener(listener), router).with_graceful_shutdown(shutdown);
            if let Err(error) = server.await {
                tracing::error!(%error, "the fake Graph API stopped");
            }
        });
        Ok(Self { graph, stop })
    }

    /// The origin: the hub's `api_base_url`, and the phone's page.
    pub fn url(&self) -> &str {
        &self.graph.origin
    }

    /// Every call to `messages` since the start or the last [`clear`](Self::clear), also refused ones.
    pub fn sent(&self) -> Vec<Recorded> {
        self.graph.memory().sent.iter().cloned().collect()
    }

    /// The accepted messages.
    pub fn messages(&self) -> Vec<Recorded> {
        let of_kind = |call: &Recorded| call.kind == Kind::Message && call.accepted();
        let mut calls = self.sent();
        calls.retain(of_kind);
        calls
    }

    /// What happens to the next messages the hub sends, in this order; then all is as usual again.
    pub fn script(&self, answers: impl IntoIterator<Item = Scripted>) {
        self.graph.memory().script.extend(answers);
    }

    /// Posts a status of an accepted message and waits until the hub took it or the schedule ended; `error_code` for
    /// `failed`. `None` if no such message was accepted.
    pub async fn post_status(&self, wamid: &str, status: &str, error_code: Option<u32>) -> Option<Posted> {
        statuses::post(&self.graph, wamid, status, error_code).await
    }

    /// The customer writes; returns when the hub took it or the schedule ended.
    pub async fn post_message(&self, message: &CustomerMessage) -> Posted {
        self.post_message_signed(message, Signing::Valid).await
    }

    /// The same with a signature of your choice; a bad one isn't repeated.
    pub async fn post_message_signed(&self, message: &CustomerMessage, signing: Signing) -> Posted {
        let written = webhook::write_down(&self.graph, message);
        webhook::post_message(&self.graph, message, written, signing, Turn::InOrder).await
    }

    /// Any webhook body.
    pub async fn post_webhook(&self, payload: &Value, signing: Signing) -> Posted {
        webhook::post_raw(&self.graph, payload, (None, "raw"), signing).await
    }

    /// The webhooks posted so far that came to an end.
    pub fn posted(&self) -> Vec<Posted> {
        self.graph.memory().posted.iter().cloned().collect()
    }

    /// What the customer's phone shows.
    pub fn chat(&self, wa_id: &str) -> Vec<Entry> {
        let memory = self.graph.memory();
        let chat = memory.chats.get(wa_id);
        chat.map(|chat| chat.entries.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Puts a file at the provider, as if a customer had sent it; its media id.
    pub fn put_media(&self, mime_type: &str, bytes: impl Into<bytes::Bytes>) -> String {
        self.graph.memory().media.put(mime_type, bytes.into())
    }

    /// A file the provider has: its type and its bytes.
    pub fn media(&self, id: &str) -> Option<(String, bytes::Bytes)> {
        let memory = self.graph.memory();
        let media = memory.media.get(id)?;
        Some((media.mime_type.clone(), media.bytes.clone()))
    }

    /// How often a file was downloaded.
    pub fn downloads(&self, id: &str) -> usize {
        let memory = self.graph.memory();
        memory.media.downloads.iter().filter(|one| *one == id).count()
    }

    /// Ends the 24 hours in which the customer may be written to; the next message from them opens it again.
    pub fn close_window(&self, wa_id: &str) {
        self.graph.memory().chat(wa_id).window_closed = true;
    }

    /// Forgets calls, webhooks, chats and scripted answers.
    pub fn clear(&self) {
        control::clear(&self.graph);
    }
}

impl Drop for FakeGraph {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
