//! Wire types that don't fail for what isn't needed: a wrong type counts as missing, ids may be numbers, and half an
//! emoji costs no message.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

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

/// Of an object alone: serde would also fill a struct from a list, field by field.
pub(crate) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    let is_object = text.trim_ascii_start().starts_with('{');
    is_object.then(|| serde_json::from_str(text).ok()).flatten()
}

/// The items of a list, each still raw, so that reading one can't fail another.
pub(crate) fn items(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// A value for good; `None` if it holds what no text can.
pub(crate) fn value(raw: &RawValue) -> Option<serde_json::Value> {
    serde_json::from_str(raw.get()).ok()
}
