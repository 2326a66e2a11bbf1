//! Routing: why a conversation went where it went, and what team leads configure.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::{
    CalendarId, Decision, FieldPointer, Overflow, OverflowWhen, Permission, Queue, QueueId, Shown, Skill,
    Strategy, TeamId,
};
use switchboard_store::{Catalogue, Entry};
use utoipa::ToSchema;

use super::{
    List,
    conversations::find,
    fault,
    pointed::{Pointed, refuse},
    reach::Reach,
};
use crate::{app::App, audit, auth::Caller, error::ApiError, json::Json};

/// Decisions shown for a conversation.
const DECISIONS: i64 = 100;

/// Why, and why not: every routing decision about the conversation, newest first.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/routing", tag = "routing", params(("id" = String, Path)),
    responses((status = 200, body = List<Decision>)), security(("bearer" = [])))]
pub async fn decisions(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<List<Shown<Decision>>>, ApiError> {
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    let decisions = app.store.decisions.of(&conversation, DECISIONS).await?;
    Ok(Answer(List::whole(
        decisions.into_iter().map(|one| caller.shown(one)).collect(),
    )))
}

/// All queues.
#[utoipa::path(get, path = "/api/v1/routing/queues", tag = "routing", responses((status = 200, body = List<Queue>)),
    security(("bearer" = [])))]
pub async fn queues(State(app): State<Arc<App>>, _caller: Caller) -> Result<Answer<List<Queue>>, ApiError> {
    Ok(Answer(List::whole(app.store.queues.all().await?)))
}

#[derive(Deserialize, ToSchema)]
pub struct QueueDraft {
    name: String,
    team_ids: Vec<TeamId>,
    #[serde(default)]
    strategy: Strategy,
    #[serde(default = "default_offer_ttl")]
    offer_ttl_secs: u32,
    #[serde(default)]
    auto_accept: bool,
    #[serde(default)]
    any_agent: bool,
    #[serde(default = "one")]
    weight: u32,
    #[serde(default)]
    wrap_up_secs: u32,
    #[schema(value_type = Option<String>)]
    business_hours_id: Option<CalendarId>,
    #[serde(default)]
    overflow: Vec<Overflow>,
}

fn default_offer_ttl() -> u32 {
    30
}

fn one() -> u32 {
    1
}

/// Creates or replaces a queue.
#[utoipa::path(put, path = "/api/v1/routing/queues/{id}", tag = "routing", request_body = QueueDraft,
    params(("id" = String, Path)), responses((status = 200, body = Queue)), security(("bearer" = [])))]
pub async fn put_queue(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Pointed(draft): Pointed<QueueDraft>,
) -> Result<Answer<Queue>, ApiError> {
    let reach = Reach::of(&caller)?;
    let queue = Queue {
        id: named(&id)?,
        name: draft.name,
        team_ids: draft.team_ids,
        strategy: draft.strategy,
        offer_ttl_secs: draft.offer_ttl_secs,
        auto_accept: draft.auto_accept,
        any_agent: draft.any_agent,
        weight: draft.weight,
        wrap_up_secs: draft.wrap_up_secs,
        business_hours_id: draft.business_hours_id,
        overflow: draft.overflow,
    };
    let before = app.store.queues.get(&id).await?;
    for state in before.iter().chain([&queue]) {
        reach.require_teams(&state.team_ids)?;
    }
    let targets: Vec<&QueueId> = queue.overflow.iter().map(|over| &over.to).collect();
    reach.require_queues(&app, targets).await?;
    refuse(queue_faults(&app, &queue).await?)?;
    put(&app, &caller, &app.store.queues, queue).await
}

/// What is wrong with a queue by itself, and with what it names.
async fn queue_faults(app: &App, queue: &Queue) -> Result<Vec<FieldPointer>, ApiError> {
    let (queues, calendars) = tokio::try_join!(app.store.queues.all(), app.store.business_hours.all())?;
    let mut faults = Vec::new();
    let mut add = |pointer: String, message: &str| {
        faults.push(FieldPointer {
            pointer,
            message: message.to_owned(),
        });
    };
    for (pointer, value) in [
        ("/weight", queue.weight),
        ("/offer_ttl_secs", queue.offer_ttl_secs),
    ] {
        if value == 0 {
            add(pointer.to_owned(), "This has to be at least 1.");
        }
    }
    let hours = queue.business_hours_id.as_ref();
    if hours.is_some_and(|id| calendars.iter().all(|calendar| calendar.id != *id)) {
        add("/business_hours_id".to_owned(), "There is no such calendar.");
    }
    if queue.wrap_up_secs > 86_400 {
        add("/wrap_up_secs".to_owned(), "Wrapping up takes at most a day.");
    }
    if queue.overflow.len() > 20 {
        add("/overflow".to_owned(), "A queue flows over in at most 20 ways.");
    }
    for (nth, over) in queue.overflow.iter().enumerate() {
        if over.to == queue.id || queues.iter().all(|other| other.id != over.to) {
            add(
                format!("/overflow/{nth}/to"),
                "There is no other queue of this id.",
            );
        }
        if over.when == OverflowWhen::Closed && queue.business_hours_id.is_none() {
            add(
                format!("/overflow/{nth}/when"),
                "A queue without business hours is never closed.",
            );
        }
    }
    Ok(faults)
}

/// Deletes a queue.
#[utoipa::path(delete, path = "/api/v1/routing/queues/{id}", tag = "routing", params(("id" = String, Path)),
    responses((status = 204)), security(("bearer" = [])))]
pub async fn delete_queue(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let reach = Reach::of(&caller)?;
    let before = app.store.queues.get(&id).await?;
    if let Some(before) = &before {
        reach.require_teams(&before.team_ids)?;
    }
    let rules = app.store.rule_sets.current().await?.rules;
    let queues = app.store.queues.all().await?;
    let used = rules
        .iter()
        .any(|rule| rule.steps.iter().any(|step| step.queue_id.as_str() == id))
        || queues
            .iter()
            .any(|queue| queue.overflow.iter().any(|over| over.to.as_str() == id));
    if used {
        return Err(ApiError::conflict(
            "in_use",
            "A routing rule or another queue sends conversations to this queue.",
        ));
    }
    delete(&app, &caller, &app.store.queues, &id).await
}

/// All skills.
#[utoipa::path(get, path = "/api/v1/routing/skills", tag = "routing", responses((status = 200, body = List<Skill>)),
    security(("bearer" = [])))]
pub async fn skills(State(app): State<Arc<App>>, _caller: Caller) -> Result<Answer<List<Skill>>, ApiError> {
    Ok(Answer(List::whole(app.store.skills.all().await?)))
}

#[derive(Deserialize, ToSchema)]
pub struct SkillDraft {
    name: String,
}

/// Creates or renames a skill.
#[utoipa::path(put, path = "/api/v1/routing/skills/{id}", tag = "routing", request_body = SkillDraft,
    params(("id" = String, Path)), responses((status = 200, body = Skill)), security(("bearer" = [])))]
pub async fn put_skill(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(draft): Json<SkillDraft>,
) -> Result<Answer<Skill>, ApiError> {
    caller.require_everywhere(Permission::RoutingConfigure)?;
    let skill = Skill {
        id: named(&id)?,
        name: draft.name,
    };
    put(&app, &caller, &app.store.skills, skill).await
}

/// Deletes a skill.
#[utoipa::path(delete, path = "/api/v1/routing/skills/{id}", tag = "routing", params(("id" = String, Path)),
    responses((status = 204)), security(("bearer" = [])))]
pub async fn delete_skill(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::RoutingConfigure)?;
    delete(&app, &caller, &app.store.skills, &id).await
}

/// An id that people choose: it stands in addresses and in other entries.
pub fn named<I: for<'a> From<&'a str>>(id: &str) -> Result<I, ApiError> {
    let fits = !id.is_empty()
        && id.len() <= 64
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if fits {
        Ok(I::from(id))
    } else {
        Err(fault("id", "An id has 1 to 64 letters, digits, '-' or '_'."))
    }
}

async fn put<T: Entry>(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue<T>,
    entry: T,
) -> Result<Answer<T>, ApiError> {
    audit::put(app, caller, catalogue, &entry).await?;
    app.wake_routing("the routing configuration changed").await;
    Ok(Answer(entry))
}

async fn delete<T: Entry>(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue<T>,
    id: &str,
) -> Result<StatusCode, ApiError> {
    audit::delete(app, caller, catalogue, id).await?;
    app.wake_routing("the routing configuration changed").await;
    Ok(StatusCode::NO_CONTENT)
}
