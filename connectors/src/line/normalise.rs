//! From a webhook's `events[]` to events, in their order.

use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use super::{event, payload::Envelope};
use crate::{
    Event, Inbound, json,
    lenient::{List, Text, member, object, read},
};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let Some(text) = json::text(body) else {
        // `verify` lets no such body through; kept all the same, since this is total.
        return vec![unsupported("body", &String::from_utf8_lossy(body))];
    };
    if let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(text)
        && let List::Items(events) = envelope.events
    {
        return events.into_iter().map(|raw| one(raw, received_at)).collect();
    }
    vec![unsupported("body", text)]
}

fn one(raw: &RawValue, received_at: Timestamp) -> Inbound {
    let event = object(raw).and_then(|event| event::event(&event, received_at));
    if let Some(event) = event {
        return inbound(event);
    }
    let kind = member(raw, "type").and_then(read::<Text>);
    unsupported(kind.as_ref().map_or("event", |kind| &kind.0), raw.get())
}

fn unsupported(kind: &str, raw: &str) -> Inbound {
    inbound(Event::Unsupported {
        kind: kind.to_owned(),
        raw: raw.to_owned(),
    })
}

/// A webhook belongs to one channel, as its secret does.
fn inbound(event: Event) -> Inbound {
    Inbound {
        provider_account_id: None,
        event,
    }
}
