//! `presence` and `nodes`: what agents declared, and which live nodes have a console of theirs.

use std::{collections::HashSet, time::Duration};

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Intent, Presence, Timestamp, UserId};

use crate::{
    bulk::{self, Update},
    dates::{date, timestamp},
    error::StoreError,
};

/// A node that hasn't been heard of for this long is gone, and its consoles with it.
const NODE_LIFE: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub struct Presences {
    collection: Collection<Row>,
    nodes: Collection<Node>,
    database: Database,
}

/// What routing wants to know of an agent's presence.
#[derive(Clone, Debug)]
pub struct AgentPresence {
    pub presence: Presence,
    pub last_assigned_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    user_id: UserId,
    #[serde(default)]
    intent: Intent,
    #[serde(default)]
    nodes: Vec<String>,
    changed_at: Option<DateTime>,
    last_assigned_at: Option<DateTime>,
}

#[derive(Serialize, Deserialize)]
struct Node {
    #[serde(rename = "_id")]
    name: String,
    seen_at: DateTime,
}

impl Presences {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("presence"),
            nodes: database.collection("nodes"),
            database: database.clone(),
        }
    }

    /// What the agent declares. It stands until they declare something else, whatever their consoles do.
    pub async fn declare(
        &self,
        user: &UserId,
        intent: Intent,
        now: Timestamp,
    ) -> Result<Presence, StoreError> {
        self.change(
            user,
            doc! { "$set": { "intent": intent.as_str(), "changed_at": date(now) } },
            now,
        )
        .await
    }

    /// The first console of theirs came to this node. It never raises the intent.
    pub async fn connect(&self, user: &UserId, node: &str, now: Timestamp) -> Result<Presence, StoreError> {
        let update = doc! { "$addToSet": { "nodes": node }, "$set": { "changed_at": date(now) } };
        self.change(user, update, now).await
    }

    /// The last console of theirs went from this node.
    pub async fn disconnect(
        &self,
        user: &UserId,
        node: &str,
        now: Timestamp,
    ) -> Result<Presence, StoreError> {
        let update = doc! { "$pull": { "nodes": node }, "$set": { "changed_at": date(now) } };
        self.change(user, update, now).await
    }

    pub async fn of(&self, user: &UserId, now: Timestamp) -> Result<Presence, StoreError> {
        let row = self.collection.find_one(doc! { "_id": user.as_str() }).await?;
        let live = self.live_nodes(now).await?;
        Ok(row.map_or_else(|| absent(user, now), |row| row.into_presence(&live).presence))
    }

    /// Everybody who has ever declared or connected.
    pub async fn all(&self, now: Timestamp) -> Result<Vec<AgentPresence>, StoreError> {
        let live = self.live_nodes(now).await?;
        let rows: Vec<Row> = self
            .collection
            .find(doc! {})
            .batch_size(5000)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(|row| row.into_presence(&live)).collect())
    }

    /// Work was just given to these agents.
    pub async fn assigned(&self, agents: &[UserId], at: Timestamp) -> Result<(), StoreError> {
        let updates = agents
            .iter()
            .map(|agent| {
                Update::upsert(
                    doc! { "_id": agent.as_str() },
                    doc! { "$max": { "last_assigned_at": date(at) } },
                )
            })
            .collect();
        bulk::update(&self.database, "presence", updates).await?;
        Ok(())
    }

    /// A node says that it lives; whether it was known. If not, it is new, or was silent for so long that its consoles
    /// were forgotten with it.
    pub async fn beat(&self, node: &str, now: Timestamp) -> Result<bool, StoreError> {
        let beaten = self
            .nodes
            .update_one(doc! { "_id": node }, doc! { "$set": { "seen_at": date(now) } })
            .upsert(true)
            .await?;
        Ok(beaten.matched_count > 0)
    }

    /// A node takes its leave; its consoles are gone at once.
    pub async fn leave(&self, node: &str, now: Timestamp) -> Result<(), StoreError> {
        self.nodes.delete_one(doc! { "_id": node }).await?;
        self.forget_nodes(&[node], now).await
    }

    /// Forgets nodes that are gone; tells who had a console there, and `None` if no node was to be forgotten.
    pub async fn forget_dead_nodes(&self, now: Timestamp) -> Result<Option<Vec<Presence>>, StoreError> {
        let dead = doc! { "seen_at": { "$lt": date(now.minus(NODE_LIFE * 2)) } };
        let dead_nodes: Vec<Node> = self.nodes.find(dead).await?.try_collect().await?;
        if dead_nodes.is_empty() {
            return Ok(None);
        }
        let names: Vec<&str> = dead_nodes.iter().map(|node| node.name.as_str()).collect();
        let theirs = doc! { "nodes": { "$in": &names } };
        let rows: Vec<Row> = self.collection.find(theirs).await?.try_collect().await?;
        self.forget_nodes(&names, now).await?;
        self.nodes.delete_many(doc! { "_id": { "$in": names } }).await?;
        let live = self.live_nodes(now).await?;
        Ok(Some(
            rows.into_iter()
                .map(|row| row.into_presence(&live).presence)
                .collect(),
        ))
    }

    async fn forget_nodes(&self, names: &[&str], now: Timestamp) -> Result<(), StoreError> {
        let gone = doc! { "$in": names };
        self.collection
            .update_many(
                doc! { "nodes": gone.clone() },
                doc! { "$pull": { "nodes": gone }, "$set": { "changed_at": date(now) } },
            )
            .await?;
        Ok(())
    }

    async fn live_nodes(&self, now: Timestamp) -> Result<HashSet<String>, StoreError> {
        let filter = doc! { "seen_at": { "$gte": date(now.minus(NODE_LIFE)) } };
        let nodes: Vec<Node> = self.nodes.find(filter).await?.try_collect().await?;
        Ok(nodes.into_iter().map(|node| node.name).collect())
    }

    async fn change(
        &self,
        user: &UserId,
        update: mongodb::bson::Document,
        now: Timestamp,
    ) -> Result<Presence, StoreError> {
        let row = self
            .collection
            .find_one_and_update(doc! { "_id": user.as_str() }, update)
            .upsert(true)
            .return_document(ReturnDocument::After)
            .await?;
        let live = self.live_nodes(now).await?;
        Ok(row.map_or_else(|| absent(user, now), |row| row.into_presence(&live).presence))
    }
}

fn absent(user: &UserId, now: Timestamp) -> Presence {
    Presence {
        user_id: user.clone(),
        intent: Intent::Offline,
        online: false,
        changed_at: now,
    }
}

impl Row {
    fn into_presence(self, live_nodes: &HashSet<String>) -> AgentPresence {
        AgentPresence {
            presence: Presence {
                user_id: self.user_id,
                intent: self.intent,
                online: self.nodes.iter().any(|node| live_nodes.contains(node)),
                changed_at: self.changed_at.map_or_else(Timestamp::default, timestamp),
            },
            last_assigned_at: self.last_assigned_at.map(timestamp),
        }
    }
}
