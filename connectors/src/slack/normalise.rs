//! From what Slack posts to events: JSON for the Events API, forms for commands and interactions.

use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use super::{
    event,
    form::{Form, is_object},
    interaction,
    payload::Envelope,
};
use crate::{Event, Inbound, json, lenient::object};

/// The events of one request, and the workspace they happened in.
pub(super) struct Found {
    pub workspace: Option<String>,
    pub events: Vec<Event>,
}

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let Found { workspace, events } = match json::text(body) {
        Some(text) if is_object(text) => posted(text, received_at),
        Some(text) => form(text, received_at),
        // `verify` lets no such body through; kept all the same, since this is total.
        None => alone(unsupported("body", &String::from_utf8_lossy(body))),
    };
    events
        .into_iter()
        .map(|event| Inbound {
            provider_account_id: workspace.clone(),
            event,
        })
        .collect()
}

fn form(text: &str, received_at: Timestamp) -> Found {
    let Some(form) = Form::parse(text) else {
        return alone(unsupported("body", text));
    };
    if let Some(payload) = form.get("payload") {
        return posted(&payload, received_at);
    }
    interaction::command(&form, received_at).unwrap_or_else(|| alone(unsupported("form", text)))
}

fn posted(text: &str, received_at: Timestamp) -> Found {
    let Ok(raw) = serde_json::from_str::<&RawValue>(text) else {
        return alone(unsupported("body", text));
    };
    let Some(envelope) = object::<Envelope<'_>>(raw) else {
        return alone(unsupported("body", text));
    };
    let kind = envelope.kind.0.as_ref().map_or("body", |kind| kind.0.as_str());
    if kind == "event_callback" {
        let events = match envelope.event {
            Some(event) => event::events(&envelope, event, raw.get(), received_at),
            None => vec![unsupported(kind, raw.get())],
        };
        return Found {
            workspace: envelope.workspace().map(str::to_owned),
            events,
        };
    }
    interaction::interaction(kind, raw, received_at).unwrap_or_else(|| Found {
        workspace: envelope.workspace().map(str::to_owned),
        events: vec![unsupported(kind, raw.get())],
    })
}

fn alone(event: Event) -> Found {
    Found {
        workspace: None,
        events: vec![event],
    }
}

pub(super) fn unsupported(kind: &str, raw: &str) -> Event {
    Event::Unsupported {
        kind: kind.to_owned(),
        raw: raw.to_owned(),
    }
}
