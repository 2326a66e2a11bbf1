//! For operations: the lanes, what was given up, and stopping or starting a lane.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_domain::{Permission, Pii, Timestamp};
use switchboard_queue::{DeadLetter, Lane, LaneStats, QueueError};
use utoipa::{IntoParams, ToSchema};

use super::{List, limit};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
    json::Query,
};

/// How a lane is doing.
#[derive(Serialize, ToSchema)]
pub struct LaneReport {
    lane: &'static str,
    /// Appended and not settled.
    depth: u64,
    /// Of these, handed to a worker.
    pending: u64,
    /// Not due yet.
    delayed: u64,
    dead: u64,
    paused: bool,
    oldest_age_millis: u64,
}

impl From<LaneStats> for LaneReport {
    fn from(stats: LaneStats) -> Self {
        Self {
            lane: stats.lane.as_str(),
            depth: stats.depth,
            pending: stats.pending,
            delayed: stats.delayed,
            dead: stats.dead,
            paused: stats.paused,
            oldest_age_millis: u64::try_from(stats.oldest_age.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The lanes, and what waits in the spool.
#[derive(Serialize, ToSchema)]
pub struct Queues {
    items: Vec<LaneReport>,
    /// Webhooks that wait in MongoDB for Redis.
    spooled: u64,
}

/// Every lane.
#[utoipa::path(get, path = "/api/v1/ops/queues", tag = "ops", responses((status = 200, body = Queues)),
    security(("bearer" = [])))]
pub async fn queues(State(app): State<Arc<App>>, caller: Caller) -> Result<Answer<Queues>, ApiError> {
    caller.require_everywhere(Permission::OpsView)?;
    let items = app
        .redis
        .lanes()
        .all()
        .await?
        .into_iter()
        .map(LaneReport::from)
        .collect();
    Ok(Answer(Queues {
        items,
        spooled: app.store.spool.count().await?,
    }))
}

/// Stops handing out a lane's jobs; they are kept.
#[utoipa::path(post, path = "/api/v1/ops/queues/{lane}/pause", tag = "ops", params(("lane" = String, Path)),
    responses((status = 204)), security(("bearer" = [])))]
pub async fn pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(lane): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::OpsView)?;
    let what = Change::act("lane.paused", "lane", &lane);
    audit::change(&app, &caller, what, app.redis.lanes().pause(parse(&lane)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts it again.
#[utoipa::path(post, path = "/api/v1/ops/queues/{lane}/resume", tag = "ops", params(("lane" = String, Path)),
    responses((status = 204)), security(("bearer" = [])))]
pub async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(lane): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::OpsView)?;
    let what = Change::act("lane.resumed", "lane", &lane);
    audit::change(&app, &caller, what, app.redis.lanes().resume(parse(&lane)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    lane: String,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// A job that was given up.
#[derive(Serialize, ToSchema)]
pub struct Letter {
    id: String,
    lane: &'static str,
    attempts: u32,
    error: String,
    enqueued_at: Timestamp,
    died_at: Timestamp,
    /// Base64; absent for those who are shown personal data masked: it may be a webhook as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
}

impl Letter {
    fn shown(reader: Pii, letter: DeadLetter) -> Self {
        Self {
            payload: (reader == Pii::Plain).then(|| STANDARD.encode(&letter.payload)),
            id: letter.id,
            lane: letter.lane.as_str(),
            attempts: letter.attempts,
            error: letter.error,
            enqueued_at: letter.enqueued_at,
            died_at: letter.died_at,
        }
    }
}

/// A lane's dead letters, the oldest first.
#[utoipa::path(get, path = "/api/v1/ops/dead-letters", tag = "ops", params(Which),
    responses((status = 200, body = List<Letter>)), security(("bearer" = [])))]
pub async fn dead_letters(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Answer<List<Letter>>, ApiError> {
    caller.require_everywhere(Permission::OpsView)?;
    let (lane, limit) = (parse(&which.lane)?, limit(which.limit)?);
    if which.cursor.as_deref().is_some_and(|cursor| !is_id(cursor)) {
        return Err(ApiError::bad_request("The cursor is not one of ours."));
    }
    let mut letters = app
        .redis
        .dead_letters()
        .list(lane, which.cursor.as_deref(), limit + 1)
        .await?;
    let more = letters.len() > limit;
    letters.truncate(limit);
    let next_cursor = letters.last().filter(|_| more).map(|letter| letter.id.clone());
    Ok(Answer(List {
        items: letters
            .into_iter()
            .map(|letter| Letter::shown(caller.pii(), letter))
            .collect(),
        next_cursor,
    }))
}

#[derive(Serialize, ToSchema)]
pub struct Replayed {
    replayed: usize,
}

/// Puts all of a lane's dead letters back into it.
#[utoipa::path(post, path = "/api/v1/ops/dead-letters/{lane}/replay", tag = "ops", params(("lane" = String, Path)),
    responses((status = 200, body = Replayed)), security(("bearer" = [])))]
pub async fn replay_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(lane): Path<String>,
) -> Result<Answer<Replayed>, ApiError> {
    caller.require_everywhere(Permission::OpsView)?;
    let what = Change::act("dead_letters.replayed", "lane", &lane);
    let letters = app.redis.dead_letters();
    let replayed = audit::change(&app, &caller, what, letters.replay_all(parse(&lane)?)).await?;
    Ok(Answer(Replayed { replayed }))
}

/// Puts one back.
#[utoipa::path(post, path = "/api/v1/ops/dead-letters/{lane}/{id}/replay", tag = "ops",
    params(("lane" = String, Path), ("id" = String, Path)), responses((status = 204), (status = 404)),
    security(("bearer" = [])))]
pub async fn replay(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((lane, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::OpsView)?;
    let (lane, letters) = (known(&lane, &id)?, app.redis.dead_letters());
    let what = Change::act("dead_letter.replayed", "dead_letter", &id);
    settled(audit::change(&app, &caller, what, letters.replay(lane, &id)).await?)
}

/// Throws one away.
#[utoipa::path(delete, path = "/api/v1/ops/dead-letters/{lane}/{id}", tag = "ops",
    params(("lane" = String, Path), ("id" = String, Path)), responses((status = 204), (status = 404)),
    security(("bearer" = [])))]
pub async fn discard(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((lane, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::OpsView)?;
    let (lane, letters) = (known(&lane, &id)?, app.redis.dead_letters());
    let what = Change::act("dead_letter.discarded", "dead_letter", &id);
    settled(audit::change(&app, &caller, what, letters.discard(lane, &id)).await?)
}

fn parse(lane: &str) -> Result<Lane, ApiError> {
    Lane::parse(lane).ok_or_else(|| ApiError::not_found("lane"))
}

/// The lane, if `id` can be one of its dead letters.
fn known(lane: &str, id: &str) -> Result<Lane, ApiError> {
    let lane = parse(lane)?;
    if is_id(id) {
        Ok(lane)
    } else {
        Err(ApiError::not_found("dead letter"))
    }
}

/// The form of a dead letter's id; anything else would mean something else to Redis.
fn is_id(text: &str) -> bool {
    text.parse::<crate::live::cursor::Cursor>().is_ok()
}

fn settled(done: bool) -> Result<StatusCode, ApiError> {
    if done {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("dead letter"))
    }
}

impl From<QueueError> for ApiError {
    fn from(error: QueueError) -> Self {
        Self::unavailable(&error)
    }
}
