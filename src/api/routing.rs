//! Routing: why a conversation went where it went, and what team leads configure.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::{
    Condition, Decision, Id, Permission, Priority, Queue, Requirement, RoutingRule, Skill, Step, Strategy,
    TeamId,
};
use switchboard_store::{Catalogue, Entry};
use utoipa::ToSchema;

use super::{List, conversations::find, fault};
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
) -> Result<Answer<List<Decision>>, ApiError> {
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    Ok(Answer(List::whole(
        app.store.decisions.of(&conversation, DECISIONS).await?,
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
    Json(draft): Json<QueueDraft>,
) -> Result<Answer<Queue>, ApiError> {
    caller.require_everywhere(Permission::RoutingConfigure)?;
    if draft.weight == 0 || draft.offer_ttl_secs == 0 {
        return Err(fault(
            "weight",
            "weight and offer_ttl_secs have to be at least 1.",
        ));
    }
    let queue = Queue {
        id: named(&id)?,
        name: draft.name,
        team_ids: draft.team_ids,
        strategy: draft.strategy,
        offer_ttl_secs: draft.offer_ttl_secs,
        auto_accept: draft.auto_accept,
        any_agent: draft.any_agent,
        weight: draft.weight,
    };
    put(&app, &caller, &app.store.queues, queue).await
}

/// Deletes a queue.
#[utoipa::path(delete, path = "/api/v1/routing/queues/{id}", tag = "routing", params(("id" = String, Path)),
    responses((status = 204)), security(("bearer" = [])))]
pub async fn delete_queue(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let used = app
        .store
        .rules
        .all()
        .await?
        .iter()
        .any(|rule| rule.steps.iter().any(|step| step.queue_id.as_str() == id));
    if used {
        return Err(ApiError::conflict(
            "in_use",
            "A routing rule sends conversations to this queue.",
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
    delete(&app, &caller, &app.store.skills, &id).await
}

/// All rules, in the order they are tried.
#[utoipa::path(get, path = "/api/v1/routing/rules", tag = "routing", responses((status = 200, body = List<RoutingRule>)),
    security(("bearer" = [])))]
pub async fn rules(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Answer<List<RoutingRule>>, ApiError> {
    caller.require(Permission::RoutingConfigure)?;
    let mut rules = app.store.rules.all().await?;
    rules.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    Ok(Answer(List::whole(rules)))
}

#[derive(Deserialize, ToSchema)]
pub struct RuleDraft {
    name: String,
    #[serde(default)]
    order: i32,
    #[serde(default = "yes")]
    enabled: bool,
    condition: Condition,
    steps: Vec<Step>,
    #[serde(default)]
    priority: Priority,
    #[serde(default)]
    requirements: Vec<Requirement>,
}

fn yes() -> bool {
    true
}

/// Creates a rule, or replaces it with its next version.
#[utoipa::path(put, path = "/api/v1/routing/rules/{id}", tag = "routing", request_body = RuleDraft,
    params(("id" = String, Path)), responses((status = 200, body = RoutingRule)), security(("bearer" = [])))]
pub async fn put_rule(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(draft): Json<RuleDraft>,
) -> Result<Answer<RoutingRule>, ApiError> {
    caller.require_everywhere(Permission::RoutingConfigure)?;
    if draft.steps.is_empty() {
        return Err(fault("steps", "A rule needs at least one step."));
    }
    for step in &draft.steps {
        if app.store.queues.get(step.queue_id.as_str()).await?.is_none() {
            return Err(fault("steps", format!("There is no queue {}.", step.queue_id)));
        }
    }
    let version = app.store.rules.get(&id).await?.map_or(1, |rule| rule.version + 1);
    let rule = RoutingRule {
        id: named(&id)?,
        name: draft.name,
        version,
        order: draft.order,
        enabled: draft.enabled,
        condition: draft.condition,
        steps: draft.steps,
        priority: draft.priority,
        requirements: draft.requirements,
        updated_at: app.clock.now(),
    };
    put(&app, &caller, &app.store.rules, rule).await
}

/// Deletes a rule.
#[utoipa::path(delete, path = "/api/v1/routing/rules/{id}", tag = "routing", params(("id" = String, Path)),
    responses((status = 204)), security(("bearer" = [])))]
pub async fn delete_rule(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    delete(&app, &caller, &app.store.rules, &id).await
}

/// An id that people choose: it stands in addresses and in other entries.
pub fn named<K>(id: &str) -> Result<Id<K>, ApiError> {
    let fits = !id.is_empty()
        && id.len() <= 64
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if fits {
        Ok(Id::from(id))
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
    caller.require_everywhere(Permission::RoutingConfigure)?;
    audit::delete(app, caller, catalogue, id).await?;
    app.wake_routing("the routing configuration changed").await;
    Ok(StatusCode::NO_CONTENT)
}
