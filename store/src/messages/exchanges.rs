//! Who wrote when, without what: all that promised times ask of a thread.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use mongodb::bson::{DateTime, doc};
use serde::Deserialize;
use switchboard_domain::{ConversationId, Direction, SlaEvent, SlaEventKind};

use super::Messages;
use crate::{dates::timestamp, error::StoreError};

#[derive(Deserialize)]
struct OnlyTimes {
    conversation_id: ConversationId,
    direction: Direction,
    received_at: DateTime,
}

impl Messages {
    /// What customers and agents wrote in these conversations, by our clock. Notes are neither.
    pub async fn exchanges(
        &self,
        ids: &[ConversationId],
    ) -> Result<HashMap<ConversationId, Vec<SlaEvent>>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(ConversationId::as_str).collect();
        let rows: Vec<OnlyTimes> = self
            .collection
            .clone_with_type::<OnlyTimes>()
            .find(doc! { "conversation_id": { "$in": ids }, "direction": { "$in": ["inbound", "outbound"] } })
            .projection(doc! { "_id": 0, "conversation_id": 1, "direction": 1, "received_at": 1 })
            .batch_size(5000)
            .await?
            .try_collect()
            .await?;
        let mut events: HashMap<ConversationId, Vec<SlaEvent>> = HashMap::new();
        for row in rows {
            let what = match row.direction {
                Direction::Inbound => SlaEventKind::CustomerWrote,
                Direction::Outbound => SlaEventKind::AgentReplied,
                Direction::Internal => continue,
            };
            let at = timestamp(row.received_at);
            events
                .entry(row.conversation_id)
                .or_default()
                .push(SlaEvent { at, what });
        }
        Ok(events)
    }
}
