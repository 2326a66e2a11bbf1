//! Topics that no real payload among the fixtures shows, damage, and what makes two deliveries one event.

use serde_json::{Value, json};
use switchboard_connectors::{CommerceEvent, CommerceKind, Event, Outgoing, SendDecision};
use switchboard_domain::{Content, Media, MessageId, Timestamp};

use crate::{
    account::{account, normalise, received_at, woocommerce},
    credentials::client,
};

fn event(headers: &[(&str, &str)], body: &Value) -> Event {
    let mut inbound = normalise(headers, body.to_string().as_bytes());
    assert_eq!(inbound.len(), 1);
    inbound.remove(0).event
}

fn commerce(headers: &[(&str, &str)], body: &Value) -> CommerceEvent {
    match event(headers, body) {
        Event::Commerce(event) => event,
        other => panic!("{headers:?}: {other:?}"),
    }
}

#[test]
fn every_topic_of_orders_and_customers() {
    for (topic, kind) in [
        ("order.created", CommerceKind::OrderCreated),
        ("order.updated", CommerceKind::OrderUpdated),
        ("order.deleted", CommerceKind::OrderDeleted),
        ("order.restored", CommerceKind::OrderRestored),
        ("customer.created", CommerceKind::CustomerCreated),
        ("customer.updated", CommerceKind::CustomerUpdated),
        ("customer.deleted", CommerceKind::CustomerDeleted),
    ] {
        let event = commerce(&[("X-WC-Webhook-Topic", topic)], &json!({ "id": 727 }));
        assert_eq!((event.kind, event.external_id.as_str()), (kind, "727"));
        assert_eq!(event.occurred_at, received_at());
    }
}

#[test]
fn anything_else_is_kept() {
    for (topic, body) in [
        ("product.created", json!({ "id": 1 })),
        ("coupon.updated", json!({ "id": 1 })),
        (
            "action.woocommerce_add_to_cart",
            json!({ "action": "woocommerce_add_to_cart", "arg": "x" }),
        ),
        ("order.created", json!({ "id": 0 })),
        ("order.created", json!({ "id": null })),
        (
            "order.created",
            json!({ "code": "woocommerce_rest_shop_order_invalid_id", "data": { "status": 404 } }),
        ),
    ] {
        let kept = event(&[("X-WC-Webhook-Topic", topic)], &body);
        assert!(
            matches!(&kept, Event::Unsupported { kind, .. } if kind == topic),
            "{topic}: {kept:?}"
        );
    }
    assert!(matches!(event(&[], &json!({ "id": 1 })), Event::Unsupported { kind, .. } if kind == "unknown"));
}

#[test]
fn a_guest_is_known_by_the_billing_address() {
    let order = json!({
        "id": 1, "customer_id": 0, "date_modified_gmt": "2025-10-09T08:53:20",
        "billing": { "first_name": "Ann", "last_name": "", "email": "Ann@Example.com", "phone": "+49 (30) 123-456" },
    });
    let event = commerce(&[("X-WC-Webhook-Topic", "order.created")], &order);
    let guest = event.customer.unwrap();
    assert_eq!(
        (guest.external_id.as_str(), guest.name.as_deref()),
        ("ann@example.com", Some("Ann"))
    );
    assert_eq!(guest.aliases, ["+4930123456"]);
    assert_eq!(event.occurred_at, Timestamp::from_secs(1_760_000_000));
    let mut known = order;
    known["customer_id"] = json!(25);
    let customer = commerce(&[("X-WC-Webhook-Topic", "order.created")], &known)
        .customer
        .unwrap();
    assert_eq!(customer.external_id, "25");
    assert_eq!(customer.aliases, ["ann@example.com", "+4930123456"]);
}

/// The delivery's id is neither unique nor the same twice, so it counts only where nothing else tells.
#[test]
fn the_same_state_told_twice_is_one_event() {
    let id = |topic: &str, delivery: &str, body: &Value| {
        let headers = [
            ("X-WC-Webhook-Topic", topic),
            ("X-WC-Webhook-Delivery-ID", delivery),
        ];
        commerce(&headers, body).event_id
    };
    let order = json!({ "id": 1, "date_modified_gmt": "2025-10-09T08:53:20" });
    let later = json!({ "id": 1, "date_modified_gmt": "2025-10-09T08:53:21" });
    assert_eq!(id("order.updated", "a", &order), id("order.updated", "b", &order));
    assert_ne!(id("order.updated", "a", &order), id("order.updated", "a", &later));
    assert_ne!(id("order.updated", "a", &order), id("order.created", "a", &order));
    let gone = json!({ "id": 1 });
    assert_eq!(id("order.deleted", "a", &gone), id("order.deleted", "a", &gone));
    assert_ne!(id("order.deleted", "a", &gone), id("order.deleted", "b", &gone));
}

#[test]
fn times_without_a_zone_we_know_are_not_guessed() {
    for body in [
        json!({ "id": 1, "date_modified": "2025-10-09T08:53:20" }),
        json!({ "id": 1, "date_modified_gmt": "soon" }),
        json!({ "id": 1, "date_modified_gmt": "2126-01-01T00:00:00" }),
    ] {
        let event = commerce(&[("X-WC-Webhook-Topic", "order.updated")], &body);
        assert_eq!(event.occurred_at, received_at(), "{body}");
    }
}

#[tokio::test]
async fn nothing_can_be_sent_through_a_shop() {
    let (http, account, media) = (client(), account(None), Media::default());
    let outgoing = Outgoing {
        message_id: MessageId::from("m-1"),
        to: "7".to_owned(),
        content: Content::text("hello"),
        reply_to: None,
        thread: None,
        files: Vec::new(),
    };
    let errors = [
        woocommerce().send(&http, &account, &outgoing).await.unwrap_err(),
        woocommerce().mark_read(&http, &account, "1").await.unwrap_err(),
        woocommerce()
            .fetch_media(&http, &account, &media)
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "not_supported")
        );
        assert!(error.message.contains("WooCommerce"), "{error}");
    }
}
