//! Calendars of business hours.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::{BusinessHours, Condition, Field, FieldPointer, Holiday, Opening, Permission};
use switchboard_routing::{Calendar, RuleSet};
use utoipa::ToSchema;

use super::{
    List,
    pointed::{Pointed, faults},
    routing::named,
};
use crate::{app::App, audit, auth::Caller, error::ApiError};

/// All calendars.
#[utoipa::path(get, path = "/api/v1/business-hours", tag = "routing", responses((status = 200, body = List<BusinessHours>)),
    security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    _caller: Caller,
) -> Result<Answer<List<BusinessHours>>, ApiError> {
    Ok(Answer(List::whole(app.store.business_hours.all().await?)))
}

#[derive(Deserialize, ToSchema)]
pub struct CalendarBody {
    name: String,
    time_zone: String,
    weekly: Vec<Opening>,
    #[serde(default)]
    holidays: Vec<Holiday>,
}

/// Creates or replaces a calendar.
#[utoipa::path(put, path = "/api/v1/business-hours/{id}", tag = "routing", request_body = CalendarBody,
    params(("id" = String, Path)), responses((status = 200, body = BusinessHours), (status = 422)), security(("bearer" = [])))]
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Pointed(body): Pointed<CalendarBody>,
) -> Result<Answer<BusinessHours>, ApiError> {
    caller.require_everywhere(Permission::RoutingConfigure)?;
    let fault = |pointer: &str, message: &str| {
        faults(vec![FieldPointer {
            pointer: pointer.to_owned(),
            message: message.to_owned(),
        }])
    };
    if body.name.trim().is_empty() || body.name.chars().count() > 100 {
        return Err(fault("/name", "A name has 1 to 100 characters."));
    }
    if body.weekly.len() > 50 || body.holidays.len() > 1000 {
        return Err(fault("", "A calendar has at most 50 openings and 1000 holidays."));
    }
    let hours = BusinessHours {
        id: named(&id)?,
        name: body.name,
        time_zone: body.time_zone,
        weekly: body.weekly,
        holidays: body.holidays,
    };
    Calendar::new(&hours).map_err(|found| fault(&found.pointer, &found.message))?;
    audit::put(&app, &caller, &app.store.business_hours, &hours).await?;
    app.wake_routing("business hours changed").await;
    Ok(Answer(hours))
}

/// Deletes a calendar; 409 while a queue or a rule in force goes by it.
#[utoipa::path(delete, path = "/api/v1/business-hours/{id}", tag = "routing", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409)), security(("bearer" = [])))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require_everywhere(Permission::RoutingConfigure)?;
    let (queues, policies) = tokio::try_join!(app.store.queues.all(), app.store.sla_policies.all())?;
    let of_queue =
        |hours: Option<&switchboard_domain::CalendarId>| hours.is_some_and(|hours| hours.as_str() == id);
    if queues
        .iter()
        .any(|queue| of_queue(queue.business_hours_id.as_ref()))
        || policies
            .iter()
            .any(|policy| of_queue(policy.business_hours_id.as_ref()))
        || in_rules(&app, &id).await?
    {
        return Err(ApiError::conflict(
            "in_use",
            "A queue, a routing rule or a service level goes by this calendar.",
        ));
    }
    audit::delete(&app, &caller, &app.store.business_hours, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn in_rules(app: &App, id: &str) -> Result<bool, ApiError> {
    let published = app.store.rule_sets.current().await?;
    let rules = RuleSet::new(
        published.rules,
        app.config.conversations.default_queue.as_str().into(),
    );
    Ok(rules.any_comparison(|comparison| match comparison {
        Condition::Match {
            field: Field::Hours,
            value,
            ..
        } => value.to_string().contains(&format!("{id:?}")),
        _ => false,
    }))
}
