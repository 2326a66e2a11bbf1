//! What is left of what was stored: that it was, when, and with whom of ours.

use futures_util::TryStreamExt;
use mongodb::bson::{Document, doc};
use serde::Deserialize;
use serde_json::Value;
use switchboard_domain::{Conversation, ConversationId, CustomerId, MessageId};

use super::{Erasures, before};
use crate::{
    bulk::{self, Update},
    conversations::Conversations,
    error::StoreError,
    messages::erased_key,
};

/// Documents that are gone over together.
pub(super) const PAGE: i64 = 500;

impl Erasures {
    /// A conversation of theirs that the pass hasn't gone over yet.
    pub async fn next_conversation(
        &self,
        conversations: &Conversations,
        id: &CustomerId,
        pass: i32,
    ) -> Result<Option<Conversation>, StoreError> {
        conversations
            .first(doc! { "customer_id": id.as_str(), "erased": before(pass) })
            .await
    }

    /// The last step of a pass over a conversation.
    pub async fn blank_conversation(&self, id: &ConversationId, pass: i32) -> Result<(), StoreError> {
        let conversations = self.documents("conversations");
        let last = doc! { "_id": id.as_str(), "last_message": { "$ne": null } };
        let change = doc! { "$set": { "last_message.preview": "", "last_message.kind": "deleted" } };
        conversations.update_one(last, change).await?;
        let change = doc! { "$set": { "unread": [], "erased": pass } };
        conversations
            .update_one(doc! { "_id": id.as_str() }, change)
            .await?;
        Ok(())
    }

    /// Some messages of a conversation lose what they say; how many. Their ids stay, and those of ours the digest of their
    /// name at the provider, so that what is delivered again is known and stays forgotten (P2).
    pub async fn blank_messages(&self, id: &ConversationId, pass: i32) -> Result<usize, StoreError> {
        self.blank_some(doc! { "conversation_id": id.as_str() }, pass)
            .await
    }

    /// The same of whatever messages `filter` says.
    pub(super) async fn blank_some(&self, mut filter: Document, pass: i32) -> Result<usize, StoreError> {
        filter.insert("erased", before(pass));
        let messages = self.database.collection::<Found>("messages");
        let found: Vec<Found> = messages.find(filter).limit(PAGE).await?.try_collect().await?;
        self.blank_around(&found).await?;
        let updates = found.iter().map(|one| {
            Update::new(
                doc! { "_id": one.id.as_str() },
                doc! {
                    "$set": one.blanked(pass),
                    "$unset": { "provider_message_id": "", "reply_to": "", "author.name": "" },
                },
            )
        });
        bulk::update(&self.database, "messages", updates.collect()).await?;
        Ok(found.len())
    }

    /// What else is known of these messages. Before they count as erased, so that a crash leaves nothing behind.
    async fn blank_around(&self, found: &[Found]) -> Result<(), StoreError> {
        let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
        let keys: Vec<&String> = found.iter().filter_map(|one| one.provider_key.as_ref()).collect();
        let early = doc! { "provider_key": { "$in": keys } };
        self.documents("pending_statuses").delete_many(early).await?;
        for field in ["outcome.provider_message_id", "outcome.error.message"] {
            let mut attempts = doc! { "message_id": { "$in": ids.clone() } };
            attempts.insert(field, doc! { "$exists": true });
            let mut blank = Document::new();
            blank.insert(field, "");
            self.documents("deliveries")
                .update_many(attempts, doc! { "$set": blank })
                .await?;
        }
        Ok(())
    }

    /// Why a conversation went where it went stays explained, without what was known of the customer. What the shadow's
    /// rules would have decided still counts, and isn't shown any more.
    pub async fn blank_decisions(&self, id: &ConversationId) -> Result<(), StoreError> {
        #[derive(Deserialize)]
        struct Traced {
            #[serde(rename = "_id")]
            id: String,
            trace: String,
        }
        let of_it = doc! { "conversation_id": id.as_str() };
        let rows = self.database.collection::<Traced>("routing_decisions");
        let mut found = rows.find(of_it.clone()).await?;
        let decisions = self.documents("routing_decisions");
        while let Some(row) = found.try_next().await? {
            // One that can't be read can't be told without them either.
            let mut trace = serde_json::from_str::<Value>(&row.trace).unwrap_or_default();
            forget_facts(&mut trace);
            let set = doc! { "$set": { "trace": trace.to_string() } };
            decisions.update_one(doc! { "_id": row.id }, set).await?;
        }
        self.documents("routing_shadow_comparisons")
            .update_many(of_it, doc! { "$unset": { "json": "" } })
            .await?;
        Ok(())
    }

    /// What providers said of a channel account may name whom it was about.
    pub async fn blank_trails(&self, mentions: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let trails = self.documents("account_trails");
        let mut found = trails.find(doc! {}).await?;
        while let Some(trail) = found.try_next().await? {
            for trouble in ["webhook_refused", "send_failed", "token_rejected"] {
                let told = trail
                    .get_document(trouble)
                    .and_then(|told| told.get_str("message"));
                let (Ok(message), Some(id)) = (told, trail.get("_id")) else {
                    continue;
                };
                if mentions(message) {
                    let field = format!("{trouble}.message");
                    let mut same = doc! { "_id": id };
                    same.insert(field.clone(), message);
                    let mut blank = Document::new();
                    blank.insert(field, "");
                    trails.update_one(same, doc! { "$set": blank }).await?;
                }
            }
        }
        Ok(())
    }

    /// Orders are the shop's to keep; here nothing else is known of them than whose they are and what they cost.
    pub async fn delete_orders(&self, shop_keys: &[String]) -> Result<(), StoreError> {
        let theirs = doc! { "contact_keys": { "$in": shop_keys } };
        self.documents("orders").delete_many(theirs).await?;
        Ok(())
    }
}

/// Wherever the engine's input has them.
fn forget_facts(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Object(facts)) = fields.get_mut("facts") {
                for known in ["text", "customer", "orders", "language"] {
                    facts.remove(known);
                }
            }
            fields.values_mut().for_each(forget_facts);
        }
        Value::Array(values) => values.iter_mut().for_each(forget_facts),
        _ => {}
    }
}

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "_id")]
    id: MessageId,
    status: String,
    provider_key: Option<String>,
    #[serde(default)]
    error: Option<Document>,
}

impl Found {
    fn blanked(&self, pass: i32) -> Document {
        let mut set = doc! { "content": { "type": "deleted" }, "erased": pass };
        if let Some(key) = &self.provider_key {
            set.insert("provider_key", erased_key(key));
        }
        if self.status == "queued" {
            set.insert("status", "failed");
            set.insert("status_rank", switchboard_domain::MessageStatus::Failed.rank());
            set.insert("unsent", true);
        }
        if self.status == "queued" || self.error.is_some() {
            let message = "The customer was erased.";
            set.insert("error", doc! { "code": "erased", "message": message });
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn decisions_lose_what_was_known_of_the_customer_and_nothing_else() {
        let mut trace = json!({ "rule_id": "r", "input": { "item": { "facts": {
            "channel": "whatsapp", "text": "secret", "customer": { "name": "Ann" }, "orders": {}, "language": "de",
        } }, "others": [{ "facts": { "text": "secret" } }] } });
        forget_facts(&mut trace);
        assert_eq!(
            trace,
            json!({ "rule_id": "r", "input": {
                "item": { "facts": { "channel": "whatsapp" } }, "others": [{ "facts": {} }],
            } })
        );
    }
}
