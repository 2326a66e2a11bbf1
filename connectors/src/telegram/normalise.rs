//! From an update to events: one, but for deletions and paid albums.

use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use super::event;
use crate::{
    Event, Inbound, KnownLanguage, json,
    lenient::{Identifier, members, object, read},
};

const KINDS: [&str; 9] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "callback_query",
    "message_reaction",
];

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let Some(text) = json::text(body) else {
        // `verify` lets no such body through; kept all the same, since this is total.
        return inbound(vec![unsupported("body", &String::from_utf8_lossy(body))]);
    };
    let Ok(update) = serde_json::from_str::<&RawValue>(text) else {
        return inbound(vec![unsupported("body", text)]);
    };
    let members = members(update);
    let update_id = members
        .iter()
        .find(|(name, _)| name == "update_id")
        .and_then(|(_, id)| read::<Identifier>(id))
        .map(|id| id.0);
    // One of them is the kind; should Telegram ever put something beside it, then the one we know.
    let mut kinds = members.iter().filter(|(name, _)| name != "update_id");
    let known = kinds.clone().find(|(name, _)| KINDS.contains(&name.as_str()));
    let Some((kind, raw)) = known.or_else(|| kinds.next()) else {
        return inbound(vec![unsupported("update", text)]);
    };
    let events = events(kind, raw, update_id.as_deref(), received_at).filter(|events| !events.is_empty());
    inbound(events.unwrap_or_else(|| vec![unsupported(kind, text)]))
}

/// Telegram says it of whoever wrote or pressed; in a group the contact is the group, whose id this isn't.
pub(super) fn languages(body: &[u8]) -> Vec<KnownLanguage> {
    let update = json::tree(body).unwrap_or_default();
    let known = |kind: &&str| {
        let person = &update[*kind]["from"];
        KnownLanguage::read(&person["id"], &person["language_code"])
    };
    KINDS.iter().filter_map(known).collect()
}

/// What names itself needs no update's id.
fn events(kind: &str, raw: &RawValue, update_id: Option<&str>, received_at: Timestamp) -> Option<Vec<Event>> {
    let one = |event| vec![event];
    match kind {
        "message" | "channel_post" | "business_message" => event::message(raw, &object(raw)?, received_at),
        "edited_message" | "edited_channel_post" | "edited_business_message" => {
            event::edited(raw, &object(raw)?, update_id?, received_at).map(one)
        }
        "deleted_business_messages" => event::deleted(object(raw)?, update_id?, received_at),
        "callback_query" => event::pressed(&object(raw)?, received_at).map(one),
        "message_reaction" => event::reaction(&object(raw)?, update_id?, received_at).map(one),
        _ => None,
    }
}

fn unsupported(kind: &str, raw: &str) -> Event {
    Event::Unsupported {
        kind: kind.to_owned(),
        raw: raw.to_owned(),
    }
}

/// A webhook belongs to one bot.
fn inbound(events: Vec<Event>) -> Vec<Inbound> {
    let one = |event| Inbound {
        provider_account_id: None,
        event,
    };
    events.into_iter().map(one).collect()
}
