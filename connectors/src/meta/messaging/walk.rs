//! From the envelope to events: `entry[]` holds `messaging[]`, `standby[]` or `changes[]`.

use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use super::{
    event::{self, Around},
    payload::{Change, Entry, Envelope, Item},
};
use crate::{
    Event, Inbound, json,
    lenient::{List, object},
};

/// Fields whose change is an event like those of `messaging[]`: so the dashboard's tests come, and with Instagram Login
/// some of the rest.
const MESSAGING_FIELDS: [&str; 10] = [
    "messages",
    "message_deliveries",
    "message_echoes",
    "message_edit",
    "message_edits",
    "message_reactions",
    "message_reads",
    "messaging_postbacks",
    "messaging_referral",
    "messaging_seen",
];

pub(crate) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let mut walk = Walk {
        received_at,
        provider_account_id: None,
        found: Vec::new(),
    };
    match json::text(body) {
        Some(text) => walk.body(text),
        // `verify` lets no such body through; kept all the same, since this is total.
        None => walk.unsupported("body", &String::from_utf8_lossy(body)),
    }
    walk.found
}

struct Walk {
    received_at: Timestamp,
    /// Of the entry we are in.
    provider_account_id: Option<String>,
    found: Vec<Inbound>,
}

impl Walk {
    fn body(&mut self, text: &str) {
        match serde_json::from_str::<Envelope<'_>>(text).map(|envelope| envelope.entry) {
            Ok(List::Items(entries)) if !entries.is_empty() => {
                for entry in entries {
                    self.entry(entry);
                }
            }
            _ => self.unsupported("body", text),
        }
    }

    fn entry(&mut self, raw: &RawValue) {
        let Some(entry) = object::<Entry<'_>>(raw) else {
            return self.unsupported("entry", raw.get());
        };
        self.provider_account_id = entry.id.0.as_ref().map(|id| id.0.clone());
        let known = self.found.len();
        for list in [&entry.messaging, &entry.standby] {
            self.each(list, raw, |walk, raw| walk.item(raw, entry.time));
        }
        self.each(&entry.changes, raw, |walk, raw| walk.change(raw, entry.time));
        if self.found.len() == known {
            self.unsupported("entry", raw.get());
        }
        self.provider_account_id = None;
    }

    fn each(&mut self, list: &List<'_>, around: &RawValue, mut act: impl FnMut(&mut Self, &RawValue)) {
        match list {
            List::Missing => {}
            List::Items(items) => items.iter().for_each(|item| act(self, item)),
            List::Other => self.unsupported("entry", around.get()),
        }
    }

    fn change(&mut self, raw: &RawValue, entry_time: Option<&RawValue>) {
        let Some(change) = object::<Change<'_>>(raw) else {
            return self.unsupported("change", raw.get());
        };
        if MESSAGING_FIELDS.contains(&change.field.0.as_str()) {
            self.item(change.value, entry_time);
        } else {
            self.unsupported(&change.field.0, raw.get());
        }
    }

    fn item(&mut self, raw: &RawValue, entry_time: Option<&RawValue>) {
        let Some(item) = object::<Item<'_>>(raw) else {
            return self.unsupported("event", raw.get());
        };
        let around = Around::new(&item, entry_time, self.received_at);
        match event::events(&around) {
            Some(events) if !events.is_empty() => events.into_iter().for_each(|event| self.push(event)),
            _ => self.unsupported(&event::kind(raw), raw.get()),
        }
    }

    fn push(&mut self, event: Event) {
        self.found.push(Inbound {
            provider_account_id: self.provider_account_id.clone(),
            event,
        });
    }

    fn unsupported(&mut self, kind: &str, raw: &str) {
        self.push(Event::Unsupported {
            kind: kind.to_owned(),
            raw: raw.to_owned(),
        });
    }
}
