//! Reading providers' JSON as tolerantly as it must be.
//!
//! A field that isn't needed never fails a message: [`Maybe`] turns a wrong type into "missing", [`List`] keeps its items
//! raw so that a damaged one doesn't take the others along, and an [`Identifier`] may be a number.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

/// A provider's clock may run ahead of ours by so much; beyond, its time is taken for a mistake.
const MAX_AHEAD: Duration = Duration::from_hours(24);

/// A field that is there in the type we know; anything else counts as missing.
#[derive(Debug, Clone)]
pub(crate) struct Maybe<T>(pub Option<T>);

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

impl Maybe<Text> {
    /// The words, unless there are none.
    pub fn words(self) -> Option<String> {
        self.0.map(|text| text.0).filter(|text| !text.is_empty())
    }

    pub fn as_str(&self) -> Option<&str> {
        self.0.as_ref().map(|text| text.0.as_str())
    }
}

impl Maybe<Identifier> {
    pub fn id(self) -> Option<String> {
        self.0.map(|id| id.0)
    }

    pub fn as_str(&self) -> Option<&str> {
        self.0.as_ref().map(|id| id.0.as_str())
    }
}

/// The items of a list, each still raw.
#[derive(Debug, Default)]
pub(crate) enum List<'a> {
    /// Not there, or null.
    #[default]
    Missing,
    Items(Vec<&'a RawValue>),
    /// There, and not a list.
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(match serde_json::from_str(raw.get()) {
            Ok(items) => Self::Items(items),
            Err(_) if raw.get() == "null" => Self::Missing,
            Err(_) => Self::Other,
        })
    }
}

/// Words. Half an emoji, as cutting a text to length leaves behind, becomes U+FFFD rather than an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Asked for bytes, serde_json doesn't insist on paired surrogates.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
pub(crate) struct Identifier(pub String);

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdentifierVisitor)
    }
}

struct IdentifierVisitor;

impl de::Visitor<'_> for IdentifierVisitor {
    type Value = Identifier;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Identifier, E> {
        Ok(Identifier(number.to_string()))
    }
}

/// A number, or a number written as text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decimal(pub f64);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let number = raw.get().trim_matches('"').parse::<f64>().ok();
        number
            .filter(|number| number.is_finite())
            .map(Self)
            .ok_or_else(|| de::Error::custom("not a number"))
    }
}

/// What a provider counts its times in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
}

/// A whole number since the Unix epoch, written as one or as a string. What can't be a time gives way to our own.
pub(crate) fn provider_at(raw: Option<&RawValue>, unit: Unit, received_at: Timestamp) -> Timestamp {
    raw.and_then(read::<Identifier>)
        .and_then(|number| number.0.parse::<i64>().ok())
        .filter(|number| *number > 0)
        .map(match unit {
            Unit::Seconds => Timestamp::from_secs,
            Unit::Millis => Timestamp::from_millis,
        })
        .filter(|at| *at <= received_at.plus(MAX_AHEAD))
        .unwrap_or(received_at)
}

/// The members of an object in their order, each still raw. Empty if it is none.
pub(crate) fn members(object: &RawValue) -> Vec<(String, &RawValue)> {
    struct Members;
    impl<'de> de::Visitor<'de> for Members {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = Vec::new();
            while let Some((name, value)) = map.next_entry::<Text, _>()? {
                found.push((name.0, value));
            }
            Ok(found)
        }
    }
    serde_json::Deserializer::from_str(object.get())
        .deserialize_map(Members)
        .unwrap_or_default()
}

/// One member of an object.
pub(crate) fn member<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let found = members(object).into_iter().rfind(|(key, _)| key == name);
    found.map(|(_, value)| value)
}

pub(crate) fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// As [`read`], but of an object alone: serde would also fill a struct from a list, field by field.
pub(crate) fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    raw.get().starts_with('{').then(|| read(raw)).flatten()
}

/// As [`object`], of a whole body.
pub(crate) fn object_in<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    let is_object = text.trim_ascii_start().starts_with('{');
    is_object.then(|| serde_json::from_str(text).ok()).flatten()
}

/// The items of a list, each still raw; `None` if it is none.
pub(crate) fn items(raw: &RawValue) -> Option<Vec<&RawValue>> {
    read(raw)
}

pub(crate) fn not_empty(text: Maybe<Text>) -> Option<String> {
    text.0.map(|text| text.0).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn ids_keep_every_digit_and_floats_are_none() {
        for (json, id) in [
            ("\"U20\"", Some("U20")),
            ("5741311803571721087", Some("5741311803571721087")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("-1001305240521", Some("-1001305240521")),
            ("\"\"", None),
            ("4.9e18", None),
            ("1.0", None),
            ("true", None),
            ("{}", None),
        ] {
            let found = read::<Identifier>(&raw(json));
            assert_eq!(found.as_ref().map(|id| id.0.as_str()), id, "{json}");
        }
    }

    #[test]
    fn times_that_cannot_be_give_way_to_ours() {
        let received_at = Timestamp::from_secs(1_760_000_000);
        let at = |json: &str, unit| provider_at(Some(&raw(json)), unit, received_at);
        assert_eq!(
            at("1750000000", Unit::Seconds),
            Timestamp::from_secs(1_750_000_000)
        );
        assert_eq!(
            at("\"1750000000\"", Unit::Seconds),
            Timestamp::from_secs(1_750_000_000)
        );
        assert_eq!(
            at("1750000000123", Unit::Millis),
            Timestamp::from_millis(1_750_000_000_123)
        );
        for bad in [
            "0",
            "-5",
            "1750000000.5",
            "4977069964384421269",
            "\"soon\"",
            "null",
            "{}",
        ] {
            assert_eq!(at(bad, Unit::Seconds), received_at, "{bad}");
            assert_eq!(at(bad, Unit::Millis), received_at, "{bad}");
        }
        assert_eq!(provider_at(None, Unit::Seconds, received_at), received_at);
    }

    #[test]
    fn lists_and_members_take_what_they_can() {
        assert!(matches!(read(&raw("[1,{}]")), Some(List::Items(items)) if items.len() == 2));
        assert!(matches!(read(&raw("null")), Some(List::Missing)));
        assert!(matches!(read(&raw("{}")), Some(List::Other)));
        let whole = raw(r#"{"b":1,"a":{"x":[]},"b":2}"#);
        let names: Vec<String> = members(&whole).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a", "b"]);
        assert_eq!(member(&whole, "b").map(RawValue::get), Some("2"));
        assert!(members(&raw("[]")).is_empty());
    }
}
