//! What a shop tells: orders, customers and checkouts, the same for every shop.

use serde::{Deserialize, Serialize};
use switchboard_domain::Timestamp;

use crate::Sender;

/// Something happened in a shop. Shops repeat themselves and keep no order, so what counts of several events about one
/// thing is the one with the latest `occurred_at`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommerceEvent {
    pub kind: CommerceKind,
    /// The shop's id of what it is about: an order (also for its refunds and fulfilments), a customer, a checkout.
    pub external_id: String,
    /// Of the event itself: the same when the shop sends it again.
    pub event_id: String,
    /// Whose order it is, or who it is about; e-mail and phone number are among the aliases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Sender>,
    /// What the customer knows the order by, as `#1001`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// As the shop writes it: money is never a float.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// In the shop's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line_items: Vec<LineItem>,
    /// The shop's time of the state that is told; ours, if it names none.
    pub occurred_at: Timestamp,
    /// The webhook's body.
    pub raw: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommerceKind {
    OrderCreated,
    OrderUpdated,
    OrderPaid,
    OrderPartiallyFulfilled,
    OrderFulfilled,
    OrderCancelled,
    OrderRefunded,
    OrderDeleted,
    OrderRestored,
    FulfilmentCreated,
    FulfilmentUpdated,
    CheckoutCreated,
    CheckoutUpdated,
    CheckoutDeleted,
    CustomerCreated,
    CustomerUpdated,
    CustomerDeleted,
    /// Two customers became one: `external_id` stays, the other one is an alias.
    CustomerMerged,
    /// The law asks for what is stored of a customer.
    CustomerDataRequested,
    /// The law asks for a customer to be forgotten.
    CustomerRedactRequested,
    /// The shop left, and all of it is to be forgotten.
    ShopRedactRequested,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    pub title: String,
    /// Some shops sell by weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<f64>,
    /// Of one piece, as the shop writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
}
