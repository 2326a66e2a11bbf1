//! The other providers, as far as the demo needs them: each takes every message in its own words.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::Value;
use switchboard_connectors as connectors;
use switchboard_domain::Channel;

use crate::state::Graph;

/// What providers call the id of a message they took.
const MESSAGE_IDS: [&str; 9] = [
    "message_id",
    "messageId",
    "MessageID",
    "message_uuid",
    "message_token",
    "dm_event_id",
    "sid",
    "ts",
    "id",
];

/// Told apart by these, since a provider never gives an id twice.
static TAKEN: AtomicU64 = AtomicU64::new(0);

pub(crate) fn routes() -> Router<Arc<Graph>> {
    Router::new()
        .route("/{channel}", any(take))
        .route("/{channel}/{*path}", any(take))
}

async fn take(Path(path): Path<Vec<(String, String)>>) -> Response {
    let channel = path.first().and_then(|(_, name)| name.parse::<Channel>().ok());
    let Some(channel) = channel else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (status, body) = connectors::find(channel).counterpart().accepts();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let Ok(mut answer) = serde_json::from_str::<Value>(body) else {
        return status.into_response();
    };
    let number = TAKEN.fetch_add(1, Ordering::Relaxed);
    renumber(&mut answer, number);
    (status, [(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

/// Gives the message another id of the same look: its last digits change. What stands beside it in an object of its own
/// (a sender, a chat) keeps its id.
fn renumber(answer: &mut Value, number: u64) {
    match answer {
        Value::Array(items) => items.iter_mut().for_each(|item| renumber(item, number)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if MESSAGE_IDS.contains(&name.as_str()) {
                    *value = numbered(value, number);
                } else if matches!(name.as_str(), "result" | "data" | "messages" | "sentMessages") {
                    renumber(value, number);
                }
            }
        }
        _ => {}
    }
}

fn numbered(id: &Value, number: u64) -> Value {
    let digits = format!("{:06}", number % 1_000_000);
    match id {
        Value::Number(id) => {
            (id.as_u64().unwrap_or_default() / 1_000_000 * 1_000_000 + number % 1_000_000 + 1).into()
        }
        Value::String(id) => {
            // A letter's id goes on with a domain.
            let (local, domain) = id.split_at(id.find('@').unwrap_or(id.len()));
            let kept = local
                .len()
                .checked_sub(digits.len())
                .and_then(|at| local.get(..at));
            format!("{}{digits}{domain}", kept.unwrap_or_default()).into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_provider_gives_an_id_twice() {
        for connector in connectors::all().filter(|connector| connector.capabilities().can_send) {
            let (_, body) = connector.counterpart().accepts();
            let Ok(answer) = serde_json::from_str::<Value>(body) else {
                continue;
            };
            let answers: HashSet<String> = (0..3)
                .map(|number| {
                    let mut answer = answer.clone();
                    renumber(&mut answer, number);
                    answer.to_string()
                })
                .collect();
            assert_eq!(answers.len(), 3, "{}", connector.channel());
        }
    }
}
