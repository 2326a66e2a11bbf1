//! Messages that are kept all or none.

use std::time::Duration;

use mongodb::{
    ClientSession,
    error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT},
};
use switchboard_domain::Message;
use tokio::time::sleep;

use super::{Messages, row::Row};
use crate::error::{DUPLICATE_KEY, StoreError};

/// Two who write the same at once get in each other's way until one is through.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

impl Messages {
    /// Writes all of them in one transaction; `false`: the same were written before.
    pub async fn insert_together(&self, messages: &[Message]) -> Result<bool, StoreError> {
        if let [one] = messages {
            return Ok(self.insert_or_get(one).await?.1);
        }
        let mut session = self.collection.client().start_session().await?;
        let mut attempt = 1;
        loop {
            match self.attempt(&mut session, messages).await {
                Ok(()) => return Ok(true),
                Err(error) if is_duplicate(&error) => return Ok(false),
                Err(error) if attempt < ATTEMPTS && error.contains_label(TRANSIENT_TRANSACTION_ERROR) => {
                    sleep(PAUSE * attempt).await;
                    attempt += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn attempt(&self, session: &mut ClientSession, messages: &[Message]) -> Result<(), Error> {
        session.start_transaction().await?;
        let rows: Vec<Row> = messages.iter().map(Row::from).collect();
        if let Err(error) = self.collection.insert_many(rows).session(&mut *session).await {
            // The server has most likely ended it already.
            let _ = session.abort_transaction().await;
            return Err(error);
        }
        match session.commit_transaction().await {
            Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {
                session.commit_transaction().await
            }
            result => result,
        }
    }
}

fn is_duplicate(error: &Error) -> bool {
    match error.kind.as_ref() {
        ErrorKind::InsertMany(failure) => failure
            .write_errors
            .iter()
            .flatten()
            .any(|write| write.code == DUPLICATE_KEY),
        ErrorKind::Command(command) => command.code == DUPLICATE_KEY,
        _ => false,
    }
}
