//! Reading stream entries out of Redis's answers.

use bytes::Bytes;
use redis::Value;

/// Field of a job's payload.
pub const PAYLOAD: &str = "p";
/// Field of how often it was attempted; absent on a new job.
pub const ATTEMPTS: &str = "a";
/// Field of when it was first appended, in milliseconds; absent where the id says it.
pub const FIRST: &str = "f";

/// One entry: its id and its fields. The bytes are those of the answer, not a copy.
#[derive(Debug)]
pub struct Entry {
    pub id: String,
    fields: Vec<(Bytes, Bytes)>,
}

impl Entry {
    /// `[id, [field, value, …]]`; `None` for anything else, and for an entry whose data was deleted.
    pub fn read(value: Value) -> Option<Self> {
        let Value::Array(parts) = value else { return None };
        let [id, fields] = <[Value; 2]>::try_from(parts).ok()?;
        let id = String::from_utf8(bytes(id)?.into()).ok()?;
        let Value::Array(fields) = fields else { return None };
        let mut pairs = Vec::with_capacity(fields.len() / 2);
        let mut fields = fields.into_iter();
        while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
            pairs.push((bytes(name)?, bytes(value)?));
        }
        Some(Self { id, fields: pairs })
    }

    /// Every entry of a list of entries (`XRANGE`).
    pub fn list(value: Value) -> Vec<Self> {
        let Value::Array(entries) = value else {
            return Vec::new();
        };
        entries.into_iter().filter_map(Self::read).collect()
    }

    /// The entries of the one stream that was read (`XREAD`, `XREADGROUP`); none if it timed out.
    pub fn of_stream(value: Value) -> Vec<Self> {
        let stream = match value {
            Value::Array(streams) => streams.into_iter().next(),
            // RESP3 answers a map.
            Value::Map(streams) => {
                return streams
                    .into_iter()
                    .next()
                    .map_or(Vec::new(), |(_, v)| Self::list(v));
            }
            _ => None,
        };
        match stream {
            Some(Value::Array(parts)) => parts.into_iter().nth(1).map_or(Vec::new(), Self::list),
            _ => Vec::new(),
        }
    }

    /// A field's bytes; empty if it isn't there.
    pub fn bytes(&self, name: &str) -> Bytes {
        self.find(name).cloned().unwrap_or_default()
    }

    /// A field as text; empty if it isn't there.
    pub fn text(&self, name: &str) -> String {
        self.find(name)
            .map_or_else(String::new, |value| String::from_utf8_lossy(value).into_owned())
    }

    /// A field as a number; `None` if it isn't there or isn't one.
    pub fn number(&self, name: &str) -> Option<i64> {
        std::str::from_utf8(self.find(name)?).ok()?.parse().ok()
    }

    fn find(&self, name: &str) -> Option<&Bytes> {
        self.fields
            .iter()
            .find_map(|(field, value)| (field == name).then_some(value))
    }
}

/// The milliseconds in a stream id.
pub fn id_millis(id: &str) -> Option<i64> {
    id.split('-').next()?.parse().ok()
}

fn bytes(value: Value) -> Option<Bytes> {
    match value {
        Value::BulkString(bytes) => Some(bytes.into()),
        Value::SimpleString(text) => Some(text.into()),
        _ => None,
    }
}
