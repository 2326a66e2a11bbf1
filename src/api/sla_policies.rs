//! Service level policies, and how a conversation stands with the one it is under.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::{
    CalendarId, Channel, FieldPointer, OnReopen, Permission, QueueId, SlaPolicy, SlaStanding,
};
use utoipa::ToSchema;

use super::{
    List,
    conversations::find,
    pointed::{Pointed, refuse},
    reach::Reach,
    routing::named,
};
use crate::{app::App, audit, auth::Caller, error::ApiError};

/// All policies, in the order they are tried.
#[utoipa::path(get, path = "/api/v1/sla-policies", tag = "routing", responses((status = 200, body = List<SlaPolicy>)),
    security(("bearer" = [])))]
pub async fn list(State(app): State<Arc<App>>, _caller: Caller) -> Result<Answer<List<SlaPolicy>>, ApiError> {
    let mut policies = app.store.sla_policies.all().await?;
    policies.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    Ok(Answer(List::whole(policies)))
}

#[derive(Deserialize, ToSchema)]
pub struct PolicyBody {
    name: String,
    #[serde(default)]
    order: i32,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    queue_ids: Vec<QueueId>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    channels: Vec<Channel>,
    first_response_secs: Option<u32>,
    next_response_secs: Option<u32>,
    resolution_secs: Option<u32>,
    #[schema(value_type = Option<String>)]
    business_hours_id: Option<CalendarId>,
    /// 80, unless told.
    #[serde(default = "most")]
    warn_at_percent: u8,
    #[serde(default = "yes")]
    pause_while_snoozed: bool,
    #[serde(default)]
    pause_while_customers_turn: bool,
    #[serde(default)]
    on_reopen: OnReopen,
}

fn yes() -> bool {
    true
}

fn most() -> u8 {
    80
}

/// Creates or replaces a policy. Conversations under way are looked at by it from now on.
#[utoipa::path(put, path = "/api/v1/sla-policies/{id}", tag = "routing", request_body = PolicyBody,
    params(("id" = String, Path)), responses((status = 200, body = SlaPolicy), (status = 422)), security(("bearer" = [])))]
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Pointed(body): Pointed<PolicyBody>,
) -> Result<Answer<SlaPolicy>, ApiError> {
    let reach = Reach::of(&caller)?;
    let policy = SlaPolicy {
        id: named(&id)?,
        name: body.name,
        order: body.order,
        enabled: body.enabled,
        queue_ids: body.queue_ids,
        labels: body.labels,
        channels: body.channels,
        first_response_secs: body.first_response_secs,
        next_response_secs: body.next_response_secs,
        resolution_secs: body.resolution_secs,
        business_hours_id: body.business_hours_id,
        warn_at_percent: body.warn_at_percent,
        pause_while_snoozed: body.pause_while_snoozed,
        pause_while_customers_turn: body.pause_while_customers_turn,
        on_reopen: body.on_reopen,
    };
    let before = app.store.sla_policies.get(&id).await?;
    for state in before.iter().chain([&policy]) {
        require_theirs(&app, &reach, state).await?;
    }
    refuse(policy_faults(&app, &policy).await?)?;
    audit::put(&app, &caller, &app.store.sla_policies, &policy).await?;
    Ok(Answer(policy))
}

/// Deletes a policy.
#[utoipa::path(delete, path = "/api/v1/sla-policies/{id}", tag = "routing", params(("id" = String, Path)),
    responses((status = 204), (status = 404)), security(("bearer" = [])))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let reach = Reach::of(&caller)?;
    let before = app.store.sla_policies.get(&id).await?;
    let before = before.ok_or_else(|| ApiError::not_found("policy"))?;
    require_theirs(&app, &reach, &before).await?;
    audit::delete(&app, &caller, &app.store.sla_policies, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How the conversation stands with what was promised; 409 if nothing was.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/sla", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = SlaStanding), (status = 404), (status = 409, description = "no_policy")), security(("bearer" = [])))]
pub async fn standing(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<SlaStanding>, ApiError> {
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    let standing = app.desk.service_level(&conversation).await?;
    standing
        .map(Answer)
        .ok_or_else(|| ApiError::conflict("no_policy", "Nothing is promised for this conversation."))
}

/// A team lead's policies name queues of their own teams, and not none: that would be everybody's.
async fn require_theirs(app: &App, reach: &Reach, policy: &SlaPolicy) -> Result<(), ApiError> {
    if policy.queue_ids.is_empty() {
        return reach.require_teams(&[]);
    }
    reach.require_queues(app, &policy.queue_ids).await
}

async fn policy_faults(app: &App, policy: &SlaPolicy) -> Result<Vec<FieldPointer>, ApiError> {
    let (queues, calendars) = tokio::try_join!(app.store.queues.all(), app.store.business_hours.all())?;
    let mut faults = Vec::new();
    let mut add = |pointer: String, message: &str| {
        faults.push(FieldPointer {
            pointer,
            message: message.to_owned(),
        });
    };
    if policy.name.trim().is_empty() || policy.name.chars().count() > 100 {
        add("/name".to_owned(), "A name has 1 to 100 characters.");
    }
    let targets = [
        ("first_response_secs", policy.first_response_secs),
        ("next_response_secs", policy.next_response_secs),
        ("resolution_secs", policy.resolution_secs),
    ];
    if targets.iter().all(|(_, secs)| secs.is_none()) {
        add(
            "/first_response_secs".to_owned(),
            "A policy promises at least one time.",
        );
    }
    for (field, secs) in targets {
        if secs == Some(0) {
            add(format!("/{field}"), "A promised time is at least a second.");
        }
    }
    if !(1..=100).contains(&policy.warn_at_percent) {
        add(
            "/warn_at_percent".to_owned(),
            "A warning comes at 1 to 100 percent.",
        );
    }
    for (nth, queue) in policy.queue_ids.iter().enumerate() {
        if queues.iter().all(|known| known.id != *queue) {
            add(format!("/queue_ids/{nth}"), "There is no such queue.");
        }
    }
    let hours = policy.business_hours_id.as_ref();
    if hours.is_some_and(|id| calendars.iter().all(|calendar| calendar.id != *id)) {
        add("/business_hours_id".to_owned(), "There is no such calendar.");
    }
    Ok(faults)
}
