//! From a payload to its messages, by the mapping that came with it. Whatever doesn't fit is kept raw.

use serde_json::Value;
use switchboard_domain::Timestamp;

use super::{
    mapping::Mapping,
    message::messages,
    verify::{ID, MAPPING},
};
use crate::{Event, Inbound, Verified, json};

pub(super) fn normalise(request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
    let raw = String::from_utf8_lossy(request.body());
    let mapping = request
        .header(MAPPING)
        .and_then(|text| serde_json::from_str(text).ok())
        .and_then(|mapping: Value| Mapping::parse(&mapping).ok());
    let events = match (json::tree(request.body()), mapping) {
        (Some(payload), Some(mapping)) => {
            let id = request.header(ID).unwrap_or_default();
            read(&payload, &mapping, id, &raw, received_at)
        }
        (payload, _) => vec![unsupported(payload.as_ref(), raw.into_owned())],
    };
    let inbound = |event| Inbound {
        provider_account_id: None,
        event,
    };
    events.into_iter().map(inbound).collect()
}

fn read(
    payload: &Value,
    mapping: &Mapping,
    webhook_id: &str,
    raw: &str,
    received_at: Timestamp,
) -> Vec<Event> {
    let (items, several) = mapping.items(payload);
    if items.is_empty() {
        return vec![unsupported(Some(payload), raw.to_owned())];
    }
    let mut events = Vec::new();
    for (nth, item) in items.into_iter().enumerate() {
        // A colon, since `#1` is what a second attachment has.
        let own_id = if several {
            format!("{webhook_id}:{nth}")
        } else {
            webhook_id.to_owned()
        };
        match messages(item, mapping, &own_id, received_at) {
            Some(messages) => events.extend(messages.into_iter().map(Event::Message)),
            None if several => events.push(unsupported(Some(item), item.to_string())),
            None => events.push(unsupported(Some(item), raw.to_owned())),
        }
    }
    events
}

/// Standard Webhooks recommends that a payload says in `type` what it is.
fn unsupported(payload: Option<&Value>, raw: String) -> Event {
    let kind = payload
        .and_then(|payload| payload["type"].as_str())
        .unwrap_or("unmapped");
    Event::Unsupported {
        kind: kind.to_owned(),
        raw,
    }
}
