//! The customer's phone: a page that plays the customer, and the few calls it needs.

use std::{convert::Infallible, iter, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{
        Html, IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::{
    future::join_all,
    stream::{self, Stream},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    state::Graph,
    statuses,
    webhook::{self, CustomerMessage, Signing, Turn},
};

/// Nothing inline, nothing from elsewhere; pictures may come from wherever the hub's links point.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PICTURE: &[u8] = include_bytes!("phone/parcel.png");
/// Most messages of one press on "at once".
const BURST: usize = 50;

pub(crate) fn routes() -> Router<Arc<Graph>> {
    let script = || async { asset("text/javascript", include_str!("phone/phone.js")) };
    let view = || async { asset("text/javascript", include_str!("phone/view.js")) };
    let style = || async { asset("text/css", include_str!("phone/phone.css")) };
    Router::new()
        .route("/", get(page))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/phone.js", get(script))
        .route("/view.js", get(view))
        .route("/phone.css", get(style))
        .route("/_phone/events", get(events))
        .route("/_phone/send", post(send))
        .route("/_phone/picture", post(picture))
        .route("/_phone/media/{id}", get(media))
        .route("/_phone/{wa_id}", get(chat))
        .route("/_phone/{wa_id}/seen", post(seen))
}

async fn page() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, Html(include_str!("phone/index.html")))
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")],
        text,
    )
}

/// Tells the page to look again, now and after every change.
async fn events(State(graph): State<Arc<Graph>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut revisions = graph.revision.subscribe();
    revisions.mark_changed();
    let changes = stream::unfold(revisions, |mut revisions| async move {
        revisions.changed().await.ok()?;
        let revision = *revisions.borrow_and_update();
        Some((Ok(Event::default().data(revision.to_string())), revisions))
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}

async fn chat(State(graph): State<Arc<Graph>>, Path(wa_id): Path<String>) -> Json<Value> {
    let now = graph.now();
    let memory = graph.memory();
    let chat = memory.chats.get(&wa_id).cloned().unwrap_or_default();
    Json(json!({
        "name": chat.name,
        "typing": chat.typing_until.is_some_and(|until| until > now),
        "entries": chat.entries,
        "our_number": graph.options.display_phone_number,
        "hub": graph.options.hub_base_url,
    }))
}

#[derive(Deserialize)]
struct Send {
    #[serde(flatten)]
    message: CustomerMessage,
    #[serde(default)]
    signing: Signing,
    /// How often the same webhook is posted, at the same time.
    #[serde(default = "one")]
    copies: usize,
    /// How many texts are sent at once, numbered.
    #[serde(default = "one")]
    burst: usize,
}

fn one() -> usize {
    1
}

/// Takes what the customer typed; what the hub says to it appears in the chat.
async fn send(State(graph): State<Arc<Graph>>, Json(send): Json<Send>) -> (StatusCode, Json<Value>) {
    let is_number = (7..=15).contains(&send.message.from.len())
        && send.message.from.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        let answer = json!({"error": "The number must be 7 to 15 digits, with the country code."});
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(answer));
    }
    let burst = send.burst.clamp(1, BURST);
    let copies = send.copies.clamp(1, BURST);
    let turn = if copies > 1 { Turn::AtOnce } else { Turn::InOrder };
    let mut written = Vec::new();
    let mut posts = Vec::new();
    for nth in 1..=burst {
        let mut message = send.message.clone();
        if burst > 1 {
            let text = message.message["text"]["body"].as_str().unwrap_or_default();
            message.message["text"]["body"] = format!("{text} ({nth} of {burst})").into();
        }
        let place = webhook::write_down(&graph, &message);
        written.push(place.0.clone());
        posts.extend(iter::repeat_n((message, place), copies));
    }
    // One task starts them all, so that they ask for their turn in the order they were typed.
    tokio::spawn(async move {
        let posts = posts.iter().map(|(message, place)| {
            webhook::post_message(&graph, message, place.clone(), send.signing, turn)
        });
        join_all(posts).await;
    });
    (StatusCode::ACCEPTED, Json(json!({"ids": written})))
}

/// Makes a picture to send; the page refers to it by its id.
async fn picture(State(graph): State<Arc<Graph>>) -> Json<Value> {
    let id = graph.memory().media.put("image/png", Bytes::from_static(PICTURE));
    Json(json!({"id": id, "mime_type": "image/png", "sha256": webhook::sha256_base64(PICTURE)}))
}

/// A file for the page itself, which has no token.
async fn media(State(graph): State<Arc<Graph>>, Path(id): Path<String>) -> impl IntoResponse {
    let media = graph.memory().media.get(&id).cloned();
    let media = media.ok_or(StatusCode::NOT_FOUND)?;
    let headers = [
        (header::CONTENT_TYPE, media.mime_type),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
    ];
    Ok::<_, StatusCode>((headers, media.bytes))
}

async fn seen(State(graph): State<Arc<Graph>>, Path(wa_id): Path<String>) -> StatusCode {
    statuses::read_all(&graph, &wa_id);
    StatusCode::NO_CONTENT
}
