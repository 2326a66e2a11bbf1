//! What an event takes from Shopify's resources (REST shapes; shopify.dev, "Order", "Customer", "Checkout", "Privacy
//! law compliance"). Whatever is missing or damaged is left out, but nothing goes without the id it is about.

use serde_json::Value;

use super::topic::Body;
use crate::{
    CommerceKind, LineItem, Sender,
    shop::{customer, full_name, id, line_items, text},
};

pub(super) struct Resource {
    pub kind: CommerceKind,
    pub external_id: String,
    /// Of the resource itself, where `external_id` is its order's.
    pub part_id: String,
    pub customer: Option<Sender>,
    pub order_number: Option<String>,
    pub total: Option<String>,
    pub currency: Option<String>,
    pub status: Option<String>,
    pub line_items: Vec<LineItem>,
    pub changed_at: Option<String>,
}

pub(super) fn read(kind: CommerceKind, describes: Body, body: &Value) -> Option<Resource> {
    let blank = |external_id: String| Resource {
        kind,
        part_id: external_id.clone(),
        external_id,
        customer: None,
        order_number: None,
        total: None,
        currency: None,
        status: None,
        line_items: Vec::new(),
        changed_at: changed_at(body),
    };
    Some(match describes {
        Body::Order => order(body, blank(id(&body["id"])?)),
        Body::OrderEdit => {
            let edit = &body["order_edit"];
            Resource {
                part_id: id(&edit["id"]).unwrap_or_default(),
                changed_at: changed_at(edit),
                ..blank(id(&edit["order_id"])?)
            }
        }
        Body::PartOfOrder => part_of_order(body, blank(id(&body["order_id"])?)),
        Body::Checkout => checkout(body, blank(id(&body["token"]).or_else(|| id(&body["id"]))?)),
        Body::Customer => {
            let external_id = id(&body["id"])?;
            Resource {
                customer: person(body, &[], &[]),
                status: text(&body["state"]),
                currency: text(&body["currency"]),
                ..blank(external_id)
            }
        }
        Body::Merge => merge(
            body,
            blank(global_id(&body["admin_graphql_api_customer_kept_id"])?),
        )?,
        Body::Privacy => {
            let customer = person(&body["customer"], &[], &[])?;
            let request = id(&body["data_request"]["id"]);
            let mut resource = blank(customer.external_id.clone());
            resource.part_id = request.unwrap_or(resource.part_id);
            resource.customer = Some(customer);
            resource
        }
        Body::Shop => blank(id(&body["shop_id"]).or_else(|| text(&body["shop_domain"]))?),
    })
}

fn order(order: &Value, blank: Resource) -> Resource {
    Resource {
        customer: buyer(order),
        order_number: text(&order["name"]).or_else(|| text(&order["order_number"])),
        total: text(&order["total_price"]),
        currency: text(&order["currency"]),
        status: if order["cancelled_at"].is_string() {
            Some("cancelled".to_owned())
        } else {
            text(&order["financial_status"])
        },
        line_items: line_items(&order["line_items"]),
        ..blank
    }
}

/// A fulfilment's `name` is the order's with a count behind it; a refund has none, and its items are one level deeper.
fn part_of_order(part: &Value, blank: Resource) -> Resource {
    let refunded = part["refund_line_items"].as_array();
    let items = refunded.map(|items| items.iter().map(|item| item["line_item"].clone()).collect());
    let refund = part["transactions"].as_array().and_then(|all| all.first());
    Resource {
        part_id: id(&part["id"]).unwrap_or(blank.part_id),
        customer: customer(None, full_name(&part["destination"]), &[&part["email"]], &[]),
        order_number: text(&part["name"]).map(|name| match name.rsplit_once('.') {
            Some((order, _)) => order.to_owned(),
            None => name,
        }),
        // Several transactions have no sum that is written anywhere.
        total: refund
            .filter(|_| part["transactions"].as_array().is_some_and(|all| all.len() == 1))
            .and_then(|only| text(&only["amount"])),
        currency: refund.and_then(|first| text(&first["currency"])),
        status: text(&part["shipment_status"]).or_else(|| text(&part["status"])),
        line_items: line_items(&items.map_or_else(|| part["line_items"].clone(), Value::Array)),
        ..blank
    }
}

fn checkout(checkout: &Value, blank: Resource) -> Resource {
    Resource {
        customer: buyer(checkout),
        order_number: None,
        total: text(&checkout["total_price"]),
        currency: text(&checkout["currency"]),
        status: checkout["completed_at"]
            .is_string()
            .then(|| "completed".to_owned()),
        line_items: line_items(&checkout["line_items"]),
        ..blank
    }
}

/// Shopify also tells that a merge began or failed; then there still are two customers.
fn merge(body: &Value, blank: Resource) -> Option<Resource> {
    let gone = global_id(&body["admin_graphql_api_customer_deleted_id"])?;
    let status = text(&body["status"]);
    if status
        .as_ref()
        .is_some_and(|status| !status.eq_ignore_ascii_case("completed"))
    {
        return None;
    }
    Some(Resource {
        part_id: format!("{}+{gone}", blank.external_id),
        customer: Some(Sender {
            external_id: blank.external_id.clone(),
            aliases: vec![gone],
            name: None,
            address: None,
        }),
        status,
        ..blank
    })
}

/// Whoever ordered: the account if there is one, else the guest by what they typed at the checkout.
fn buyer(order: &Value) -> Option<Sender> {
    let billing = &order["billing_address"];
    let named = person(
        &order["customer"],
        &[&order["email"], &order["contact_email"]],
        &[&order["phone"], &billing["phone"]],
    );
    named.map(|mut buyer| {
        buyer.name = buyer.name.or_else(|| full_name(billing));
        buyer
    })
}

fn person(person: &Value, emails: &[&Value], phones: &[&Value]) -> Option<Sender> {
    let emails = [&[&person["email"]], emails].concat();
    let phones = [
        &[&person["phone"]],
        phones,
        &[&person["default_address"]["phone"]],
    ]
    .concat();
    customer(id(&person["id"]), full_name(person), &emails, &phones)
}

fn changed_at(resource: &Value) -> Option<String> {
    let times = ["updated_at", "created_at", "processed_at"];
    times
        .iter()
        .find_map(|name| resource[*name].as_str().map(str::to_owned))
}

/// `gid://shopify/Customer/7` is 7 everywhere else.
fn global_id(value: &Value) -> Option<String> {
    let (_, number) = value.as_str()?.rsplit_once('/')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| number.to_owned())
}
