//! What slipped through at the moment of the cut: a batch that had looked before it, and wrote after it.

use mongodb::bson::{Bson, Document, doc};

use super::{Erasures, Underway, blank::PAGE};
use crate::{dates::date, error::StoreError};

impl Erasures {
    /// Somebody new of whom nothing came since the cut isn't new: their conversations become part of what is erased. Of
    /// whoever has written since, only what came before is.
    pub async fn adopt_strays(&self, underway: &Underway, pass: i32) -> Result<(), StoreError> {
        let Some(cut_at) = underway.cut_at.map(date) else {
            return Ok(());
        };
        let theirs = doc! { "keys": { "$in": &underway.traces.identities } };
        for customer in self.documents("customers").distinct("_id", theirs).await? {
            let own = doc! { "customer_id": &customer };
            let conversations = self.documents("conversations").distinct("_id", own).await?;
            let said =
                |when: Document| doc! { "conversation_id": { "$in": &conversations }, "received_at": when };
            let later = said(doc! { "$gt": cut_at });
            let earlier = said(doc! { "$lte": cut_at });
            let messages = self.documents("messages");
            if messages.find_one(later).await?.is_some() {
                while self.blank_some(earlier.clone(), pass).await? == PAGE as usize {}
            } else if messages.find_one(earlier).await?.is_some() {
                self.adopt(underway, &customer, &conversations).await?;
            }
        }
        Ok(())
    }

    async fn adopt(
        &self,
        underway: &Underway,
        customer: &Bson,
        conversations: &[Bson],
    ) -> Result<(), StoreError> {
        let set = doc! { "$set": { "customer_id": underway.customer_id.as_str() } };
        self.documents("conversations")
            .update_many(doc! { "_id": { "$in": conversations } }, set)
            .await?;
        self.documents("customers")
            .delete_one(doc! { "_id": customer })
            .await?;
        Ok(())
    }
}
