//! Everything that is stored of a customer, for themselves (GDPR, articles 15 and 20).

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;
use switchboard_domain::{
    Conversation, Customer, Decision, Delivery, Message, MessageId, Order, Permission, Pii, Position, Shown,
    Timestamp,
};
use switchboard_store::MessageFilter;
use switchboard_workers::with_reply_window;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{attachments::File, customers::find};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
};

/// Messages read at a time.
const PAGE: usize = 200;
/// Decisions about one conversation.
const MOST_DECISIONS: i64 = 10_000;
/// Lines that may wait for a slow reader.
const AHEAD: usize = 16;

/// One line of an export.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum ExportLine {
    Exported {
        at: Timestamp,
    },
    #[schema(value_type = Customer)]
    Customer(Shown<Customer>),
    Order {
        id: String,
        #[schema(value_type = Object)]
        order: Order,
    },
    #[schema(value_type = Conversation)]
    Conversation(Shown<Conversation>),
    /// Notes and replies, too.
    #[schema(value_type = Message)]
    Message(Shown<Message>),
    /// With a link that works for a while.
    File(File),
    Delivery(Delivery),
    /// Why a conversation went to whom, with what was known of the customer then.
    #[schema(value_type = Decision)]
    RoutingDecision(Shown<Decision>),
    /// The last: whoever doesn't find it hasn't got everything.
    End {
        lines: u64,
    },
}

/// Everything that is stored of a customer, a JSON object a line: themselves, their orders, and each conversation with its
/// messages, files (with links that work for a while), attempts to deliver and routing decisions. Nothing is masked, and an
/// audit entry is written.
#[utoipa::path(post, path = "/api/v1/customers/{id}/export", tag = "customers", params(("id" = String, Path)),
    responses((status = 200, body = ExportLine, content_type = "application/x-ndjson"), (status = 403),
        (status = 404)), security(("bearer" = [])))]
pub async fn export(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let customer = find(&app, &caller, Permission::DataExport, &id).await?;
    let what = Change::act("customer.exported", "customer", customer.id.as_str());
    audit::note(&app, &caller, what).await?;
    let (lines, answer) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut export = Export {
            app: &app,
            lines,
            count: 0,
        };
        if let Err(error) = export.write(customer).await {
            tracing::warn!(code = error.code, "an export was broken off");
            // The connection ends with an error: nobody takes what there is for the whole.
            let broken = std::io::Error::other("the export was broken off");
            let _ = export.lines.send(Err(broken)).await;
        }
    });
    let bytes = stream::unfold(answer, async |mut answer| Some((answer.recv().await?, answer)));
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson"),
        (CONTENT_DISPOSITION, "attachment; filename=\"customer.ndjson\""),
    ];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

struct Export<'a> {
    app: &'a App,
    lines: mpsc::Sender<std::io::Result<Bytes>>,
    count: u64,
}

impl Export<'_> {
    async fn write(&mut self, customer: Customer) -> Result<(), ApiError> {
        let store = &self.app.store;
        let at = self.app.clock.now();
        self.say(&ExportLine::Exported { at }).await?;
        // Known by e-mail and by phone, an order is found twice.
        let orders = store.orders.of(&customer.contact_keys()).await?;
        let orders: BTreeMap<String, Order> = orders.into_values().flatten().collect();
        let conversations = store.conversations.of_customer(&customer.id).await?;
        let customer = Shown::to(Pii::Plain, customer);
        self.say(&ExportLine::Customer(customer)).await?;
        for (id, order) in orders {
            self.say(&ExportLine::Order { id, order }).await?;
        }
        for conversation in conversations {
            self.conversation(conversation).await?;
        }
        let lines = self.count;
        self.say(&ExportLine::End { lines }).await
    }

    async fn conversation(&mut self, conversation: Conversation) -> Result<(), ApiError> {
        let store = &self.app.store;
        let shown = Shown::to(Pii::Plain, with_reply_window(conversation.clone()));
        self.say(&ExportLine::Conversation(shown)).await?;
        let mut after = Position::start();
        loop {
            let part = MessageFilter::After(after);
            let page = store.messages.of(&conversation, &part, PAGE).await?.items;
            let Some(last) = page.last() else { break };
            after = last.position.clone();
            let ids: Vec<MessageId> = page.iter().map(|message| message.id.clone()).collect();
            for message in page {
                let message = Shown::to(Pii::Plain, message);
                self.say(&ExportLine::Message(message)).await?;
            }
            for delivery in store.deliveries.of_many(&ids).await? {
                self.say(&ExportLine::Delivery(delivery)).await?;
            }
        }
        for file in store.attachments.of_conversation(&conversation.id).await? {
            let file = File::of(self.app, file, Pii::Plain);
            self.say(&ExportLine::File(file)).await?;
        }
        for decision in store.decisions.of(&conversation, MOST_DECISIONS).await? {
            let decision = Shown::to(Pii::Plain, decision);
            self.say(&ExportLine::RoutingDecision(decision)).await?;
        }
        Ok(())
    }

    async fn say(&mut self, line: &ExportLine) -> Result<(), ApiError> {
        let mut json = serde_json::to_vec(line).map_err(|error| ApiError::internal(&error))?;
        json.push(b'\n');
        self.count += 1;
        let sent = self.lines.send(Ok(json.into())).await;
        sent.map_err(|_| ApiError::bad_request("Nobody reads the export any more."))
    }
}
