//! Changing a user, without ever losing the last who can do everything.

use futures_util::FutureExt;
use mongodb::{
    ClientSession,
    bson::{Document, doc},
    error::Error,
};
use switchboard_domain::{SUPER_ADMIN, User};

use crate::{Users, error::StoreError};

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserChange {
    Changed,
    NoSuchUser,
    /// Nobody would be left who can sign in and holds [`SUPER_ADMIN`]; nothing was changed.
    LastOne,
}

impl Users {
    /// Replaces everything but the password.
    pub async fn update(&self, user: &User) -> Result<UserChange, StoreError> {
        let mut set = mongodb::bson::serialize_to_document(user)?;
        set.remove("id");
        set.insert("email", user.email.to_lowercase());
        let mut session = self.collection.client().start_session().await?;
        let kept = session
            .start_transaction()
            .and_run((self, user, set), |session, (users, user, set)| {
                users.change(session, user, set).boxed()
            })
            .await?;
        Ok(kept)
    }

    async fn change(
        &self,
        session: &mut ClientSession,
        user: &User,
        set: &Document,
    ) -> Result<UserChange, Error> {
        let id = user.id.as_str();
        let holds = user.enabled && user.role_id.as_str() == SUPER_ADMIN;
        let held = doc! { "_id": id, "role_id": SUPER_ADMIN, "enabled": true };
        let loses = !holds
            && self
                .collection
                .find_one(held)
                .session(&mut *session)
                .await?
                .is_some();
        if loses && !self.another_admin(session, id).await? {
            return Ok(UserChange::LastOne);
        }
        let update = self
            .collection
            .update_one(doc! { "_id": id }, doc! { "$set": set.clone() });
        let changed = update.session(session).await?.matched_count > 0;
        Ok(if changed {
            UserChange::Changed
        } else {
            UserChange::NoSuchUser
        })
    }

    /// Whether somebody else holds the role. They are written to, unchanged as they are: of two transactions that rely
    /// on each other's admin, one then has to begin again.
    async fn another_admin(&self, session: &mut ClientSession, id: &str) -> Result<bool, Error> {
        let other = doc! { "_id": { "$ne": id }, "role_id": SUPER_ADMIN, "enabled": true };
        let touch = doc! { "$currentDate": { "relied_on_at": true } };
        let relied_on = self.collection.find_one_and_update(other, touch);
        Ok(relied_on.session(session).await?.is_some())
    }
}
