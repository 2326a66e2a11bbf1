//! Every index, with the query it serves. `_id` indexes carry more than identity: see `messages` and `deliveries`.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::{
    Database, IndexModel,
    bson::{Document, doc},
    error::{Error, ErrorKind},
    options::IndexOptions,
};
use switchboard_domain::Retention;

use crate::error::StoreError;

/// The name of every index by which documents expire as configured.
const KEPT: &str = "kept";
/// What they were called while the times were fixed.
const FORMERLY: [&str; 2] = ["kept_thirty_days", "kept_ninety_days"];

const NAMESPACE_NOT_FOUND: i32 = 26;
const INDEX_NOT_FOUND: i32 = 27;

const DAY: Duration = Duration::from_hours(24);

struct Index {
    collection: &'static str,
    /// What it is for.
    name: &'static str,
    keys: Document,
    unique: bool,
    /// Only documents that match are in it.
    partial: Option<Document>,
    expire: Expire,
}

/// When documents go, counted from the date in the key.
#[derive(Clone, Copy, PartialEq)]
enum Expire {
    Never,
    After(Duration),
    /// As the deployment has it; without a time there is no such index.
    AsConfigured(Option<Duration>),
}

fn index(collection: &'static str, name: &'static str, keys: Document) -> Index {
    Index {
        collection,
        name,
        keys,
        unique: false,
        partial: None,
        expire: Expire::Never,
    }
}

impl Index {
    fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    fn partial(self, filter: Document) -> Self {
        Self {
            partial: Some(filter),
            ..self
        }
    }

    fn expiring(self, after: Duration) -> Self {
        Self {
            expire: Expire::After(after),
            ..self
        }
    }

    fn expire_after(&self) -> Option<Duration> {
        match self.expire {
            Expire::Never => None,
            Expire::After(after) => Some(after),
            Expire::AsConfigured(after) => after,
        }
    }
}

/// Goes by the deployment's choice.
fn kept(collection: &'static str, keys: Document, time: Option<Duration>) -> Index {
    Index {
        expire: Expire::AsConfigured(time),
        ..index(collection, KEPT, keys)
    }
}

fn all(retention: &Retention) -> Vec<Index> {
    let mut all = of_conversations();
    all.extend(of_customers());
    all.extend(of_the_others());
    all.extend(of_what_expires(retention));
    all
}

fn of_what_expires(retention: &Retention) -> Vec<Index> {
    vec![
        kept("event_log", doc! { "received_at": 1 }, retention.event_log),
        kept("routing_decisions", doc! { "at": 1 }, retention.routing_decisions),
        kept(
            "routing_shadow_comparisons",
            doc! { "at": 1 },
            retention.shadow_comparisons,
        ),
        kept("deliveries", doc! { "started_at": 1 }, retention.deliveries),
        kept("presence_sessions", doc! { "at": 1 }, retention.presence_sessions),
        kept("orders", doc! { "at": 1 }, retention.orders),
    ]
}

fn of_conversations() -> Vec<Index> {
    vec![
        // P4: one open conversation per (channel account, contact); also how ingest finds it.
        index("conversations", "one_open_per_contact", doc! { "open_key": 1 })
            .unique()
            .partial(doc! { "open_key": { "$exists": true } }),
        index(
            "conversations",
            "latest_resolved_of_contact",
            doc! { "contact_key": 1, "resolved_at": -1 },
        )
        .partial(doc! { "status": "resolved" }),
        index(
            "conversations",
            "inbox",
            doc! { "status": 1, "last_activity_at": -1, "_id": -1 },
        ),
        index(
            "conversations",
            "inbox_of_team",
            doc! { "team_id": 1, "status": 1, "last_activity_at": -1, "_id": -1 },
        ),
        index(
            "conversations",
            "inbox_of_agent",
            doc! { "assignee_id": 1, "last_activity_at": -1, "_id": -1 },
        )
        .partial(doc! { "assignee_id": { "$type": "string" } }),
        index("conversations", "offered_to", doc! { "offer.agent_id": 1 })
            .partial(doc! { "offer.agent_id": { "$type": "string" } }),
        index(
            "conversations",
            "waiting",
            doc! { "priority_level": -1, "waiting.since": 1, "_id": 1 },
        )
        .partial(doc! { "routing_state": "waiting" }),
        index("conversations", "by_assignment", doc! { "assignment_id": 1 })
            .partial(doc! { "assignment_id": { "$type": "string" } }),
        index("conversations", "promises_due", doc! { "sla_next_at": 1 })
            .partial(doc! { "sla_next_at": { "$type": "date" } }),
        // What is exported of a customer, and erased.
        index("conversations", "of_customer", doc! { "customer_id": 1 }),
        // What is kept no longer.
        index("conversations", "over", doc! { "resolved_at": 1 }).partial(doc! { "status": "resolved" }),
        index("conversations", "snoozed", doc! { "snoozed_until": 1 }).partial(doc! { "status": "snoozed" }),
    ]
}

/// Customers, and what is theirs.
fn of_customers() -> Vec<Index> {
    vec![
        index("customers", "by_identity", doc! { "keys": 1 }).unique(),
        index("orders", "of_contact", doc! { "contact_keys": 1 }),
        // The sweep looks for those whose job was lost.
        index("erasures", "under_way", doc! { "state": 1, "touched_at": 1 }),
        // Ingest looks whose messages are nobody's any more.
        index("erasures", "by_identity", doc! { "traces.identities": 1 }),
        // What is kept no longer.
        index("attachments", "by_age", doc! { "created_at": 1 }),
        index("customers", "idle", doc! { "idle_since": 1 })
            .partial(doc! { "idle_since": { "$type": "date" } }),
        // The sweep looks for files whose job was lost.
        index("attachments", "to_be_fetched", doc! { "created_at": 1 }).partial(doc! { "state": "pending" }),
        index("attachments", "of_conversation", doc! { "conversation_id": 1 })
            .partial(doc! { "conversation_id": { "$type": "string" } }),
        index("attachments", "of_contact", doc! { "contact_key": 1 })
            .partial(doc! { "contact_key": { "$type": "string" } }),
        // Whether bytes are another file's, too.
        index("attachments", "by_bytes", doc! { "sha256": 1 })
            .partial(doc! { "sha256": { "$type": "string" } }),
    ]
}

fn of_the_others() -> Vec<Index> {
    let live = doc! { "live": true };
    vec![
        // P3: a conversation in order, page by page.
        index("messages", "thread", doc! { "conversation_id": 1, "position": 1 }),
        // Statuses and echoes find our own messages by the provider's id.
        index("messages", "by_provider_id", doc! { "provider_key": 1 })
            .unique()
            .partial(doc! { "provider_key": { "$exists": true } }),
        index(
            "messages",
            "queued",
            doc! { "processed_at": 1, "conversation_id": 1, "position": 1 },
        )
        .partial(doc! { "status": "queued" }),
        // P5: a conversation has one agent, a unit of capacity is given once.
        index(
            "assignments",
            "one_agent_per_conversation",
            doc! { "conversation_id": 1 },
        )
        .unique()
        .partial(live.clone()),
        index(
            "assignments",
            "capacity_units_given_once",
            doc! { "agent_id": 1, "slots": 1 },
        )
        .unique()
        .partial(live),
        index("api_keys", "by_digest", doc! { "digest": 1 }).unique(),
        // One subject of an issuer for each user: an address that passes to somebody else brings no account with it.
        index(
            "federated_identities",
            "one_of_issuer_per_user",
            doc! { "user_id": 1, "issuer": 1 },
        )
        .unique(),
        index("spent", "expired", doc! { "expires_at": 1 }).expiring(Duration::ZERO),
        index("one_time_links", "of_user", doc! { "user_id": 1 }),
        index("one_time_links", "expired", doc! { "expires_at": 1 }).expiring(Duration::ZERO),
        index("assignments", "overdue_offers", doc! { "expires_at": 1 })
            .partial(doc! { "status": "offered" }),
        index(
            "assignments",
            "paces_of_queues",
            doc! { "created_at": 1, "queue_id": 1 },
        ),
        index("assignments", "ended", doc! { "ended_at": 1 })
            .partial(doc! { "ended_at": { "$type": "date" } }),
        index(
            "audit_logs",
            "of_object",
            doc! { "object_type": 1, "object_id": 1, "_id": -1 },
        ),
        index("audit_logs", "of_actor", doc! { "actor_id": 1, "_id": -1 }),
        index("audit_logs", "by_time", doc! { "at": 1 }),
        index("code_factors", "of_user", doc! { "user_id": 1 }),
        index("users", "by_email", doc! { "email": 1 }).unique(),
        index(
            "routing_decisions",
            "of_conversation",
            doc! { "conversation_id": 1, "at": -1 },
        ),
        index(
            "routing_shadow_comparisons",
            "differing_of_run",
            doc! { "run_id": 1, "at": -1, "_id": -1 },
        )
        .partial(doc! { "json": { "$exists": true } }),
        index("routing_shadow_comparisons", "of_run", doc! { "run_id": 1 }),
        index(
            "routing_shadow_comparisons",
            "of_conversation",
            doc! { "conversation_id": 1 },
        ),
        index("deliveries", "of_message", doc! { "message_id": 1, "attempt": 1 }),
        index("pending_statuses", "of_message", doc! { "provider_key": 1 }),
        index("pending_statuses", "kept_a_week", doc! { "kept_at": 1 }).expiring(DAY * 7),
        index("refresh_tokens", "of_user", doc! { "user_id": 1 }),
        index("refresh_tokens", "expired", doc! { "expires_at": 1 }).expiring(Duration::ZERO),
        index("presence_sessions", "of_user", doc! { "user_id": 1, "at": -1 }),
        index("presence", "of_node", doc! { "nodes": 1 }),
    ]
}

/// Creates those that are missing, and makes those by which documents expire follow the deployment's choice.
pub async fn create(database: &Database, retention: &Retention) -> Result<(), StoreError> {
    let mut collections: Vec<(&str, Vec<IndexModel>)> = Vec::new();
    for index in all(retention) {
        if let Expire::AsConfigured(time) = index.expire {
            follow(database, index.collection, time).await?;
            if time.is_none() {
                continue;
            }
        }
        let expire_after = index.expire_after();
        let options = IndexOptions::builder()
            .name(index.name.to_owned())
            .unique(index.unique)
            .partial_filter_expression(index.partial)
            .expire_after(expire_after)
            .build();
        let model = IndexModel::builder().keys(index.keys).options(options).build();
        match collections.iter_mut().find(|(name, _)| *name == index.collection) {
            Some((_, models)) => models.push(model),
            None => collections.push((index.collection, vec![model])),
        }
    }
    for (name, models) in collections {
        database
            .collection::<Document>(name)
            .create_indexes(models)
            .await?;
    }
    Ok(())
}

/// Drops what isn't wanted (any more), and changes the time of what is there.
async fn follow(database: &Database, collection: &str, time: Option<Duration>) -> Result<(), StoreError> {
    let rows = database.collection::<Document>(collection);
    let present = match rows.list_indexes().await {
        Ok(indexes) => indexes.try_collect::<Vec<IndexModel>>().await?,
        // The collection isn't there yet.
        Err(error) if is_code(&error, NAMESPACE_NOT_FOUND) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    for options in present.into_iter().filter_map(|index| index.options) {
        let name = options.name.unwrap_or_default();
        if FORMERLY.contains(&name.as_str()) || (name == KEPT && time.is_none()) {
            match rows.drop_index(name).await {
                // Another node was faster.
                Err(error) if !is_code(&error, INDEX_NOT_FOUND) => return Err(error.into()),
                _ => {}
            }
        } else if name == KEPT
            && let Some(time) = time.filter(|time| Some(*time) != options.expire_after)
        {
            let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
            let index = doc! { "name": KEPT, "expireAfterSeconds": seconds };
            database
                .run_command(doc! { "collMod": collection, "index": index })
                .await?;
        }
    }
    Ok(())
}

fn is_code(error: &Error, code: i32) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::Command(command) if command.code == code)
}
