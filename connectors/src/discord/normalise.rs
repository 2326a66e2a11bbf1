//! From what Discord posts, and from what a gateway's connection brings, to events.

use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use super::{dispatch, interaction, payload::Envelope, payload::id};
use crate::{Event, Inbound, json, lenient::object};

/// `bot` is our own user, if a gateway's connection brought it.
pub(super) fn normalise(body: &[u8], bot: Option<&str>, received_at: Timestamp) -> Vec<Inbound> {
    let Some(text) = json::text(body) else {
        // `verify` lets no such body through; kept all the same, since this is total.
        return alone(unsupported("body", &String::from_utf8_lossy(body)));
    };
    let raw = serde_json::from_str::<&RawValue>(text).ok();
    let Some((raw, envelope)) = raw.and_then(|raw| Some((raw, object::<Envelope<'_>>(raw)?))) else {
        return alone(unsupported("body", text));
    };
    let events = if let (Some(name), Some(data)) = (&envelope.t.0, envelope.d) {
        let number = id(&envelope.s);
        dispatch::events(&name.0, data, number, bot, received_at)
            .unwrap_or_else(|| vec![unsupported(&name.0, raw.get())])
    } else if let Some(event) = &envelope.event.0 {
        let kind = event.kind.0.as_ref().map_or("event", |kind| kind.0.as_str());
        vec![unsupported(kind, raw.get())]
    } else {
        interaction::events(raw, received_at)
    };
    let application = id(&envelope.application_id);
    events
        .into_iter()
        .map(|event| Inbound {
            provider_account_id: application.map(str::to_owned),
            event,
        })
        .collect()
}

fn alone(event: Event) -> Vec<Inbound> {
    vec![Inbound {
        provider_account_id: None,
        event,
    }]
}

pub(super) fn unsupported(kind: &str, raw: &str) -> Event {
    Event::Unsupported {
        kind: kind.to_owned(),
        raw: raw.to_owned(),
    }
}
