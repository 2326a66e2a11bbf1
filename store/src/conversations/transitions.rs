//! What people do with a conversation. Every step goes through the caller's scope again, at the write.

use mongodb::bson::{Document, doc};
use switchboard_domain::{Conversation, ConversationId, SlaEventKind, Timestamp, Visible};

use super::{Conversations, service_levels::remember};
use crate::{dates::date, error::StoreError, scope};

impl Conversations {
    pub async fn resolve(
        &self,
        visible: &Visible,
        id: &ConversationId,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        let update = doc! {
            "$set": {
                "status": "resolved", "resolved_at": date(now), "last_activity_at": date(now), "routing_state": "none",
                "assignment_id": null, "offer": null, "snoozed_until": null, "waiting": null,
            },
            "$unset": { "open_key": "" },
            "$push": remember(SlaEventKind::Resolved, now)?,
            "$inc": { "version": 1 },
        };
        self.step(
            within(visible, id, doc! { "status": { "$ne": "resolved" } }),
            update,
        )
        .await
    }

    /// Reopens a resolved or snoozed conversation; [`StoreError::Duplicate`] if its contact has another one open (P4).
    pub async fn reopen(
        &self,
        visible: &Visible,
        conversation: &Conversation,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        let key = Conversation::open_key(&conversation.account(), &conversation.contact.external_id);
        self.set_open(
            within(visible, &conversation.id, doc! { "status": { "$ne": "open" } }),
            Some(&key),
            now,
        )
        .await
    }

    /// Out of sight until `until`, or until the customer writes. Its agent keeps nothing reserved meanwhile.
    pub async fn snooze(
        &self,
        visible: &Visible,
        id: &ConversationId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        let update = doc! {
            "$set": {
                "status": "snoozed", "snoozed_until": date(until), "last_activity_at": date(now),
                "routing_state": "none", "assignment_id": null, "offer": null, "waiting": null,
            },
            "$push": remember(SlaEventKind::Snoozed, now)?,
            "$inc": { "version": 1 },
        };
        self.step(within(visible, id, doc! { "status": "open" }), update)
            .await
    }

    pub async fn label(
        &self,
        visible: &Visible,
        id: &ConversationId,
        labels: &[String],
    ) -> Result<Option<Conversation>, StoreError> {
        self.step(
            within(visible, id, doc! {}),
            doc! { "$set": { "labels": labels }, "$inc": { "version": 1 } },
        )
        .await
    }

    /// Everything that was stored up to now has been read.
    pub async fn read(
        &self,
        visible: &Visible,
        id: &ConversationId,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        let read = doc! { "$set": { "unread": [], "read_at": date(now) } };
        self.step(within(visible, id, doc! {}), read).await
    }

    /// Open again and waiting for an agent, as old as this moment: somebody who returns doesn't overtake those
    /// who have waited since the morning.
    pub(super) async fn set_open(
        &self,
        filter: Document,
        open_key: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        let mut set = doc! {
            "status": "open", "routing_state": "waiting", "resolved_at": null, "snoozed_until": null,
            "assignee_id": null, "assignment_id": null, "offer": null, "last_activity_at": date(now),
            "waiting": {
                "since": date(now), "requirements": [], "declined": [], "rule_id": null, "rule_version": null,
            },
        };
        if let Some(key) = open_key {
            set.insert("open_key", key);
        }
        let what = if open_key.is_some() {
            SlaEventKind::Reopened
        } else {
            SlaEventKind::Woke
        };
        let update = doc! { "$set": set, "$inc": { "version": 1 }, "$push": remember(what, now)? };
        self.step(filter, update).await
    }
}

fn within(visible: &Visible, id: &ConversationId, state: Document) -> Document {
    doc! { "$and": [scope::conversations(visible), { "_id": id.as_str() }, state] }
}
