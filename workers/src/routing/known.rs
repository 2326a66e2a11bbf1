//! What is known of those who wait, as far as rules ask for it.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use switchboard_domain::{Customer, CustomerId, Order, OrderFact, Timestamp, order_facts};
use switchboard_routing::Facts;
use switchboard_store::Routable;

use super::setting::Setting;
use crate::{Hub, error::WorkError};

/// Customers by id, and their orders where some rule asks.
#[derive(Default)]
pub(super) struct Known {
    customers: HashMap<CustomerId, Customer>,
    orders: HashMap<CustomerId, BTreeMap<OrderFact, Value>>,
}

impl Hub {
    pub(super) async fn known(&self, waiting: &[Routable], setting: &Setting) -> Result<Known, WorkError> {
        if !setting.asks_customers() {
            return Ok(Known::default());
        }
        let ids = waiting.iter().map(|one| one.conversation.customer_id.clone());
        let customers = self.store.customers.get_many(&ids.collect::<Vec<_>>()).await?;
        let orders = if setting.asks_orders() {
            self.orders_of(&customers, setting.now).await?
        } else {
            HashMap::new()
        };
        Ok(Known {
            customers: customers
                .into_iter()
                .map(|customer| (customer.id.clone(), customer))
                .collect(),
            orders,
        })
    }

    /// What rules may ask of these customers' orders.
    pub async fn orders_of(
        &self,
        customers: &[Customer],
        now: Timestamp,
    ) -> Result<HashMap<CustomerId, BTreeMap<OrderFact, Value>>, WorkError> {
        let keys: Vec<String> = customers.iter().flat_map(Customer::contact_keys).collect();
        let found = self.store.orders.of(&keys).await?;
        let facts = customers.iter().map(|customer| {
            // Known by e-mail and by phone, an order is found twice.
            let own: BTreeMap<&String, &Order> = customer
                .contact_keys()
                .iter()
                .filter_map(|key| found.get(key))
                .flatten()
                .map(|(id, order)| (id, order))
                .collect();
            let orders: Vec<Order> = own.into_values().cloned().collect();
            (customer.id.clone(), order_facts(&orders, now))
        });
        Ok(facts.collect())
    }
}

impl Known {
    /// Adds what is known of this customer.
    pub fn tell(&self, facts: &mut Facts, customer: &CustomerId) {
        if let Some(orders) = self.orders.get(customer) {
            facts.orders.clone_from(orders);
        }
        if let Some(customer) = self.customers.get(customer) {
            facts.language.clone_from(&customer.language);
            facts.customer = attributes(customer);
        }
    }
}

/// What a rule may ask of a customer by name; what everybody has wins over what was given them.
fn attributes(customer: &Customer) -> BTreeMap<String, Value> {
    let known = [
        ("name", &customer.name),
        ("phone", &customer.phone),
        ("email", &customer.email),
    ];
    let known = known
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value.clone()?))));
    customer.attributes.clone().into_iter().chain(known).collect()
}
