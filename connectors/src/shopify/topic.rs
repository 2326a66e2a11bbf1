//! Which of Shopify's topics are events, and what their bodies are (shopify.dev, "Webhook topics").

use crate::CommerceKind::{
    self, CheckoutCreated, CheckoutDeleted, CheckoutUpdated, CustomerCreated, CustomerDataRequested,
    CustomerDeleted, CustomerMerged, CustomerRedactRequested, CustomerUpdated, FulfilmentCreated,
    FulfilmentUpdated, OrderCancelled, OrderCreated, OrderDeleted, OrderFulfilled, OrderPaid,
    OrderPartiallyFulfilled, OrderRefunded, OrderUpdated, ShopRedactRequested,
};

/// What a topic's body describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Order,
    /// `{"order_edit": {"order_id": …}}`.
    OrderEdit,
    /// A refund or a fulfilment, which names its order.
    PartOfOrder,
    Checkout,
    Customer,
    Merge,
    /// What Shopify asks of every app for the privacy laws' sake, about a customer.
    Privacy,
    /// The same, about the whole shop.
    Shop,
}

pub(super) fn known(topic: &str) -> Option<(CommerceKind, Body)> {
    let row = TOPICS.iter().find(|(name, ..)| *name == topic)?;
    Some((row.1, row.2))
}

static TOPICS: &[(&str, CommerceKind, Body)] = &[
    ("orders/create", OrderCreated, Body::Order),
    ("orders/updated", OrderUpdated, Body::Order),
    ("orders/edited", OrderUpdated, Body::OrderEdit),
    ("orders/paid", OrderPaid, Body::Order),
    ("orders/partially_fulfilled", OrderPartiallyFulfilled, Body::Order),
    ("orders/fulfilled", OrderFulfilled, Body::Order),
    ("orders/cancelled", OrderCancelled, Body::Order),
    ("orders/delete", OrderDeleted, Body::Order),
    ("refunds/create", OrderRefunded, Body::PartOfOrder),
    ("fulfillments/create", FulfilmentCreated, Body::PartOfOrder),
    ("fulfillments/update", FulfilmentUpdated, Body::PartOfOrder),
    ("checkouts/create", CheckoutCreated, Body::Checkout),
    ("checkouts/update", CheckoutUpdated, Body::Checkout),
    ("checkouts/delete", CheckoutDeleted, Body::Checkout),
    ("customers/create", CustomerCreated, Body::Customer),
    ("customers/update", CustomerUpdated, Body::Customer),
    ("customers/enable", CustomerUpdated, Body::Customer),
    ("customers/disable", CustomerUpdated, Body::Customer),
    ("customers/delete", CustomerDeleted, Body::Customer),
    ("customers/merge", CustomerMerged, Body::Merge),
    ("customers/data_request", CustomerDataRequested, Body::Privacy),
    ("customers/redact", CustomerRedactRequested, Body::Privacy),
    ("shop/redact", ShopRedactRequested, Body::Shop),
];
