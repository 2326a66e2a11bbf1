//! One item of a payload, as a message for each of its files, or as one of words.

use std::time::Duration;

use serde_json::Value;
use switchboard_domain::{Content, Timestamp};

use super::{
    attachment,
    mapping::{Mapping, scalar},
};
use crate::{InboundMessage, Sender};

/// A sender's clock may run ahead of ours by so much; beyond, its time is taken for a mistake.
const MAX_AHEAD: Duration = Duration::from_hours(24);

/// None: not of the kind that is wanted, nobody wrote it, or it says nothing.
pub(super) fn messages(
    item: &Value,
    mapping: &Mapping,
    webhook_id: &str,
    received_at: Timestamp,
) -> Option<Vec<InboundMessage>> {
    if !mapping.admits(item) {
        return None;
    }
    let sender = sender(item, mapping)?;
    let id = identifier("message_id", item, mapping).unwrap_or_else(|| webhook_id.to_owned());
    let words = words("text", item, mapping);
    let mut contents = attachment::contents(item, mapping, words.clone());
    if contents.is_empty() {
        contents.push(Content::text(words?));
    }
    let provider_at = mapping
        .first("timestamp", item)
        .and_then(time)
        .filter(|at| at.as_millis() > 0 && *at <= received_at.plus(MAX_AHEAD))
        .unwrap_or(received_at);
    let message = |(nth, content)| InboundMessage {
        provider_message_id: if nth == 0 {
            id.clone()
        } else {
            format!("{id}#{nth}")
        },
        sender: sender.clone(),
        content,
        provider_at,
        reply_to: identifier("reply_to", item, mapping),
        group_id: identifier("group_id", item, mapping),
        forwarded: false,
        referral: None,
    };
    Some(contents.into_iter().enumerate().map(message).collect())
}

fn sender(item: &Value, mapping: &Mapping) -> Option<Sender> {
    let external_id = identifier("sender_id", item, mapping)?;
    let address = identifier("sender_address", item, mapping);
    Some(Sender {
        address: address.filter(|address| *address != external_id),
        external_id,
        aliases: Vec::new(),
        name: words("sender_name", item, mapping),
    })
}

/// A string that isn't empty, or a whole number: an id never goes through a float.
fn identifier(field: &str, item: &Value, mapping: &Mapping) -> Option<String> {
    let value = mapping.first(field, item)?;
    scalar(value).filter(|id| !id.trim().is_empty() && !value.is_f64() && !value.is_boolean())
}

fn words(field: &str, item: &Value, mapping: &Mapping) -> Option<String> {
    mapping
        .first(field, item)
        .and_then(scalar)
        .filter(|text| !text.trim().is_empty())
}

/// A number's unit shows in its size: seconds reach 1e11 in the year 5138, milliseconds were past it in 1973.
fn time(value: &Value) -> Option<Timestamp> {
    let text = scalar(value)?;
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    Some(match number {
        ..100_000_000_000 => {
            let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
            Timestamp::from_millis(number.saturating_mul(1000).saturating_add(millis.parse().ok()?))
        }
        100_000_000_000..100_000_000_000_000 => Timestamp::from_millis(number),
        100_000_000_000_000..100_000_000_000_000_000 => Timestamp::from_millis(number / 1000),
        _ => Timestamp::from_millis(number / 1_000_000),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_in_every_unit() {
        let at = Timestamp::from_millis(1_760_000_000_123);
        for value in [
            json!("2025-10-09T08:53:20.123Z"),
            json!("2025-10-09T10:53:20.123+02:00"),
            json!("1760000000.123456"),
            json!(1_760_000_000.123),
            json!(1_760_000_000_123_i64),
            json!("1760000000123"),
            json!(1_760_000_000_123_456_i64),
            json!(1_760_000_000_123_456_789_i64),
        ] {
            assert_eq!(time(&value), Some(at), "{value}");
        }
        assert_eq!(
            time(&json!(1_760_000_000)),
            Some(Timestamp::from_secs(1_760_000_000))
        );
        for bad in [
            json!("soon"),
            json!(""),
            json!("1.x"),
            json!("1.2.3"),
            json!(null),
            json!([1]),
        ] {
            assert_eq!(time(&bad), None, "{bad}");
        }
    }
}
