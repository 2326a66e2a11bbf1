//! A customer's orders, as shops tell them, and what routing rules may ask of them.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::Timestamp;

/// An order as its shop told it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// In the shop's own words.
    pub status: Option<String>,
    /// As the shop writes it: money is never a float.
    pub total: Option<String>,
    pub currency: Option<String>,
    pub ordered_at: Timestamp,
}

/// What a condition may ask of a customer's orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderFact {
    /// How many there are, without those that were cancelled. Known of everybody: zero without any.
    Count,
    /// What these came to, in the currency of the latest.
    Total,
    /// Of the latest one, in its shop's own words.
    LastStatus,
    LastAt,
    /// Whole days since then.
    DaysSinceLast,
}

impl Order {
    /// Shops spell it with one or two l.
    fn is_cancelled(&self) -> bool {
        let status = self.status.as_deref().unwrap_or_default();
        status.eq_ignore_ascii_case("cancelled") || status.eq_ignore_ascii_case("canceled")
    }

    /// In hundredths of a cent; none if it isn't an amount.
    fn amount(&self) -> Option<i128> {
        let text = self.total.as_deref()?.trim();
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 20 || part.len() > 4 || !digits(whole) || !digits(part) {
            return None;
        }
        format!("{whole}{part:0<4}").parse().ok()
    }
}

/// What is known of somebody with these orders.
pub fn order_facts(orders: &[Order], now: Timestamp) -> BTreeMap<OrderFact, Value> {
    let valid = || orders.iter().filter(|order| !order.is_cancelled());
    let mut facts = BTreeMap::from([(OrderFact::Count, Value::from(valid().count()))]);
    let Some(last) = orders.iter().max_by_key(|order| order.ordered_at) else {
        return facts;
    };
    let same = valid().filter(|order| order.currency == last.currency);
    let total: i128 = same.filter_map(Order::amount).sum();
    facts.insert(OrderFact::Total, Value::from(written(total)));
    if let Some(status) = &last.status {
        facts.insert(OrderFact::LastStatus, Value::from(status.clone()));
    }
    facts.insert(OrderFact::LastAt, Value::from(last.ordered_at.to_string()));
    let days = now.since(last.ordered_at).as_secs() / Duration::from_hours(24).as_secs();
    facts.insert(OrderFact::DaysSinceLast, Value::from(days));
    facts
}

/// With two decimals, or as many as it takes.
fn written(amount: i128) -> String {
    let text = format!("{}.{:04}", amount / 10_000, amount % 10_000);
    text.strip_suffix("00").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(total: &str, currency: &str, status: &str, days: i64) -> Order {
        Order {
            status: Some(status.to_owned()),
            total: Some(total.to_owned()),
            currency: Some(currency.to_owned()),
            ordered_at: Timestamp::from_secs(days * 86_400),
        }
    }

    #[test]
    fn money_adds_up_to_the_cent_in_one_currency_and_cancelled_orders_count_nothing() {
        let orders = [
            order("0.10", "EUR", "paid", 1),
            order("0.20", "EUR", "pending", 3),
            order("100", "USD", "paid", 2),
            order("50.00", "EUR", "cancelled", 2),
            order("1e9", "EUR", "paid", 1),
        ];
        let facts = order_facts(&orders, Timestamp::from_secs(5 * 86_400 + 10));
        let expected = [
            (OrderFact::Count, json!(4)),
            (OrderFact::Total, json!("0.30")),
            (OrderFact::LastStatus, json!("pending")),
            (OrderFact::LastAt, json!("1970-01-04T00:00:00.000Z")),
            (OrderFact::DaysSinceLast, json!(2)),
        ];
        assert_eq!(facts, BTreeMap::from(expected));
    }

    #[test]
    fn without_orders_there_are_none() {
        let facts = order_facts(&[], Timestamp::default());
        assert_eq!(facts, BTreeMap::from([(OrderFact::Count, json!(0))]));
        assert_eq!(written(1_299_000), "129.90");
        assert_eq!(written(12_345), "1.2345");
    }
}
