//! `/_control`: what [`crate::FakeGraph`] offers, for tests in other languages. JSON in and out.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    chat::Entry,
    record::Recorded,
    script::Scripted,
    state::Graph,
    statuses,
    webhook::{self, CustomerMessage, Posted, Signing, Turn},
};

pub(crate) fn routes() -> Router<Arc<Graph>> {
    Router::new()
        .route("/sent", get(sent))
        .route("/posted", get(posted))
        .route("/chat/{wa_id}", get(chat))
        .route("/script", post(script))
        .route("/status", post(post_status))
        .route("/message", post(post_message))
        .route("/webhook", post(post_webhook))
        .route("/close-window/{wa_id}", post(close_window))
        .route("/clear", post(forget))
}

async fn sent(State(graph): State<Arc<Graph>>) -> Json<Vec<Recorded>> {
    Json(graph.memory().sent.iter().cloned().collect())
}

async fn posted(State(graph): State<Arc<Graph>>) -> Json<Vec<Posted>> {
    Json(graph.memory().posted.iter().cloned().collect())
}

async fn chat(State(graph): State<Arc<Graph>>, Path(wa_id): Path<String>) -> Json<Vec<Entry>> {
    let memory = graph.memory();
    let chat = memory.chats.get(&wa_id);
    Json(
        chat.map(|chat| chat.entries.iter().cloned().collect())
            .unwrap_or_default(),
    )
}

#[derive(Deserialize)]
struct Script {
    answers: Vec<Scripted>,
}

async fn script(State(graph): State<Arc<Graph>>, Json(script): Json<Script>) -> Json<Value> {
    let mut memory = graph.memory();
    memory.script.extend(script.answers);
    Json(json!({"pending": memory.script.len()}))
}

#[derive(Deserialize)]
struct StatusOf {
    wamid: String,
    status: String,
    #[serde(default)]
    error_code: Option<u32>,
}

async fn post_status(
    State(graph): State<Arc<Graph>>,
    Json(of): Json<StatusOf>,
) -> Result<Json<Posted>, (StatusCode, &'static str)> {
    statuses::post(&graph, &of.wamid, &of.status, of.error_code)
        .await
        .map(Json)
        .ok_or((StatusCode::NOT_FOUND, "no message with this id was accepted"))
}

#[derive(Deserialize)]
struct Post {
    #[serde(flatten)]
    message: CustomerMessage,
    #[serde(default)]
    signing: Signing,
}

async fn post_message(State(graph): State<Arc<Graph>>, Json(post): Json<Post>) -> Json<Posted> {
    let written = webhook::write_down(&graph, &post.message);
    Json(webhook::post_message(&graph, &post.message, written, post.signing, Turn::InOrder).await)
}

#[derive(Deserialize)]
struct Raw {
    payload: Value,
    #[serde(default)]
    signing: Signing,
}

async fn post_webhook(State(graph): State<Arc<Graph>>, Json(raw): Json<Raw>) -> Json<Posted> {
    Json(webhook::post_raw(&graph, &raw.payload, (None, "raw"), raw.signing).await)
}

async fn close_window(State(graph): State<Arc<Graph>>, Path(wa_id): Path<String>) -> StatusCode {
    graph.memory().chat(&wa_id).window_closed = true;
    StatusCode::NO_CONTENT
}

async fn forget(State(graph): State<Arc<Graph>>) -> StatusCode {
    clear(&graph);
    StatusCode::NO_CONTENT
}

pub(crate) fn clear(graph: &Graph) {
    {
        let mut memory = graph.memory();
        memory.sent.clear();
        memory.script.clear();
        memory.posted.clear();
        memory.chats.clear();
    }
    graph.show();
}
