//! From Meta's envelope to events: `entry[]` holds `changes[]`, a change's value holds messages, statuses and more.

use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use super::{
    event,
    payload::{
        Change, Entry, Envelope, List, Message, Metadata, Status, UserIdUpdate, Value, member, object,
    },
};
use crate::{Event, Inbound, json};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
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
    /// Of the change we are in.
    provider_account_id: Option<String>,
    found: Vec<Inbound>,
}

impl Walk {
    fn body(&mut self, text: &str) {
        match serde_json::from_str::<Envelope<'_>>(text) {
            Ok(envelope) if !matches!(envelope.entry, List::Missing) => {
                self.each(&envelope.entry, "entry", text, Self::entry);
            }
            _ => self.unsupported("body", text),
        }
    }

    fn entry(&mut self, raw: &RawValue, _alone: bool) {
        match object::<Entry<'_>>(raw) {
            Some(entry) if !matches!(entry.changes, List::Missing) => {
                self.each(&entry.changes, "changes", raw.get(), Self::change);
            }
            _ => self.unsupported("entry", raw.get()),
        }
    }

    fn change(&mut self, raw: &RawValue, _alone: bool) {
        let Some(change) = object::<Change<'_>>(raw) else {
            return self.unsupported("change", raw.get());
        };
        let known = matches!(
            change.field.0.as_str(),
            "messages" | "smb_message_echoes" | "user_id_update"
        );
        if let Some(value) = object::<Value<'_>>(change.value).filter(|value| known && !value.is_empty()) {
            self.provider_account_id = value.metadata.0.as_ref().map(|of| of.phone_number_id.0.clone());
            self.value(&value, change.value.get());
        } else {
            self.provider_account_id = member(change.value, "metadata")
                .and_then(object::<Metadata>)
                .map(|of| of.phone_number_id.0);
            self.unsupported(&change.field.0, raw.get());
        }
        self.provider_account_id = None;
    }

    fn value(&mut self, value: &Value<'_>, raw: &str) {
        let none = Vec::new();
        let contacts = value.contacts.0.as_ref().unwrap_or(&none);
        let received_at = self.received_at;
        self.events(&value.user_id_update, "user_id_update", raw, |raw, alone| {
            event::user_id_update(&object::<UserIdUpdate<'_>>(raw)?, contacts, alone, received_at)
        });
        self.events(&value.messages, "message", raw, |raw, alone| {
            event::message(raw, &object::<Message<'_>>(raw)?, contacts, alone, received_at)
        });
        self.events(&value.message_echoes, "message_echo", raw, |raw, alone| {
            event::echo(raw, &object::<Message<'_>>(raw)?, contacts, alone, received_at)
        });
        self.events(&value.statuses, "status", raw, |raw, _| {
            event::status(object::<Status<'_>>(raw)?, received_at)
        });
        if let Some(errors) = value.errors {
            self.unsupported("errors", errors.get());
        }
    }

    /// Each item of the list becomes an event; one that doesn't is kept raw under `kind`.
    fn events(
        &mut self,
        list: &List<'_>,
        kind: &str,
        around: &str,
        to_event: impl Fn(&RawValue, bool) -> Option<Event>,
    ) {
        self.each(list, kind, around, |walk, raw, alone| {
            match to_event(raw, alone) {
                Some(event) => walk.push(event),
                None => walk.unsupported(kind, raw.get()),
            }
        });
    }

    /// Every item of a list, and whether it is the only one. If it isn't a list, what is around it is kept raw.
    fn each(
        &mut self,
        list: &List<'_>,
        kind: &str,
        around: &str,
        mut act: impl FnMut(&mut Self, &RawValue, bool),
    ) {
        match list {
            List::Missing => {}
            List::Items(items) => items.iter().for_each(|item| act(self, item, items.len() == 1)),
            List::Other => self.unsupported(kind, around),
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
            &self.messages,
            &self.message_echoes,
            &self.statuses,
            &self.user_id_update,
        ];
        self.errors.is_none() && lists.iter().all(|list| matches!(list, List::Missing))
    }
}
