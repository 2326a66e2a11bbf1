//! From Meta's envelope to events: `entry[]` holds `changes[]`, a change's value holds messages, statuses and more.

use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use super::{
    event,
    payload::{
        Change, Entry, Envelope, Message, Metadata, Status, UserIdUpdate, Value, member, object, read,
    },
};
use crate::{Event, Inbound, json};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let mut walk = Walk {
        received_at,
        provider_account_id: None,
        found: Vec::new(),
    };
    match json::text(body).and_then(|text| serde_json::from_str::<&RawValue>(text).ok()) {
        Some(raw) => walk.body(raw),
        // `verify` lets no such body through; kept all the same, since this is total.
        None => walk.unsupported("body", &String::from_utf8_lossy(body)),
    }
    walk.found
}

struct Walk {
    received_at: Timestamp,
    /// Of the change we are in.
    provider_account_id: Option<String>,
    found: Vec<Inbound>,
}

impl Walk {
    fn body(&mut self, raw: &RawValue) {
        match object::<Envelope<'_>>(raw) {
            Some(Envelope { entry: Some(entries) }) => self.each(entries, "entry", Self::entry),
            _ => self.unsupported("body", raw.get()),
        }
    }

    fn entry(&mut self, raw: &RawValue, _alone: bool) {
        match object::<Entry<'_>>(raw) {
            Some(Entry {
                changes: Some(changes),
            }) => self.each(changes, "changes", Self::change),
            _ => self.unsupported("entry", raw.get()),
        }
    }

    fn change(&mut self, raw: &RawValue, _alone: bool) {
        let Some(change) = object::<Change<'_>>(raw) else {
            return self.unsupported("change", raw.get());
        };
        self.provider_account_id = member(change.value, "metadata")
            .and_then(object::<Metadata>)
            .map(|metadata| metadata.phone_number_id.0);
        let known = matches!(
            change.field.0.as_str(),
            "messages" | "smb_message_echoes" | "user_id_update"
        );
        match object::<Value<'_>>(change.value) {
            Some(value) if known && !value.is_empty() => self.value(&value),
            _ => self.unsupported(&change.field.0, raw.get()),
        }
        self.provider_account_id = None;
    }

    fn value(&mut self, value: &Value<'_>) {
        let none = Vec::new();
        let contacts = value.contacts.0.as_ref().unwrap_or(&none);
        let received_at = self.received_at;
        self.events(value.user_id_update, "user_id_update", |raw, alone| {
            event::user_id_update(&object::<UserIdUpdate<'_>>(raw)?, contacts, alone, received_at)
        });
        self.events(value.messages, "message", |raw, alone| {
            event::message(raw, &object::<Message<'_>>(raw)?, contacts, alone, received_at)
        });
        self.events(value.message_echoes, "message_echo", |raw, alone| {
            event::echo(raw, &object::<Message<'_>>(raw)?, contacts, alone, received_at)
        });
        self.events(value.statuses, "status", |raw, _| {
            event::status(object::<Status<'_>>(raw)?, received_at)
        });
        if let Some(errors) = value.errors {
            self.unsupported("errors", errors.get());
        }
    }

    /// Each item of the list becomes an event; one that doesn't is kept raw under `kind`.
    fn events(
        &mut self,
        list: Option<&RawValue>,
        kind: &str,
        to_event: impl Fn(&RawValue, bool) -> Option<Event>,
    ) {
        let Some(list) = list else { return };
        self.each(list, kind, |walk, raw, alone| match to_event(raw, alone) {
            Some(event) => walk.push(event),
            None => walk.unsupported(kind, raw.get()),
        });
    }

    /// Every item of a list, and whether it is the only one; what isn't a list is kept raw.
    fn each(&mut self, list: &RawValue, kind: &str, mut act: impl FnMut(&mut Self, &RawValue, bool)) {
        match read::<Vec<&RawValue>>(list) {
            Some(items) => {
                let alone = items.len() == 1;
                for item in items {
                    act(self, item, alone);
                }
            }
            None => self.unsupported(kind, list.get()),
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

impl Value<'_> {
    fn is_empty(&self) -> bool {
        let lists = [
            self.messages,
            self.message_echoes,
            self.statuses,
            self.user_id_update,
            self.errors,
        ];
        lists.iter().all(Option::is_none)
    }
}
