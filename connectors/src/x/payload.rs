//! The wire types of direct messages, in the older envelope and in the newer. Nothing fails for a field that isn't needed.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Identifier, List, Maybe, Text, member, not_empty, object};

/// Of the newer envelope: one event, and the subscription it is for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Activity<'a> {
    pub event_type: Maybe<Text>,
    pub filter: Maybe<Filter>,
    #[serde(borrow)]
    pub payload: Option<&'a RawValue>,
    #[serde(borrow)]
    pub includes: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    pub user_id: Maybe<Identifier>,
}

/// One of `direct_message_events[]`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct DirectMessage<'a> {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub id: Maybe<Identifier>,
    #[serde(borrow)]
    pub created_timestamp: Option<&'a RawValue>,
    pub initiated_via: Maybe<serde_json::Value>,
    #[serde(borrow)]
    pub message_create: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Created<'a> {
    pub sender_id: Identifier,
    pub target: Target,
    #[serde(borrow)]
    pub message_data: &'a RawValue,
}

#[derive(Deserialize)]
pub(super) struct Target {
    pub recipient_id: Identifier,
}

/// One of `direct_message_mark_read_events[]`.
#[derive(Deserialize)]
pub(super) struct MarkRead<'a> {
    pub sender_id: Identifier,
    pub last_read_event_id: Identifier,
    #[serde(borrow, default)]
    pub created_timestamp: Option<&'a RawValue>,
}

/// A message as API v2 writes it.
#[derive(Deserialize)]
pub(super) struct Flat {
    pub id: Identifier,
    pub sender_id: Identifier,
    #[serde(default)]
    pub event_type: Maybe<Text>,
    #[serde(default)]
    pub text: Maybe<Text>,
    #[serde(default)]
    pub dm_conversation_id: Maybe<Identifier>,
    #[serde(default)]
    pub created_at: Maybe<Text>,
    #[serde(default)]
    pub attachments: Maybe<Keys>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Keys {
    pub media_keys: Maybe<Vec<Maybe<Identifier>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    id: Maybe<Identifier>,
    name: Maybe<Text>,
    screen_name: Maybe<Text>,
    username: Maybe<Text>,
}

impl User {
    fn shown(self) -> Option<String> {
        let handle = || not_empty(self.screen_name).or_else(|| not_empty(self.username));
        not_empty(self.name).or_else(handle)
    }
}

/// What is known of people: by id (older, and newer one level deeper) or in a list.
#[derive(Clone, Copy, Default)]
pub(super) struct People<'a> {
    pub by_id: Option<&'a RawValue>,
    pub includes: Option<&'a RawValue>,
}

impl People<'_> {
    pub fn name(&self, id: &str) -> Option<String> {
        let found = self.by_id.and_then(|users| member(users, id));
        let user = found.and_then(|user| object::<User>(member(user, "data").unwrap_or(user)));
        user.and_then(User::shown).or_else(|| self.listed(id))
    }

    fn listed(&self, id: &str) -> Option<String> {
        let users = member(self.includes?, "users")?;
        let List::Items(users) = serde_json::from_str(users.get()).ok()? else {
            return None;
        };
        let mut users = users.into_iter().filter_map(object::<User>);
        users
            .find(|user| user.id.0.as_ref().is_some_and(|known| known.0 == id))?
            .shown()
    }
}
