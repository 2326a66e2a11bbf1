//! The one seam through which the configuration is changed: the entry first, then the change.
//!
//! An entry that can't be written stops the change. A change that doesn't come about after its entry gets a second one
//! that says so. So a crash in between leaves an entry too many, never one too few.

use serde::Serialize;
use serde_json::Value;
use switchboard_domain::{Actor, ActorKind, AuditObject, AuditOutcome, AuditRecord, UserId, difference};
use switchboard_store::{Catalogue, Entry};

use crate::{
    app::App,
    auth::{Caller, Origin},
    error::ApiError,
};

/// Where Redis remembers the end of the chain.
pub const MARK: &str = "audit";

/// What is about to happen.
pub struct Change<'a> {
    /// As `team.changed`.
    pub action: String,
    pub kind: &'a str,
    pub id: &'a str,
    /// Without secrets: say that one was set, not what it is.
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl<'a> Change<'a> {
    /// Something that is done to an object and changes none of its fields.
    pub fn act(action: &str, kind: &'a str, id: &'a str) -> Self {
        Self {
            action: action.to_owned(),
            kind,
            id,
            before: None,
            after: None,
        }
    }

    #[must_use]
    pub fn from(mut self, before: &impl Serialize) -> Self {
        self.before = serde_json::to_value(before).ok();
        self
    }

    #[must_use]
    pub fn to(mut self, after: &impl Serialize) -> Self {
        self.after = serde_json::to_value(after).ok();
        self
    }
}

/// Writes the entry, then makes the change.
pub async fn change<T, E: Into<ApiError>>(
    app: &App,
    caller: &Caller,
    change: Change<'_>,
    effect: impl Future<Output = Result<T, E>>,
) -> Result<T, ApiError> {
    carry_out(app, record(app, caller, change), effect).await
}

/// The same for what an OpenID provider's claims ask for, when somebody signs in there.
pub async fn by_provider<T, E: Into<ApiError>>(
    app: &App,
    provider: &str,
    origin: &Origin,
    change: Change<'_>,
    effect: impl Future<Output = Result<T, E>>,
) -> Result<T, ApiError> {
    let actor = actor(ActorKind::System, &format!("oidc:{provider}"));
    carry_out(app, of(app, actor, Some(origin), change), effect).await
}

async fn carry_out<T, E: Into<ApiError>>(
    app: &App,
    mut record: AuditRecord,
    effect: impl Future<Output = Result<T, E>>,
) -> Result<T, ApiError> {
    write(app, &record).await?;
    match effect.await {
        Ok(done) => Ok(done),
        Err(error) => {
            let error: ApiError = error.into();
            record.outcome = AuditOutcome::Failed;
            record.after = Some(serde_json::json!({ "error": error.code }));
            record.at = app.clock.now();
            write(app, &record).await?;
            Err(error)
        }
    }
}

/// Writes down a sensitive look, or anything else that changes nothing here.
pub async fn note(app: &App, caller: &Caller, what: Change<'_>) -> Result<(), ApiError> {
    write(app, &record(app, caller, what)).await
}

/// Creates an entry of a catalogue.
pub async fn insert<T: Entry>(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue<T>,
    entry: &T,
) -> Result<(), ApiError> {
    let what = Change::act(&format!("{}.created", T::KIND), T::KIND, entry.id()).to(entry);
    change(app, caller, what, catalogue.insert(entry)).await
}

/// Creates or replaces an entry of a catalogue.
pub async fn put<T: Entry>(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue<T>,
    entry: &T,
) -> Result<(), ApiError> {
    let before = catalogue.get(entry.id()).await?;
    let verb = if before.is_some() { "changed" } else { "created" };
    let mut what = Change::act(&format!("{}.{verb}", T::KIND), T::KIND, entry.id()).to(entry);
    what.before = before.and_then(|before| serde_json::to_value(before).ok());
    change(app, caller, what, catalogue.put(entry)).await
}

/// Deletes an entry of a catalogue; 404 if there is none.
pub async fn delete<T: Entry>(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue<T>,
    id: &str,
) -> Result<(), ApiError> {
    let before = catalogue.get(id).await?;
    let before = before.ok_or_else(|| ApiError::not_found(T::KIND))?;
    let what = Change::act(&format!("{}.deleted", T::KIND), T::KIND, id).from(&before);
    change(app, caller, what, catalogue.delete(id)).await.map(drop)
}

fn record(app: &App, caller: &Caller, change: Change<'_>) -> AuditRecord {
    let actor = match caller.key() {
        Some(key) => actor(ActorKind::ApiKey, key),
        None => actor(ActorKind::User, caller.id().as_str()),
    };
    of(app, actor, caller.origin(), change)
}

fn actor(kind: ActorKind, id: &str) -> Actor {
    Actor {
        kind,
        id: id.to_owned(),
    }
}

fn of(app: &App, actor: Actor, origin: Option<&Origin>, change: Change<'_>) -> AuditRecord {
    let (before, after) = difference(change.before, change.after);
    AuditRecord {
        at: app.clock.now(),
        actor,
        action: change.action,
        object: AuditObject {
            kind: change.kind.to_owned(),
            id: change.id.to_owned(),
        },
        outcome: AuditOutcome::Done,
        before,
        after,
        ip: origin.map(|origin| origin.ip.to_string()),
        request_id: origin.map(|origin| origin.request_id.clone()),
    }
}

/// What the hub does by itself, or somebody at its command line.
pub async fn by_the_system(app: &App, change: Change<'_>) -> Result<(), ApiError> {
    write(app, &of(app, actor(ActorKind::System, ""), None, change)).await
}

/// What a user does who isn't signed in, but was mailed a link.
pub async fn by_link(app: &App, user: &UserId, origin: &Origin, change: Change<'_>) -> Result<(), ApiError> {
    let actor = actor(ActorKind::User, user.as_str());
    write(app, &of(app, actor, Some(origin), change)).await
}

async fn write(app: &App, record: &AuditRecord) -> Result<(), ApiError> {
    let head = app.store.audit.append(record).await?;
    // The log and Redis are not MongoDB: whoever cuts off the end of the chain there leaves it here.
    tracing::info!(
        seq = head.seq,
        hash = head.hash,
        action = record.action,
        "audit entry"
    );
    let _ = app.redis.mark(MARK).advance(head.seq, &head.to_string()).await;
    Ok(())
}
