//! From X's envelopes to events: the older holds lists, each of one kind of event; the newer one event, and for direct
//! messages an older envelope inside.

use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use super::{
    event::{self, Seen},
    payload::{Activity, People},
};
use crate::{
    Event, Inbound, json,
    lenient::{Identifier, List, member, members, object, read},
};

/// Beside the events, not events.
const ABOUT: [&str; 5] = [
    "for_user_id",
    "users",
    "apps",
    "user_has_blocked",
    "is_blocked_by",
];

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let Some(text) = json::text(body) else {
        // `verify` lets no such body through; kept all the same, since this is total.
        return told(None, vec![unsupported("body", &String::from_utf8_lossy(body))]);
    };
    let Some(raw) = serde_json::from_str::<&RawValue>(text)
        .ok()
        .filter(|raw| raw.get().starts_with('{'))
    else {
        return told(None, vec![unsupported("body", text)]);
    };
    let activity = member(raw, "data").and_then(object::<Activity<'_>>);
    if let Some((activity, kind)) = activity.and_then(|activity| {
        let kind = activity.event_type.0.clone()?.0;
        Some((activity, kind))
    }) {
        let owner = activity
            .filter
            .0
            .as_ref()
            .and_then(|filter| filter.user_id.0.clone());
        let events = newer(&activity, &kind, owner.as_ref(), received_at)
            .unwrap_or_else(|| vec![unsupported(&kind, raw.get())]);
        return told(owner, events);
    }
    let owner = member(raw, "for_user_id").and_then(read::<Identifier>);
    let mut events = older(raw, owner.as_ref(), None, received_at);
    if events.is_empty() {
        events.push(unsupported("body", text));
    }
    told(owner, events)
}

fn newer(
    activity: &Activity<'_>,
    kind: &str,
    owner: Option<&Identifier>,
    received_at: Timestamp,
) -> Option<Vec<Event>> {
    let payload = activity.payload.filter(|_| kind.starts_with("dm."))?;
    let inside = older(payload, owner, activity.includes, received_at);
    let any_message = inside
        .iter()
        .any(|event| !matches!(event, Event::Unsupported { .. }));
    let lists = members(payload)
        .iter()
        .any(|(name, _)| name.starts_with("direct_message_"));
    if any_message || lists {
        return (!inside.is_empty()).then_some(inside);
    }
    let seen = Seen {
        owner: owner.map(|owner| owner.0.as_str()),
        people: People {
            by_id: member(payload, "users"),
            includes: activity.includes,
        },
        received_at,
    };
    event::flat(&object(payload)?, kind, &seen)
}

/// Each item of each list, in the order they are written in; of lists we don't know, the whole.
fn older(
    raw: &RawValue,
    owner: Option<&Identifier>,
    includes: Option<&RawValue>,
    received_at: Timestamp,
) -> Vec<Event> {
    let seen = Seen {
        owner: owner.map(|owner| owner.0.as_str()),
        people: People {
            by_id: member(raw, "users"),
            includes,
        },
        received_at,
    };
    let mut found = Vec::new();
    for (name, value) in members(raw) {
        let to_events = match name.as_str() {
            "direct_message_events" => event::message,
            "direct_message_mark_read_events" => event::mark_read,
            name if ABOUT.contains(&name) => continue,
            _ => {
                found.push(unsupported(&name, value.get()));
                continue;
            }
        };
        match read::<List<'_>>(value) {
            Some(List::Items(items)) => found.extend(
                items
                    .into_iter()
                    .map(|item| to_events(item, &seen).unwrap_or_else(|| unsupported(&name, item.get()))),
            ),
            Some(List::Missing) => {}
            Some(List::Other) | None => found.push(unsupported(&name, value.get())),
        }
    }
    found
}

fn told(owner: Option<Identifier>, events: Vec<Event>) -> Vec<Inbound> {
    let owner = owner.map(|owner| owner.0);
    let inbound = |event| Inbound {
        provider_account_id: owner.clone(),
        event,
    };
    events.into_iter().map(inbound).collect()
}

fn unsupported(kind: &str, raw: &str) -> Event {
    Event::Unsupported {
        kind: kind.to_owned(),
        raw: raw.to_owned(),
    }
}
