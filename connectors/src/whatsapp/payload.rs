//! The Cloud API's wire types, as tolerant as they must be.
//!
//! Nothing here fails for a field that isn't needed: [`Maybe`] turns a wrong type into "missing", lists stay raw so
//! that one damaged item doesn't take the others along, and ids may be numbers.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

/// A field that is there in the type we know; anything else counts as missing.
#[derive(Debug, Clone)]
pub(super) struct Maybe<T>(pub Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}

/// The items of a list, each still raw, so that reading one can't fail another. Lists are never copied or scanned twice:
/// an envelope has four of them inside each other.
#[derive(Debug, Default)]
pub(super) enum List<'a> {
    /// Not there, or null.
    #[default]
    Missing,
    Items(Vec<&'a RawValue>),
    /// There, and not a list.
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> de::Visitor<'de> for ListVisitor {
    type Value = List<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<List<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(List::Items(items))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<List<'de>, A::Error> {
        while map.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {}
        Ok(List::Other)
    }

    fn visit_unit<E: de::Error>(self) -> Result<List<'de>, E> {
        Ok(List::Missing)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<List<'de>, E> {
        Ok(List::Other)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<List<'de>, E> {
        Ok(List::Other)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<List<'de>, E> {
        Ok(List::Other)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<List<'de>, E> {
        Ok(List::Other)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<List<'de>, E> {
        Ok(List::Other)
    }
}

/// Words. Half an emoji, as cutting a text to length leaves behind, becomes U+FFFD rather than an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Asked for bytes, serde_json doesn't insist on paired surrogates.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }
}

/// An id: a string, or a whole number written as one. Never empty, never through a float.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identifier(pub String);

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdentifierVisitor)
    }
}

struct IdentifierVisitor;

impl de::Visitor<'_> for IdentifierVisitor {
    type Value = Identifier;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an id")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Identifier, E> {
        if text.is_empty() {
            return Err(E::custom("an id can't be empty"));
        }
        Ok(Identifier(text.to_owned()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Identifier, E> {
        Ok(Identifier(number.to_string()))
    }
}

#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub entry: List<'a>,
}

#[derive(Deserialize)]
pub(super) struct Entry<'a> {
    #[serde(borrow, default)]
    pub changes: List<'a>,
}

#[derive(Deserialize)]
pub(super) struct Change<'a> {
    pub field: Text,
    #[serde(borrow)]
    pub value: &'a RawValue,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Value<'a> {
    pub metadata: Maybe<Metadata>,
    pub contacts: Maybe<Vec<Maybe<Contact>>>,
    #[serde(borrow)]
    pub messages: List<'a>,
    #[serde(borrow)]
    pub message_echoes: List<'a>,
    #[serde(borrow)]
    pub statuses: List<'a>,
    #[serde(borrow)]
    pub user_id_update: List<'a>,
    #[serde(borrow)]
    pub errors: Option<&'a RawValue>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    pub phone_number_id: Identifier,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub wa_id: Maybe<Identifier>,
    pub user_id: Maybe<Identifier>,
    pub profile: Maybe<Profile>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub name: Maybe<Text>,
    pub username: Maybe<Text>,
}

/// What all kinds of messages and echoes have; the body is under the name that `kind` tells.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    pub id: Maybe<Identifier>,
    pub from: Maybe<Identifier>,
    pub from_user_id: Maybe<Identifier>,
    pub to: Maybe<Identifier>,
    pub to_user_id: Maybe<Identifier>,
    pub group_id: Maybe<Identifier>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub context: Maybe<Context>,
    pub referral: Maybe<serde_json::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    pub id: Maybe<Identifier>,
    pub forwarded: Maybe<bool>,
    pub frequently_forwarded: Maybe<bool>,
}

#[derive(Deserialize)]
pub(super) struct Edit<'a> {
    pub original_message_id: Identifier,
    #[serde(borrow)]
    pub message: &'a RawValue,
}

#[derive(Deserialize)]
pub(super) struct Revoke {
    pub original_message_id: Identifier,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct System {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub body: Maybe<Text>,
    pub wa_id: Maybe<Identifier>,
    /// The name of `wa_id` up to v11.
    pub new_wa_id: Maybe<Identifier>,
    pub user_id: Maybe<Identifier>,
}

#[derive(Deserialize)]
pub(super) struct Status<'a> {
    pub id: Identifier,
    #[serde(rename = "status")]
    pub name: Text,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(default)]
    pub errors: Maybe<Vec<Maybe<crate::meta::error::GraphError>>>,
    #[serde(default)]
    pub biz_opaque_callback_data: Maybe<Identifier>,
}

#[derive(Deserialize)]
pub(super) struct UserIdUpdate<'a> {
    #[serde(default)]
    pub wa_id: Maybe<Identifier>,
    pub user_id: UserIds,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct UserIds {
    #[serde(default)]
    pub previous: Maybe<Identifier>,
    pub current: Identifier,
}

/// One member of an object, without reading the others.
pub(super) fn member<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    struct Find<'n>(&'n str);
    impl<'de> de::Visitor<'de> for Find<'_> {
        type Value = Option<&'de RawValue>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(key) = map.next_key::<Text>()? {
                if key.0 == self.0 {
                    found = Some(map.next_value()?);
                } else {
                    map.next_value::<de::IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    serde_json::Deserializer::from_str(object.get())
        .deserialize_map(Find(name))
        .ok()
        .flatten()
}

pub(super) fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// As [`read`], but of an object alone: serde would also fill a struct from a list, field by field.
pub(super) fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    raw.get().starts_with('{').then(|| read(raw)).flatten()
}
