//! `POST /{version}/{phone_number_id}/messages`: a message, or a read receipt.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{GraphError, authorise, no_such_object, validate};
use crate::{
    chat::{Entry, EntryState},
    cut::Connection,
    ids,
    record::{Kind, Recorded},
    script::Scripted,
    state::{Accepted, Graph},
    statuses,
};

/// How long an answer that never comes is held back at most.
const SILENCE: Duration = Duration::from_mins(10);
/// How long "typing…" is shown; a message ends it earlier.
const TYPING: Duration = Duration::from_secs(25);
/// The real one's usage header, with a quota hardly used.
const USAGE: &str = r#"{"call_count":1,"total_cputime":1,"total_time":1}"#;

pub(super) async fn send(
    State(graph): State<Arc<Graph>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    Path((_version, phone_number_id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    raw: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&raw).unwrap_or_default();
    let is_receipt = body["status"].is_string();
    let mut call = Recorded {
        at: graph.now(),
        kind: if is_receipt {
            Kind::ReadReceipt
        } else {
            Kind::Message
        },
        path: uri.path().to_owned(),
        authorization: headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        body: body.clone(),
        raw,
        http: Some(200),
        error_code: None,
        wamid: None,
    };
    let admitted = authorise(&graph, &headers).and_then(|()| {
        (phone_number_id == graph.options.phone_number_id)
            .then_some(())
            .ok_or_else(|| no_such_object(&phone_number_id))
    });
    let usage = [(HeaderName::from_static("x-app-usage"), USAGE)];
    let response = match admitted {
        Err(error) => refuse(&graph, call, error),
        Ok(()) if is_receipt => match read_receipt(&graph, &body) {
            Ok(()) => {
                graph.memory().record(call);
                graph.show();
                Json(json!({"success": true})).into_response()
            }
            Err(error) => refuse(&graph, call, error),
        },
        Ok(()) => {
            let script = graph.memory().script.pop_front().unwrap_or(Scripted::Accept);
            if script.is_no_answer() {
                call.http = None;
            }
            message(&graph, &connection, script, call).await
        }
    };
    (usage, response).into_response()
}

impl Scripted {
    fn is_no_answer(&self) -> bool {
        matches!(
            self,
            Self::Timeout | Self::CutConnection | Self::AcceptButCut | Self::AcceptButTimeout
        )
    }
}

fn refuse(graph: &Graph, mut call: Recorded, error: GraphError) -> Response {
    call.http = Some(error.http);
    call.error_code = Some(error.code);
    graph.memory().record(call);
    error.into_response()
}

fn read_receipt(graph: &Graph, body: &Value) -> Result<(), GraphError> {
    validate::check_product(body)?;
    if body["status"] != "read" {
        return Err(validate::invalid("Param status must be one of {READ}".to_owned()));
    }
    let id = validate::text_at(body, "message_id").ok_or_else(|| validate::required("message_id"))?;
    let typing_until = body["typing_indicator"]
        .is_object()
        .then(|| graph.now().plus(TYPING));
    let mut memory = graph.memory();
    let chat = memory
        .chats
        .values_mut()
        .find_map(|chat| chat.mark_read_up_to(id).then_some(chat));
    if let Some(chat) = chat {
        chat.typing_until = typing_until;
    }
    Ok(())
}

async fn message(
    graph: &Arc<Graph>,
    connection: &Connection,
    script: Scripted,
    mut call: Recorded,
) -> Response {
    match script {
        Scripted::Error { code, http } => {
            return refuse(
                graph,
                call,
                GraphError::of(code).http(http).details("Asked for by the test."),
            );
        }
        Scripted::RateLimited => {
            let error = GraphError::of(130_429).details("Cloud API message throughput has been reached.");
            return refuse(graph, call, error);
        }
        Scripted::NonJson { http } => {
            let status = http
                .and_then(|http| StatusCode::from_u16(http).ok())
                .unwrap_or(StatusCode::BAD_GATEWAY);
            call.http = Some(status.as_u16());
            graph.memory().record(call);
            return (status, Html("<html><body><h1>502 Bad Gateway</h1></body></html>")).into_response();
        }
        Scripted::Timeout => {
            graph.memory().record(call);
            return silence(connection).await;
        }
        Scripted::CutConnection => {
            graph.memory().record(call);
            return cut(connection);
        }
        _ => {}
    }
    let to = match check(graph, &call.body) {
        Ok(to) => to,
        Err(error) => return refuse(graph, call, error),
    };
    let wamid = ids::wamid(&to, false);
    call.wamid = Some(wamid.clone());
    let body = call.body.clone();
    accept(graph, call, &to, &wamid, &script).await;
    match script {
        Scripted::AcceptButCut => cut(connection),
        Scripted::AcceptButTimeout => silence(connection).await,
        _ => Json(accepted_answer(&body, &to, &wamid)).into_response(),
    }
}

fn check(graph: &Graph, body: &Value) -> Result<String, GraphError> {
    let mut memory = graph.memory();
    let to = {
        let known = validate::Known {
            our_number: &graph.options.display_phone_number,
            has_media: &|id| memory.media.get(id).is_some(),
            has_template: &|name| {
                let templates = graph.options.templates.as_ref();
                templates.is_none_or(|names| names.iter().any(|known| known == name))
            },
        };
        validate::check_message(body, &known)?
    };
    memory.limits.take(&graph.options, &to, graph.now())?;
    Ok(to)
}

/// Records the message, puts it on the customer's phone, and starts its statuses.
async fn accept(graph: &Arc<Graph>, call: Recorded, to: &str, wamid: &str, script: &Scripted) {
    let is_template = call.body["type"] == "template";
    let failure = match script {
        Scripted::AcceptThenFail { code } => Some(*code),
        _ if !is_template && !graph.window_is_open(to) => Some(131_047),
        _ => None,
    };
    {
        let mut memory = graph.memory();
        let opaque = call.body["biz_opaque_callback_data"].as_str().map(str::to_owned);
        memory.remember_accepted(
            wamid,
            Accepted {
                to: to.to_owned(),
                opaque,
            },
        );
        // What fails never reaches the customer.
        if failure.is_none() {
            let entry = Entry {
                id: wamid.to_owned(),
                from_customer: false,
                at: call.at,
                name: String::new(),
                message: call.body.clone(),
                state: EntryState::Delivered,
                hub_status: None,
                hub_answer: None,
                attempts: 0,
            };
            let chat = memory.chat(to);
            chat.typing_until = None;
            chat.push(entry);
        }
        memory.record(call);
    }
    graph.show();
    match failure {
        Some(code) => statuses::fail_later(graph, wamid, code),
        None if *script == Scripted::StatusFirst => {
            statuses::post(graph, wamid, "sent", None).await;
            statuses::follow(graph, wamid);
        }
        None => statuses::follow(graph, wamid),
    }
}

fn accepted_answer(body: &Value, to: &str, wamid: &str) -> Value {
    let contact = match body["to"].as_str().filter(|to| !to.is_empty()) {
        Some(input) => json!({"input": input, "wa_id": to}),
        None => json!({"input": to, "user_id": to}),
    };
    let mut message = json!({"id": wamid});
    if body["type"] == "template" {
        message["message_status"] = "accepted".into();
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})
}

fn cut(connection: &Connection) -> Response {
    connection.cut();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

async fn silence(connection: &Connection) -> Response {
    tokio::time::sleep(SILENCE).await;
    cut(connection)
}
