//! What the shops' connectors share: reading a resource whose fields may be missing or damaged, and who a customer is.

use std::{num::NonZeroU32, time::Duration};

use serde_json::Value;
use switchboard_domain::Timestamp;

use crate::{Capabilities, LineItem, SendError, Sender, text::TextUnit};

/// Nothing can be sent through a shop.
pub(crate) const fn capabilities(title: &'static str, colour: &'static str) -> Capabilities {
    Capabilities {
        title,
        colour,
        can_send: false,
        reply_window: None,
        max_text: 0,
        text_unit: TextUnit::Chars,
        max_caption_chars: 0,
        media: &[],
        receipts: &[],
        sends_per_second: NonZeroU32::MIN,
        reactions: false,
        templates: false,
        interactive: false,
        replies: false,
        read_receipts: false,
        idempotent_send: false,
    }
}

/// A shop's clock may run ahead of ours by so much; beyond, its time is taken for a mistake.
const MAX_AHEAD: Duration = Duration::from_hours(24);

/// Words, or a number as it is written.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An id: never empty, never through a float. Zero is how shops write "nobody".
pub(crate) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(_) => text(value).filter(|id| id != "0"),
        Value::Number(number) => number.as_u64().filter(|id| *id > 0).map(|id| id.to_string()),
        _ => None,
    }
}

/// RFC 3339. What can't be a time is none.
pub(crate) fn time(text: &str, received_at: Timestamp) -> Option<Timestamp> {
    let at: Timestamp = text.parse().ok()?;
    (at.as_millis() > 0 && at <= received_at.plus(MAX_AHEAD)).then_some(at)
}

/// First and last name, as far as they are there.
pub(crate) fn full_name(person: &Value) -> Option<String> {
    let names = [text(&person["first_name"]), text(&person["last_name"])];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

/// The customer with this id; a guest has none and is known by e-mail or phone number.
pub(crate) fn customer(
    id: Option<String>,
    name: Option<String>,
    emails: &[&Value],
    phones: &[&Value],
) -> Option<Sender> {
    let emails = emails.iter().filter_map(|email| self::email(email));
    let phones = phones.iter().filter_map(|number| phone(number));
    let mut ids: Vec<String> = Vec::new();
    for known_by in id.into_iter().chain(emails).chain(phones) {
        if !ids.contains(&known_by) {
            ids.push(known_by);
        }
    }
    let mut ids = ids.into_iter();
    Some(Sender {
        external_id: ids.next()?,
        aliases: ids.collect(),
        name,
        address: None,
    })
}

fn email(value: &Value) -> Option<String> {
    let address = value.as_str()?.trim().to_lowercase();
    address.contains('@').then_some(address)
}

/// An international number without its punctuation. Any other stays as it was typed: which country it is of only the
/// shop knows, and digits alone could be somebody else's id.
fn phone(value: &Value) -> Option<String> {
    let number = text(value)?;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return None;
    }
    let is_international = number.starts_with('+') && !number.chars().any(char::is_alphabetic);
    Some(if is_international {
        format!("+{digits}")
    } else {
        number
    })
}

/// Items that aren't objects are left to the raw event.
pub(crate) fn line_items(list: &Value) -> Vec<LineItem> {
    let items = list.as_array().map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .filter(|item| item.is_object())
        .map(line_item)
        .collect()
}

fn line_item(item: &Value) -> LineItem {
    let quantity = &item["quantity"];
    LineItem {
        product_id: id(&item["product_id"]),
        sku: text(&item["sku"]),
        title: text(&item["name"])
            .or_else(|| text(&item["title"]))
            .unwrap_or_default(),
        quantity: quantity
            .as_f64()
            .or_else(|| quantity.as_str()?.trim().parse().ok())
            .filter(|quantity| quantity.is_finite()),
        price: text(&item["price"]),
    }
}

/// A shop is no chat.
pub(crate) fn cannot_send(shop: &str) -> SendError {
    SendError::give_up(
        "not_supported",
        format!("{shop} is a shop and carries no messages. Write to the customer on another channel."),
    )
}

pub(crate) fn has_no_files(shop: &str) -> SendError {
    SendError::give_up("not_supported", format!("{shop} sends no files."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_keep_every_digit_and_nobody_is_zero() {
        assert_eq!(
            id(&json!(18_446_744_073_709_551_615_u64)).as_deref(),
            Some("18446744073709551615")
        );
        assert_eq!(id(&json!(" 7 ")).as_deref(), Some("7"));
        for nobody in [
            json!(0),
            json!("0"),
            json!(""),
            json!(-1),
            json!(1.0),
            json!(null),
            json!([1]),
        ] {
            assert_eq!(id(&nobody), None, "{nobody}");
        }
    }

    #[test]
    fn a_customer_is_known_by_everything_that_names_them() {
        let sender = customer(
            Some("7".to_owned()),
            None,
            &[
                &json!("Ann@Example.com "),
                &json!("ann@example.com"),
                &json!("nonsense"),
                &json!(7),
            ],
            &[
                &json!("+1 (555) 625-1199"),
                &json!("555-555-BILL"),
                &json!("(555) 555-5555"),
                &json!("none"),
            ],
        )
        .unwrap();
        assert_eq!(sender.external_id, "7");
        assert_eq!(
            sender.aliases,
            [
                "ann@example.com",
                "+15556251199",
                "555-555-BILL",
                "(555) 555-5555"
            ]
        );
        let guest = customer(None, None, &[&json!("ann@example.com")], &[]).unwrap();
        assert_eq!(
            (guest.external_id.as_str(), guest.aliases.len()),
            ("ann@example.com", 0)
        );
        assert_eq!(
            customer(None, Some("Ann".to_owned()), &[&json!("")], &[&json!(null)]),
            None
        );
    }

    #[test]
    fn quantities_may_be_fractions_and_texts() {
        let items = line_items(
            &json!([{ "name": "Cheese", "quantity": 0.25, "price": 14.5 }, { "quantity": "2" }, 7, { "quantity": "x" }]),
        );
        assert_eq!(
            items.iter().map(|item| item.quantity).collect::<Vec<_>>(),
            [Some(0.25), Some(2.0), None]
        );
        assert_eq!(items[0].price.as_deref(), Some("14.5"));
        assert_eq!(line_items(&json!("x")), []);
    }

    #[test]
    fn times_that_cannot_be_are_none() {
        let now = Timestamp::from_secs(1_760_000_000);
        assert_eq!(
            time("2016-05-17T04:14:36-04:00", now),
            Some(Timestamp::from_secs(1_463_472_876))
        );
        assert_eq!(
            time("2016-05-17T04:14:36-00:00", now),
            Some(Timestamp::from_secs(1_463_458_476))
        );
        for bad in [
            "",
            "2016-05-17T04:14:36",
            "2099-01-01T00:00:00Z",
            "1960-01-01T00:00:00Z",
            "soon",
        ] {
            assert_eq!(time(bad, now), None, "{bad}");
        }
    }
}
