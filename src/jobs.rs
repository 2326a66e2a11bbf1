//! What the top floor asks of the workers, as jobs of their lanes.

use bytes::Bytes;
use switchboard_connectors::StoredRequest;
use switchboard_domain::{AccountKey, Arrival, MessageId};
use switchboard_queue::{Lane, Producer, QueueError};

/// A verified webhook, as the ingest lane and the spool carry it.
pub fn ingest(account: &AccountKey, arrival: Arrival, request: StoredRequest) -> Bytes {
    let _ = (account, arrival);
    request.body
}

/// Somebody may be eligible who wasn't before.
pub async fn wake_routing(producer: &Producer) -> Result<(), QueueError> {
    producer.push(Lane::Routing, &serde_json::json!({ "wake": true })).await
}

/// A reply is waiting to be sent.
pub async fn send(producer: &Producer, message: &MessageId) -> Result<(), QueueError> {
    producer.push(Lane::Outbound, &serde_json::json!({ "message_id": message })).await
}
