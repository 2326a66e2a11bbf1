//! What is known of a conversation's customer, as routing rules may ask for it; and what others tell us of them.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use switchboard_connectors::language_tag;
use switchboard_domain::{
    Conversation, Customer, CustomerId, FieldPointer, OrderFact, Permission, Personal, Pii,
};
use switchboard_store::{CustomerChange, LanguageChange};
use utoipa::ToSchema;

use super::{
    conversations::find,
    pointed::{Pointed, refuse},
};
use crate::{app::App, auth::Caller, error::ApiError};

const MOST: usize = 50;
const LONGEST_TEXT: usize = 500;
const LONGEST_LIST: usize = 50;

#[derive(Serialize, ToSchema)]
pub struct CustomerFacts {
    customer_id: CustomerId,
    /// The language they read (BCP 47).
    language: Option<String>,
    #[schema(value_type = Object)]
    attributes: BTreeMap<String, Value>,
    /// Of their orders in connected shops, found by e-mail address and phone number.
    #[schema(value_type = Object)]
    orders: BTreeMap<OrderFact, Value>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerFactsChange {
    /// Null: as their channel tells it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    language: LanguageChange,
    /// Texts, numbers, true or false, or lists of them; null takes one away, and the others stay.
    #[serde(default)]
    #[schema(value_type = Object)]
    attributes: BTreeMap<String, Value>,
}

/// Given as null isn't the same as not given.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LanguageChange, D::Error> {
    let given = Option::deserialize(deserializer)?;
    Ok(given.map_or(LanguageChange::AsTold, LanguageChange::Set))
}

/// What routing rules may ask of the conversation's customer.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/customer-facts", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = CustomerFacts), (status = 404)), security(("bearer" = [])))]
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<CustomerFacts>, ApiError> {
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    let customer = app.store.customers.get(&conversation.customer_id).await?;
    facts(&app, &caller, customer).await
}

/// Tells what is known of the conversation's customer elsewhere. A conversation that waits is looked at again.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}/customer-facts", tag = "conversations",
    request_body = CustomerFactsChange, params(("id" = String, Path)),
    responses((status = 200, body = CustomerFacts), (status = 404), (status = 422)), security(("bearer" = [])))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Pointed(body): Pointed<CustomerFactsChange>,
) -> Result<Answer<CustomerFacts>, ApiError> {
    let Conversation { customer_id, .. } = find(&app, &caller, Permission::ConversationsReply, &id).await?;
    let mut faults: Vec<FieldPointer> = Vec::new();
    let mut change = CustomerChange {
        language: body.language,
        attributes: body.attributes,
    };
    if let LanguageChange::Set(language) = &mut change.language {
        match language_tag(language) {
            Some(tag) => *language = tag,
            None => faults.push(pointed("/language", "This isn't a language tag, as de or pt-BR.")),
        }
    }
    if change.attributes.len() > MOST {
        faults.push(pointed("/attributes", "A customer has at most 50 attributes."));
    }
    for (name, value) in &change.attributes {
        if let Some(message) = fault_of(name, value) {
            faults.push(pointed(&format!("/attributes/{name}"), message));
        }
    }
    refuse(faults)?;
    let customer = app.store.customers.get(&customer_id).await?;
    let kept = customer.map(|customer| customer.attributes).unwrap_or_default();
    let after = kept.keys().chain(change.attributes.keys());
    if after.collect::<std::collections::BTreeSet<_>>().len() > MOST {
        refuse(vec![pointed(
            "/attributes",
            "A customer has at most 50 attributes.",
        )])?;
    }
    let customer = app.store.customers.change(&customer_id, &change).await?;
    app.wake_routing("what is known of a customer changed").await;
    facts(&app, &caller, customer).await
}

async fn facts(
    app: &App,
    caller: &Caller,
    customer: Option<Customer>,
) -> Result<Answer<CustomerFacts>, ApiError> {
    let mut customer = customer.ok_or_else(|| ApiError::not_found("customer"))?;
    let found = std::slice::from_ref(&customer);
    let mut orders = app.desk.orders_of(found, app.clock.now()).await?;
    if caller.pii() == Pii::Masked {
        customer.mask();
    }
    Ok(Answer(CustomerFacts {
        orders: orders.remove(&customer.id).unwrap_or_default(),
        customer_id: customer.id,
        language: customer.language,
        attributes: customer.attributes,
    }))
}

fn pointed(pointer: &str, message: &str) -> FieldPointer {
    FieldPointer {
        pointer: pointer.to_owned(),
        message: message.to_owned(),
    }
}

fn fault_of(name: &str, value: &Value) -> Option<&'static str> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !(1..=64).contains(&name.len()) || !name.bytes().all(letter) {
        return Some("A name has 1 to 64 letters, digits, '-' or '_'.");
    }
    if ["name", "phone", "email"].contains(&name) {
        return Some("This is known from the customer's channel.");
    }
    let plain = |value: &Value| match value {
        Value::String(text) => text.chars().count() <= LONGEST_TEXT,
        Value::Number(number) => number.is_i64() || number.is_f64(),
        Value::Bool(_) => true,
        _ => false,
    };
    let fits = match value {
        Value::Null => true,
        Value::Array(values) => values.len() <= LONGEST_LIST && values.iter().all(plain),
        single => plain(single),
    };
    (!fits)
        .then_some("Give a text of at most 500 characters, a number, true or false, or at most 50 of them.")
}
