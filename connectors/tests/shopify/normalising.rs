//! Topics that no real payload among the fixtures shows, damage, and what makes two deliveries one event.

use serde_json::{Value, json};
use switchboard_connectors::{CommerceEvent, CommerceKind, Event, Outgoing, SendDecision};
use switchboard_domain::{Content, Media, MessageId, Timestamp};

use crate::{
    account::{account, normalise, received_at, shopify},
    credentials::client,
};

fn event(headers: &[(&str, &str)], body: &Value) -> Event {
    let mut inbound = normalise(headers, body.to_string().as_bytes());
    assert_eq!(inbound.len(), 1);
    inbound.remove(0).event
}

fn commerce(topic: &str, body: &Value) -> CommerceEvent {
    match event(&[("X-Shopify-Topic", topic)], body) {
        Event::Commerce(event) => event,
        other => panic!("{topic}: {other:?}"),
    }
}

fn is_kept_as(topic: &str, body: &Value) -> bool {
    let raw_body = body.to_string();
    matches!(event(&[("X-Shopify-Topic", topic)], body), Event::Unsupported { kind, raw } if kind == topic && raw == raw_body)
}

#[test]
fn orders_in_all_their_stages() {
    for (topic, kind) in [
        ("orders/create", CommerceKind::OrderCreated),
        ("orders/updated", CommerceKind::OrderUpdated),
        ("orders/paid", CommerceKind::OrderPaid),
        (
            "orders/partially_fulfilled",
            CommerceKind::OrderPartiallyFulfilled,
        ),
        ("orders/fulfilled", CommerceKind::OrderFulfilled),
        ("orders/cancelled", CommerceKind::OrderCancelled),
        ("orders/delete", CommerceKind::OrderDeleted),
        ("checkouts/create", CommerceKind::CheckoutCreated),
        ("checkouts/update", CommerceKind::CheckoutUpdated),
        ("checkouts/delete", CommerceKind::CheckoutDeleted),
        ("customers/create", CommerceKind::CustomerCreated),
        ("customers/enable", CommerceKind::CustomerUpdated),
        ("customers/disable", CommerceKind::CustomerUpdated),
        ("customers/update", CommerceKind::CustomerUpdated),
        ("customers/delete", CommerceKind::CustomerDeleted),
    ] {
        let event = commerce(topic, &json!({ "id": 820_982_911_946_154_508_u64 }));
        assert_eq!(
            (event.kind, event.external_id.as_str()),
            (kind, "820982911946154508"),
            "{topic}"
        );
        assert_eq!(event.occurred_at, received_at());
        assert!(is_kept_as(topic, &json!({ "id": null })), "{topic}");
        assert!(is_kept_as(topic, &json!({})), "{topic}");
    }
}

#[test]
fn a_guest_is_known_by_what_they_typed() {
    let order = json!({
        "id": 1, "name": "#1001", "total_price": "199.65", "currency": "EUR", "financial_status": "paid",
        "cancelled_at": null, "updated_at": "2025-10-09T10:53:20+02:00", "customer": null,
        "email": "Jon@Doe.ca", "phone": "+1 613 555-0101",
        "billing_address": { "first_name": "Jon", "last_name": "Doe", "phone": "+16135550101" },
        "line_items": [{ "title": "Soda", "quantity": 2, "price": "1.50", "product_id": 7, "sku": "S-1" }],
    });
    let event = commerce("orders/paid", &order);
    let customer = event.customer.unwrap();
    assert_eq!(customer.external_id, "jon@doe.ca");
    assert_eq!(customer.aliases, ["+16135550101"]);
    assert_eq!(customer.name.as_deref(), Some("Jon Doe"));
    assert_eq!(event.occurred_at, Timestamp::from_secs(1_760_000_000));
    assert_eq!(event.status.as_deref(), Some("paid"));
    assert_eq!(
        (event.total.as_deref(), event.currency.as_deref()),
        (Some("199.65"), Some("EUR"))
    );
    assert_eq!(event.line_items[0].quantity, Some(2.0));
    let nobody = commerce("orders/paid", &json!({ "id": 1, "email": "", "customer": {} }));
    assert_eq!(nobody.customer, None);
}

#[test]
fn what_belongs_to_an_order_is_about_the_order() {
    let refund = json!({
        "id": 890_088_186_047_892_319_u64, "order_id": 820_982_911_946_154_508_u64, "created_at": "2025-10-09T08:53:20Z",
        "refund_line_items": [{ "quantity": 1, "line_item": { "name": "IPod Nano", "quantity": 1, "price": "199.00" } }],
        "transactions": [{ "kind": "refund", "amount": "199.00", "currency": "USD" }],
    });
    let event = commerce("refunds/create", &refund);
    assert_eq!(
        (event.kind, event.external_id.as_str()),
        (CommerceKind::OrderRefunded, "820982911946154508")
    );
    assert_eq!(event.line_items[0].title, "IPod Nano");
    assert_eq!(
        (event.total.as_deref(), event.currency.as_deref()),
        (Some("199.00"), Some("USD"))
    );
    assert!(
        event.event_id.contains("890088186047892319"),
        "{}",
        event.event_id
    );

    let shipped = json!({
        "id": 123_456, "order_id": 7, "status": "success", "shipment_status": "in_transit", "name": "#1001.1",
        "email": "jon@example.com", "destination": { "first_name": "Steve", "last_name": "Shipper" },
        "line_items": [{ "name": "IPod Nano", "quantity": 1 }],
    });
    let event = commerce("fulfillments/update", &shipped);
    assert_eq!(
        (event.external_id.as_str(), event.order_number.as_deref()),
        ("7", Some("#1001"))
    );
    assert_eq!(event.status.as_deref(), Some("in_transit"));
    assert_eq!(event.customer.unwrap().external_id, "jon@example.com");

    let edit = json!({ "order_edit": { "id": 78_912_328_793_u64, "order_id": 7, "created_at": "2025-10-09T08:53:20Z" } });
    let event = commerce("orders/edited", &edit);
    assert_eq!(
        (event.kind, event.external_id.as_str()),
        (CommerceKind::OrderUpdated, "7")
    );
    assert_eq!(event.occurred_at, Timestamp::from_secs(1_760_000_000));
}

#[test]
fn a_checkout_may_be_known_by_its_token_alone() {
    let checkout = json!({ "token": "123123123", "email": "a@b.example", "total_price": "398.00", "currency": "USD", "completed_at": null });
    let event = commerce("checkouts/create", &checkout);
    assert_eq!((event.external_id.as_str(), event.status), ("123123123", None));
    assert_eq!(event.customer.unwrap().external_id, "a@b.example");
}

#[test]
fn a_merge_counts_once_it_is_done() {
    let merge = |status: Value| {
        json!({
            "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
            "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
            "admin_graphql_api_job_id": null, "status": status, "errors": [],
        })
    };
    let event = commerce("customers/merge", &merge(json!("completed")));
    let customer = event.customer.unwrap();
    assert_eq!(
        (event.external_id.as_str(), customer.external_id.as_str()),
        ("1", "1")
    );
    assert_eq!(customer.aliases, ["2"]);
    assert!(is_kept_as("customers/merge", &merge(json!("failed"))));
    assert!(is_kept_as("customers/merge", &merge(json!("in_progress"))));
}

#[test]
fn the_privacy_topics_are_events_of_their_own() {
    let request = json!({
        "shop_id": 954_889, "shop_domain": "acme.myshopify.com", "orders_requested": [299_938],
        "customer": { "id": 191_167, "email": "john@example.com", "phone": "555-625-1199" },
        "data_request": { "id": 9999 },
    });
    let event = commerce("customers/data_request", &request);
    assert_eq!(
        (event.kind, event.external_id.as_str()),
        (CommerceKind::CustomerDataRequested, "191167")
    );
    assert!(event.event_id.contains("9999"), "{}", event.event_id);
    assert_eq!(
        event.customer.unwrap().aliases,
        ["john@example.com", "555-625-1199"]
    );
    let redact = commerce(
        "shop/redact",
        &json!({ "shop_id": 954_889, "shop_domain": "acme.myshopify.com" }),
    );
    assert_eq!(
        (redact.kind, redact.external_id.as_str()),
        (CommerceKind::ShopRedactRequested, "954889")
    );
    assert!(is_kept_as(
        "customers/redact",
        &json!({ "shop_id": 1, "customer": {} })
    ));
}

#[test]
fn other_topics_are_kept() {
    for topic in [
        "products/create",
        "app/uninstalled",
        "inventory_levels/update",
        "orders/create2",
        "Orders/Create",
    ] {
        assert!(is_kept_as(topic, &json!({ "id": 1 })), "{topic}");
    }
    assert!(matches!(event(&[], &json!({ "id": 1 })), Event::Unsupported { kind, .. } if kind == "unknown"));
}

#[test]
fn the_same_state_told_twice_is_one_event() {
    let id = |headers: &[(&str, &str)], topic: &str, body: &Value| {
        let headers = [headers, &[("X-Shopify-Topic", topic)]].concat();
        match event(&headers, body) {
            Event::Commerce(event) => event.event_id,
            other => panic!("{other:?}"),
        }
    };
    let order = json!({ "id": 1, "updated_at": "2025-10-09T08:53:20Z" });
    let later = json!({ "id": 1, "updated_at": "2025-10-09T08:53:21Z" });
    let other = json!({ "id": 2, "updated_at": "2025-10-09T08:53:20Z" });
    let first = [("X-Shopify-Event-Id", "e1"), ("X-Shopify-Webhook-Id", "w1")];
    let by_other_subscription = [("X-Shopify-Event-Id", "e1"), ("X-Shopify-Webhook-Id", "w2")];
    let told = id(&first, "orders/updated", &order);
    assert_eq!(id(&by_other_subscription, "orders/updated", &order), told);
    for (topic, body) in [
        ("orders/paid", &order),
        ("orders/updated", &later),
        ("orders/updated", &other),
    ] {
        assert_ne!(id(&first, topic, body), told, "{topic} {body}");
    }
    let only_delivery = [("X-Shopify-Webhook-Id", "w1")];
    assert_eq!(id(&only_delivery, "orders/updated", &order), "w1");
    assert_eq!(
        id(&[], "orders/updated", &order),
        id(&[], "orders/updated", &order)
    );
    assert_ne!(
        id(&[], "orders/updated", &order),
        id(&[], "orders/updated", &later)
    );
}

#[test]
fn the_newer_names_of_headers_are_read_too() {
    let headers = [
        ("Shopify-Topic", "orders/create"),
        ("Shopify-Shop-Domain", "acme.myshopify.com"),
        ("Shopify-Triggered-At", "2023-03-29T18:00:27.877041743Z"),
    ];
    let inbound = normalise(&headers, br#"{"id":1,"note":"half an emoji \ud83d"}"#);
    assert_eq!(
        inbound[0].provider_account_id.as_deref(),
        Some("acme.myshopify.com")
    );
    let Event::Commerce(event) = &inbound[0].event else {
        panic!("{inbound:?}");
    };
    assert_eq!(event.occurred_at, Timestamp::from_millis(1_680_112_827_877));
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
        shopify().send(&http, &account, &outgoing).await.unwrap_err(),
        shopify().mark_read(&http, &account, "1").await.unwrap_err(),
        shopify().fetch_media(&http, &account, &media).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "not_supported")
        );
        assert!(error.message.contains("Shopify"), "{error}");
    }
}
