//! What Telegram gets with its 200. A pressed button spins on the customer's screen until the bot answers it; the answer
//! may be given right here (Bot API, "Making requests when getting updates").

use serde::Deserialize;
use serde_json::json;

use crate::{
    Acknowledgement, json as body,
    lenient::{Identifier, Maybe},
};

#[derive(Deserialize)]
struct Update {
    callback_query: Query,
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    id: Maybe<Identifier>,
}

pub(super) fn acknowledge(request: &[u8]) -> Acknowledgement {
    let query = body::text(request)
        // Most updates are something else, and needn't be read for this.
        .filter(|text| text.contains("\"callback_query\""))
        .and_then(|text| serde_json::from_str::<Update>(text).ok());
    match query.and_then(|update| update.callback_query.id.0) {
        Some(id) => Acknowledgement {
            content_type: "application/json",
            body: json!({ "method": "answerCallbackQuery", "callback_query_id": id.0 }).to_string(),
            ..Acknowledgement::empty()
        },
        None => Acknowledgement::empty(),
    }
}
