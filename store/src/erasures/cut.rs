//! The one moment at which a customer and those who write from their addresses part.

use futures_util::FutureExt;
use mongodb::{
    ClientSession,
    bson::{Bson, Document, doc},
    error::Error,
};
use switchboard_domain::{CustomerId, Timestamp};

use super::{Erasures, Row};
use crate::{dates::date, error::StoreError};

impl Erasures {
    /// Takes customer and conversations out of sight, and from everything that they are found by, in one transaction:
    /// whoever writes after it is somebody new, and nothing of theirs ends up in what is being erased. Repeated, it does
    /// the same to conversations that were opened at that moment; the time stays.
    pub async fn cut(&self, id: &CustomerId, now: Timestamp) -> Result<(), StoreError> {
        let mut session = self.database.client().start_session().await?;
        session
            .start_transaction()
            .and_run((self, id, now), |session, (erasures, id, now)| {
                erasures.cut_in(session, id, *now).boxed()
            })
            .await?;
        Ok(())
    }

    async fn cut_in(
        &self,
        session: &mut ClientSession,
        id: &CustomerId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let first = doc! { "_id": id.as_str(), "cut_at": null, "state": { "$ne": "erased" } };
        let cut = doc! { "$set": { "cut_at": date(now) } };
        let rows = self.rows.clone_with_type::<Row>();
        rows.update_one(first, cut).session(&mut *session).await?;
        let whole = doc! { "_id": id.as_str() };
        self.documents("customers")
            .update_one(whole, blank_customer(id))
            .session(&mut *session)
            .await?;
        let conversations = self.documents("conversations");
        let open = doc! { "customer_id": id.as_str(), "erased": null, "status": { "$ne": "resolved" } };
        let over = doc! { "$set": { "status": "resolved", "resolved_at": date(now) } };
        conversations
            .update_many(open, over)
            .session(&mut *session)
            .await?;
        let theirs = doc! { "customer_id": id.as_str(), "erased": null };
        conversations
            .update_many(theirs, hide_conversation())
            .session(&mut *session)
            .await?;
        Ok(())
    }
}

/// Leaves that there was one. Their keys find them no more.
fn blank_customer(id: &CustomerId) -> Document {
    doc! {
        "$set": { "identities": [], "keys": [format!("erased:{id}")], "attributes": {}, "erased": true },
        "$unset": {
            "name": "", "phone": "", "email": "", "told_language": "", "language_told_at": "", "set_language": "",
        },
    }
}

/// A pipeline, since each gets a key of its own. `erased` says that no pass has gone over it yet.
fn hide_conversation() -> Vec<Document> {
    let own_key = doc! { "$concat": ["erased:", "$_id"] };
    let set = doc! {
        "erased": 0, "labels": [], "contact": { "external_id": "" }, "contact_key": own_key, "routing_state": "none",
        "assignment_id": Bson::Null, "offer": Bson::Null, "waiting": Bson::Null, "snoozed_until": Bson::Null,
    };
    // A literal document in `$set` is added to the one that is there: it has to go first.
    vec![
        doc! { "$unset": ["open_key", "contact", "sla_next_at"] },
        doc! { "$set": set },
    ]
}
