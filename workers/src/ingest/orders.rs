//! What is to be known of customers besides their messages: their orders, and the language they read.

use std::sync::Arc;

use switchboard_connectors::{
    CommerceEvent,
    CommerceKind::{
        OrderCancelled, OrderCreated, OrderDeleted, OrderFulfilled, OrderPaid, OrderPartiallyFulfilled,
        OrderRestored, OrderUpdated,
    },
};
use switchboard_domain::{ChannelAccount, email_key, phone_key};
use switchboard_store::{OrderState, ToldLanguage};

use crate::{Hub, error::WorkError};

impl Hub {
    pub(super) async fn apply_orders(
        &self,
        told: &[(Arc<ChannelAccount>, CommerceEvent)],
    ) -> Result<(), WorkError> {
        let states: Vec<OrderState> = told
            .iter()
            .filter_map(|(account, event)| state(account, event))
            .collect();
        Ok(self.store.orders.put(&states).await?)
    }

    pub(super) async fn apply_languages(&self, told: &[ToldLanguage]) -> Result<(), WorkError> {
        Ok(self.store.customers.tell_languages(told).await?)
    }
}

/// The order as it is now, if the event tells that; a refund or a parcel tells of itself.
fn state(account: &ChannelAccount, event: &CommerceEvent) -> Option<OrderState> {
    let deleted = event.kind == OrderDeleted;
    let whole = matches!(
        event.kind,
        OrderCreated
            | OrderUpdated
            | OrderPaid
            | OrderPartiallyFulfilled
            | OrderFulfilled
            | OrderCancelled
            | OrderRestored
    ) && (event.total.is_some() || event.status.is_some());
    if !deleted && !whole {
        return None;
    }
    let known_by = event.customer.iter().flat_map(|customer| {
        let aliases = customer.aliases.iter();
        aliases.chain([&customer.external_id])
    });
    // A number without its country could be somebody else's, as the shop's own id for a customer could.
    let contact_keys = known_by.filter_map(|name| {
        let international = name.starts_with('+').then(|| phone_key(name)).flatten();
        email_key(name).or(international)
    });
    Some(OrderState {
        account: account.key.clone(),
        order_id: event.external_id.clone(),
        number: event.order_number.clone(),
        status: event.status.clone(),
        total: event.total.clone(),
        currency: event.currency.clone(),
        contact_keys: contact_keys.collect(),
        at: event.occurred_at,
        deleted,
    })
}
