//! From one of Shopify's webhooks to its event: the topic is in a header, the body is the bare resource.

use serde_json::Value;
use switchboard_domain::Timestamp;

use super::{
    resource::{self, Resource},
    topic,
    verify::header,
};
use crate::{CommerceEvent, Event, Inbound, Verified, json, shop};

pub(super) fn normalise(request: &Verified, received_at: Timestamp) -> Inbound {
    let topic = header(request, "topic").unwrap_or("unknown");
    let raw = String::from_utf8_lossy(request.body()).into_owned();
    let event = match json::tree(request.body()).and_then(|body| resource_of(topic, &body)) {
        Some(resource) => Event::Commerce(commerce(resource, request, topic, raw, received_at)),
        None => Event::Unsupported {
            kind: topic.to_owned(),
            raw,
        },
    };
    Inbound {
        provider_account_id: header(request, "shop-domain").map(str::to_lowercase),
        event,
    }
}

fn resource_of(topic: &str, body: &Value) -> Option<Resource> {
    let (kind, describes) = topic::known(topic)?;
    resource::read(kind, describes, body)
}

fn commerce(
    resource: Resource,
    request: &Verified,
    topic: &str,
    raw: String,
    received_at: Timestamp,
) -> CommerceEvent {
    let changed_at = resource.changed_at.as_deref();
    let triggered_at = header(request, "triggered-at");
    let occurred_at = [changed_at, triggered_at]
        .into_iter()
        .flatten()
        .find_map(|text| shop::time(text, received_at));
    CommerceEvent {
        kind: resource.kind,
        event_id: event_id(&resource, request, topic),
        external_id: resource.external_id,
        customer: resource.customer,
        order_number: resource.order_number,
        total: resource.total,
        currency: resource.currency,
        status: resource.status,
        line_items: resource.line_items,
        occurred_at: occurred_at.unwrap_or(received_at),
        raw,
    }
}

/// `X-Shopify-Event-Id` is the same for everything one action caused, so topic, resource and its time are part of it;
/// two subscriptions to one topic then tell one event. `X-Shopify-Webhook-Id` knows only the retries of one delivery.
fn event_id(resource: &Resource, request: &Verified, topic: &str) -> String {
    let state = resource.changed_at.as_deref().unwrap_or("-");
    let id = &resource.part_id;
    match (header(request, "event-id"), header(request, "webhook-id")) {
        (Some(event), _) => format!("{event}:{topic}:{id}:{state}"),
        (None, Some(delivery)) => delivery.to_owned(),
        (None, None) => format!("{topic}:{id}:{state}"),
    }
}
