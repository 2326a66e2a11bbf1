//! What is known of a conversation when a rule looks at it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{BranchId, CalendarId, Channel, Field, OrderFact};

/// The facts that conditions are checked against, as they stand now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub channel: Channel,
    /// The channel account's own name (`wa-demo`).
    pub account_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_id: Option<BranchId>,
    /// Language tag (BCP 47), if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The customer's last message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The calendars that are open now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_hours: Vec<CalendarId>,
    /// Attributes of the customer by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub customer: BTreeMap<String, Value>,
    /// What is known of the customer's orders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub orders: BTreeMap<OrderFact, Value>,
}

impl Facts {
    /// Only what is always known.
    pub fn new(channel: Channel, account_id: impl Into<String>) -> Self {
        Self {
            channel,
            account_id: account_id.into(),
            branch_id: None,
            language: None,
            text: String::new(),
            labels: Vec::new(),
            open_hours: Vec::new(),
            customer: BTreeMap::new(),
            orders: BTreeMap::new(),
        }
    }

    /// The values of a field, folded for comparison; none if it isn't known.
    pub(crate) fn values(&self, field: &Field) -> Vec<String> {
        match field {
            Field::Channel => vec![fold(self.channel.as_str())],
            Field::Account => vec![fold(&self.account_id)],
            Field::Branch => self.branch_id.iter().map(|id| fold(id.as_str())).collect(),
            Field::Language => self.language.iter().map(|tag| fold(tag)).collect(),
            Field::Text if self.text.is_empty() => Vec::new(),
            Field::Text => vec![fold(&self.text)],
            Field::Labels => self.labels.iter().map(|label| fold(label)).collect(),
            Field::Hours => self.open_hours.iter().map(|id| fold(id.as_str())).collect(),
            Field::Customer(name) => self.customer.get(name).map(scalars).unwrap_or_default(),
            Field::Order(fact) => self.orders.get(fact).map(scalars).unwrap_or_default(),
        }
    }

    /// Whether the field holds a set of values rather than one text.
    pub(crate) fn is_set(&self, field: &Field) -> bool {
        match field {
            Field::Labels | Field::Hours => true,
            Field::Customer(name) => self.customer.get(name).is_some_and(Value::is_array),
            _ => false,
        }
    }
}

/// The folded texts of a JSON scalar, or of each scalar in an array; nothing for null and objects.
pub(crate) fn scalars(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(scalar).collect(),
        single => scalar(single).into_iter().collect(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(fold(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Folds case: up, then down, as some letters (ß, ς) only meet their other spellings on the way.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}
