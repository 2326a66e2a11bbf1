//! Identifiers: strings outside, one type per kind inside.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use utoipa::{PartialSchema, ToSchema, openapi};

/// An identifier of one kind of thing; `Id<A>` and `Id<B>` don't mix.
pub struct Id<Kind> {
    value: Box<str>,
    kind: PhantomData<fn() -> Kind>,
}

/// The kinds of [`Id`]; each exists only to tell one id from another.
pub mod kind {
    pub enum Conversation {}
    pub enum Message {}
    pub enum Customer {}
    pub enum User {}
    pub enum Role {}
    pub enum Team {}
    pub enum Branch {}
    pub enum Queue {}
    pub enum Skill {}
    pub enum Rule {}
    pub enum Assignment {}
    pub enum Attachment {}
    pub enum Decision {}
    pub enum Delivery {}
    pub enum ContactRoom {}
    pub enum Calendar {}
    pub enum ShadowRun {}
    pub enum SlaPolicy {}
}

pub type ConversationId = Id<kind::Conversation>;
pub type MessageId = Id<kind::Message>;
pub type CustomerId = Id<kind::Customer>;
pub type UserId = Id<kind::User>;
pub type RoleId = Id<kind::Role>;
pub type TeamId = Id<kind::Team>;
pub type BranchId = Id<kind::Branch>;
pub type QueueId = Id<kind::Queue>;
pub type SkillId = Id<kind::Skill>;
pub type RuleId = Id<kind::Rule>;
pub type AssignmentId = Id<kind::Assignment>;
pub type AttachmentId = Id<kind::Attachment>;
pub type DecisionId = Id<kind::Decision>;
pub type DeliveryId = Id<kind::Delivery>;
/// Of a calendar of business hours.
pub type CalendarId = Id<kind::Calendar>;
pub type ShadowRunId = Id<kind::ShadowRun>;
pub type SlaPolicyId = Id<kind::SlaPolicy>;
/// Names the room in which a customer hears of their own conversations.
pub type ContactRoomId = Id<kind::ContactRoom>;

impl<K> Id<K> {
    /// A fresh id that sorts by the time of its making (UUID version 7, RFC 9562).
    pub fn fresh() -> Self {
        Self::from(uuid::Uuid::now_v7().simple().to_string())
    }

    /// The same parts always give the same id: 128 bits of SHA-256 over the length-prefixed parts.
    ///
    /// An effect that is named by what caused it can be repeated without being doubled.
    pub fn derived(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut hex = String::with_capacity(32);
        for byte in &hash.finalize()[..16] {
            for nibble in [byte >> 4, byte & 15] {
                hex.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
            }
        }
        Self::from(hex)
    }

    pub fn as_str(&self) -> &str {
        &self.value
    }
}

impl<K> From<String> for Id<K> {
    fn from(value: String) -> Self {
        Self {
            value: value.into_boxed_str(),
            kind: PhantomData,
        }
    }
}

impl<K> From<&str> for Id<K> {
    fn from(value: &str) -> Self {
        Self {
            value: value.into(),
            kind: PhantomData,
        }
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        Self {
            value: self.value.clone(),
            kind: PhantomData,
        }
    }
}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<K> Eq for Id<K> {}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.value)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl<K> PartialSchema for Id<K> {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        String::schema()
    }
}

impl<K> ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_repeat_and_do_not_run_parts_together() {
        assert_eq!(MessageId::derived(&["a", "bc"]), MessageId::derived(&["a", "bc"]));
        assert_ne!(MessageId::derived(&["a", "bc"]), MessageId::derived(&["ab", "c"]));
        assert_eq!(MessageId::derived(&["x"]).as_str().len(), 32);
    }

    #[test]
    fn fresh_ids_sort_by_age() {
        let first = ConversationId::fresh();
        assert!(first < ConversationId::fresh());
    }
}
