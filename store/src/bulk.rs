//! Many writes in one round trip.
//!
//! The driver's own bulk write needs MongoDB 8; the `update` command with many statements works on every version.

use mongodb::{
    Collection, Database,
    bson::{Bson, Document, RawDocumentBuf, doc},
    error::ErrorKind,
};

use crate::error::{DUPLICATE_KEY, StoreError};

/// What the server takes in one `update` command.
const MOST_STATEMENTS: usize = 1000;

/// One statement of an `update` command.
pub struct Update {
    pub filter: Document,
    pub change: Document,
    pub upsert: bool,
}

impl Update {
    pub fn new(filter: Document, change: Document) -> Self {
        Self {
            filter,
            change,
            upsert: false,
        }
    }

    pub fn upsert(filter: Document, change: Document) -> Self {
        Self {
            filter,
            change,
            upsert: true,
        }
    }
}

/// Runs the statements unordered, majority-acknowledged, and tells how many found their document.
///
/// A statement that lost a race for an upsert (duplicate key) counts as not matched.
pub async fn update(database: &Database, collection: &str, updates: Vec<Update>) -> Result<u64, StoreError> {
    let mut matched = 0;
    let mut updates = updates.into_iter().peekable();
    while updates.peek().is_some() {
        let statements: Vec<Bson> = updates
            .by_ref()
            .take(MOST_STATEMENTS)
            .map(
                |Update {
                     filter,
                     change,
                     upsert,
                 }| Bson::Document(doc! { "q": filter, "u": change, "upsert": upsert }),
            )
            .collect();
        let reply = database
            .run_command(doc! {
                "update": collection,
                "updates": statements,
                "ordered": false,
                "writeConcern": { "w": "majority" },
            })
            .await?;
        matched += count(&reply, "n");
        check(&reply)?;
    }
    Ok(matched)
}

fn count(reply: &Document, field: &str) -> u64 {
    match reply.get(field) {
        Some(Bson::Int32(n)) => u64::try_from(*n).unwrap_or(0),
        Some(Bson::Int64(n)) => u64::try_from(*n).unwrap_or(0),
        _ => 0,
    }
}

fn check(reply: &Document) -> Result<(), StoreError> {
    if let Ok(errors) = reply.get_array("writeErrors") {
        for error in errors.iter().filter_map(Bson::as_document) {
            if error.get_i32("code").unwrap_or_default() != DUPLICATE_KEY {
                return Err(StoreError::Refused(
                    error.get_str("errmsg").unwrap_or("write error").to_owned(),
                ));
            }
        }
    }
    match reply.get_document("writeConcernError") {
        Ok(concern) => Err(StoreError::Unavailable(
            concern.get_str("errmsg").unwrap_or("not replicated").to_owned(),
        )),
        Err(_) => Ok(()),
    }
}

/// Inserts the documents unordered; tells which of them (by index) a unique index turned away.
///
/// The driver fills `inserted_ids` of a partly failed insert wrongly (RUST-1488), so it is the errors that tell.
pub async fn insert(
    collection: &Collection<RawDocumentBuf>,
    documents: Vec<RawDocumentBuf>,
) -> Result<Vec<usize>, StoreError> {
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let Err(error) = collection.insert_many(documents).ordered(false).await else {
        return Ok(Vec::new());
    };
    let ErrorKind::InsertMany(failure) = error.kind.as_ref() else {
        return Err(error.into());
    };
    if let Some(concern) = &failure.write_concern_error {
        return Err(StoreError::Unavailable(concern.message.clone()));
    }
    let mut duplicates = Vec::new();
    for write in failure.write_errors.iter().flatten() {
        if write.code != DUPLICATE_KEY {
            return Err(StoreError::Refused(write.message.clone()));
        }
        duplicates.push(write.index);
    }
    if duplicates.is_empty() {
        Err(error.into())
    } else {
        Ok(duplicates)
    }
}
