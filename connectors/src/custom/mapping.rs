//! Where in a payload the parts of a message are: `mapping` of the account's settings.
//!
//! | field | what is there |
//! |---|---|
//! | `sender_id` | who wrote, by the id that stays; required |
//! | `text` | the words; this or `media_url` is required |
//! | `media_url` | where a file is, or several of them |
//! | `media_type`, `media_name` | their MIME types and names, in the same order |
//! | `message_id` | else the webhook's id |
//! | `sender_name`, `sender_address` | what to call them; where answers go, else to `sender_id` |
//! | `timestamp` | seconds, milliseconds or microseconds since 1970, or RFC 3339; else when it arrived |
//! | `reply_to`, `group_id` | the message it answers; the group it was written in |
//! | `items` | the list of messages, if a payload holds several: all other paths then start at an item |
//! | `only` | paths, and the value or values that must be there for it to be a message |

use std::collections::BTreeMap;

use serde_json::Value;

use super::path::Path;
use crate::FieldError;

const FIELDS: [&str; 12] = [
    "sender_id",
    "text",
    "media_url",
    "media_type",
    "media_name",
    "message_id",
    "sender_name",
    "sender_address",
    "timestamp",
    "reply_to",
    "group_id",
    "items",
];

#[derive(Debug, Default)]
pub(super) struct Mapping {
    paths: BTreeMap<String, Path>,
    only: Vec<(Path, Vec<String>)>,
}

impl Mapping {
    /// Every fault at once, each by the field it is in.
    pub fn parse(mapping: &Value) -> Result<Self, Vec<FieldError>> {
        let Some(fields) = mapping.as_object() else {
            let fault = "An object is needed, as {\"sender_id\": \"/from\", \"text\": \"/text\"}.";
            return Err(vec![FieldError::new("settings.mapping", fault)]);
        };
        let mut parsed = Self::default();
        let mut faults = Vec::new();
        for (name, value) in fields {
            let result = if name == "only" {
                parsed.add_conditions(value)
            } else {
                parsed.add_path(name, value)
            };
            faults.extend(result.err().map(|fault| fault_in(name, fault)));
        }
        if !fields.contains_key("sender_id") {
            let fault = "A message needs a sender: the path of the id they are known by.".to_owned();
            faults.push(fault_in("sender_id", fault));
        }
        if !fields.contains_key("text") && !fields.contains_key("media_url") {
            let fault = "A message needs words or a file: the path of either.".to_owned();
            faults.push(fault_in("text", fault));
        }
        if faults.is_empty() {
            Ok(parsed)
        } else {
            Err(faults)
        }
    }

    fn add_path(&mut self, name: &str, value: &Value) -> Result<(), String> {
        if !FIELDS.contains(&name) {
            return Err(format!(
                "There is no such field. Known are {} and only.",
                FIELDS.join(", ")
            ));
        }
        let text = value.as_str().unwrap_or_default();
        self.paths.insert(name.to_owned(), Path::parse(text)?);
        Ok(())
    }

    fn add_conditions(&mut self, conditions: &Value) -> Result<(), String> {
        const FAULT: &str = "An object of paths and values is needed, as {\"/type\": \"message.received\"}.";
        for (path, wanted) in conditions.as_object().ok_or(FAULT)? {
            let wanted = match wanted {
                Value::Array(several) => several.iter().map(scalar).collect::<Option<Vec<_>>>(),
                one => scalar(one).map(|one| vec![one]),
            };
            self.only.push((Path::parse(path)?, wanted.ok_or(FAULT)?));
        }
        Ok(())
    }

    /// The messages of a payload, and whether the mapping says that it holds a list of them.
    pub fn items<'v>(&self, payload: &'v Value) -> (Vec<&'v Value>, bool) {
        let Some(items) = self.paths.get("items") else {
            return (vec![payload], false);
        };
        let found = items.find(payload).into_iter();
        let each = found.flat_map(|found| match found {
            Value::Array(items) => items.iter().collect(),
            other => vec![other],
        });
        (each.collect(), true)
    }

    /// Whether it is of the kind that `only` asks for.
    pub fn admits(&self, item: &Value) -> bool {
        self.only.iter().all(|(path, wanted)| {
            let mut found = path.find(item).into_iter().filter_map(scalar);
            found.any(|found| wanted.contains(&found))
        })
    }

    pub fn first<'v>(&self, field: &str, item: &'v Value) -> Option<&'v Value> {
        self.paths
            .get(field)?
            .first(item)
            .filter(|value| !value.is_null())
    }

    pub fn all<'v>(&self, field: &str, item: &'v Value) -> Vec<&'v Value> {
        let found = self
            .paths
            .get(field)
            .map(|path| path.find(item))
            .unwrap_or_default();
        let each = found.into_iter().flat_map(|found| match found {
            Value::Array(items) => items.iter().collect(),
            other => vec![other],
        });
        each.collect()
    }
}

fn fault_in(name: &str, fault: String) -> FieldError {
    FieldError::new(format!("settings.mapping.{name}"), fault)
}

/// Words, numbers and truth values, compared and shown as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
