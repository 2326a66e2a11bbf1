//! Personal data in plain, for whoever is shown it masked but may look: each look is written down before it is answered.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use switchboard_domain::{Conversation, Customer, Message, MessageId, Permission, Pii, Shown, redacted};
use switchboard_workers::with_reply_window;
use utoipa::ToSchema;

use super::{conversations::find, fault};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
    json::Json,
};

const MAX_REASON_CHARS: usize = 500;

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Why; kept in the audit log, without what it gives away of the customer.
    reason: Option<String>,
    /// A message of the conversation that is to be shown, too.
    #[schema(value_type = Option<String>)]
    message_id: Option<MessageId>,
}

/// The plain values.
#[derive(Serialize, ToSchema)]
pub struct Unmasked {
    #[schema(value_type = Conversation)]
    conversation: Shown<Conversation>,
    #[schema(value_type = Option<Customer>)]
    customer: Option<Shown<Customer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Message>)]
    message: Option<Shown<Message>>,
}

/// The conversation, its customer and, if asked for, one of its messages, with nothing masked. Writes an audit entry.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/unmask", tag = "conversations", request_body = Look,
    params(("id" = String, Path)), responses((status = 200, body = Unmasked), (status = 403), (status = 404)),
    security(("bearer" = [])))]
pub async fn unmask(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(look): Json<Look>,
) -> Result<Answer<Unmasked>, ApiError> {
    let conversation = find(&app, &caller, Permission::PiiUnmask, &id).await?;
    let customer = app.store.customers.get(&conversation.customer_id).await?;
    let message = match &look.message_id {
        Some(id) => Some(message(&app, &conversation, id).await?),
        None => None,
    };
    let after = json!({
        "reason": reason(look.reason, &conversation, customer.as_ref())?,
        "message_id": look.message_id,
    });
    let what = Change::act("pii.unmasked", "conversation", conversation.id.as_str()).to(&after);
    audit::note(&app, &caller, what).await?;
    Ok(Answer(Unmasked {
        conversation: Shown::to(Pii::Plain, with_reply_window(conversation)),
        customer: customer.map(|customer| Shown::to(Pii::Plain, customer)),
        message: message.map(|message| Shown::to(Pii::Plain, message)),
    }))
}

async fn message(app: &App, conversation: &Conversation, id: &MessageId) -> Result<Message, ApiError> {
    let found = app.store.messages.get(id).await?;
    found
        .filter(|message| message.conversation_id == conversation.id)
        .ok_or_else(|| ApiError::not_found("message"))
}

/// The audit log is for ever, so a reason must not hold what may have to be erased.
fn reason(
    given: Option<String>,
    conversation: &Conversation,
    customer: Option<&Customer>,
) -> Result<Option<String>, ApiError> {
    let Some(given) = given.filter(|reason| !reason.trim().is_empty()) else {
        return Ok(None);
    };
    if given.chars().count() > MAX_REASON_CHARS {
        return Err(fault("reason", "A reason has at most 500 characters."));
    }
    let contact = &conversation.contact;
    let mut own = vec![
        Some(&contact.external_id),
        contact.name.as_ref(),
        contact.address.as_ref(),
    ];
    if let Some(customer) = customer {
        own.extend([
            customer.name.as_ref(),
            customer.phone.as_ref(),
            customer.email.as_ref(),
        ]);
    }
    Ok(Some(redacted(
        given.trim(),
        own.into_iter().flatten().map(String::as_str),
    )))
}
