//! From one of `WooCommerce`'s webhooks to its event: the topic is in a header, the body is the REST API's resource.

use serde_json::Value;
use switchboard_domain::Timestamp;

use crate::{
    CommerceEvent,
    CommerceKind::{
        self, CustomerCreated, CustomerDeleted, CustomerUpdated, OrderCreated, OrderDeleted, OrderRestored,
        OrderUpdated,
    },
    Event, Inbound, Sender, Verified, json,
    shop::{customer, full_name, id, line_items, text, time},
};

pub(super) fn normalise(request: &Verified, received_at: Timestamp) -> Inbound {
    let header = |name: &str| {
        request
            .header(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let topic = header("x-wc-webhook-topic").unwrap_or("unknown");
    let delivery = header("x-wc-webhook-delivery-id");
    let raw = String::from_utf8_lossy(request.body()).into_owned();
    let event = json::tree(request.body()).and_then(|body| {
        let kind = kind(topic)?;
        let mut event = match kind {
            CustomerCreated | CustomerUpdated | CustomerDeleted => of_customer(kind, &body)?,
            _ => of_order(kind, &body)?,
        };
        event.event_id = event_id(topic, &body, &event.external_id, delivery);
        event.occurred_at = changed_at(&body, received_at).unwrap_or(received_at);
        Some(event)
    });
    let source = header("x-wc-webhook-source").map(|source| source.trim_end_matches('/').to_owned());
    Inbound {
        provider_account_id: source,
        event: match event {
            Some(event) => Event::Commerce(CommerceEvent { raw, ..event }),
            None => Event::Unsupported {
                kind: topic.to_owned(),
                raw,
            },
        },
    }
}

fn kind(topic: &str) -> Option<CommerceKind> {
    Some(match topic {
        "order.created" => OrderCreated,
        "order.updated" => OrderUpdated,
        "order.deleted" => OrderDeleted,
        "order.restored" => OrderRestored,
        "customer.created" => CustomerCreated,
        "customer.updated" => CustomerUpdated,
        "customer.deleted" => CustomerDeleted,
        _ => return None,
    })
}

fn of_order(kind: CommerceKind, order: &Value) -> Option<CommerceEvent> {
    Some(CommerceEvent {
        customer: person(id(&order["customer_id"]), &Value::Null, order),
        order_number: text(&order["number"]),
        total: text(&order["total"]),
        currency: text(&order["currency"]),
        status: text(&order["status"]),
        line_items: line_items(&order["line_items"]),
        ..blank(kind, order)?
    })
}

fn of_customer(kind: CommerceKind, customer: &Value) -> Option<CommerceEvent> {
    let blank = blank(kind, customer)?;
    let external_id = Some(blank.external_id.clone());
    Some(CommerceEvent {
        customer: person(external_id, customer, customer),
        ..blank
    })
}

/// What is left of a deleted one: its id.
fn blank(kind: CommerceKind, resource: &Value) -> Option<CommerceEvent> {
    Some(CommerceEvent {
        kind,
        external_id: id(&resource["id"])?,
        event_id: String::new(),
        customer: None,
        order_number: None,
        total: None,
        currency: None,
        status: None,
        line_items: Vec::new(),
        occurred_at: Timestamp::default(),
        raw: String::new(),
    })
}

/// An account has a name and an e-mail address of its own; a guest only the billing address. Who a parcel goes to may be
/// somebody else.
fn person(id: Option<String>, account: &Value, billed: &Value) -> Option<Sender> {
    let billing = &billed["billing"];
    customer(
        id,
        full_name(account).or_else(|| full_name(billing)),
        &[&account["email"], &billing["email"]],
        &[&billing["phone"]],
    )
}

/// `X-WC-Webhook-Delivery-ID` is neither unique nor the same twice, so an event is known by the state it tells. A
/// deletion tells none, and may follow another one (the order was restored in between): there the delivery has to do.
fn event_id(topic: &str, resource: &Value, id: &str, delivery: Option<&str>) -> String {
    let state = modified(resource).or(delivery).unwrap_or("-");
    format!("{topic}:{id}:{state}")
}

fn modified(resource: &Value) -> Option<&str> {
    resource["date_modified_gmt"]
        .as_str()
        .or_else(|| resource["date_created_gmt"].as_str())
}

/// Written without an offset; the fields that aren't `_gmt` are in a zone that only the shop knows.
fn changed_at(resource: &Value, received_at: Timestamp) -> Option<Timestamp> {
    let text = modified(resource)?.trim_end_matches('Z');
    time(&format!("{text}Z"), received_at)
}
