//! Routing rules in force, and their versions: each change publishes all of them anew, at once.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    Condition, FieldPointer, Priority, PublishedRules, Requirement, RoutingRule, RuleChange, RuleId, Step,
    next_versions, rule_changes,
};
use switchboard_routing::{Known, rule_faults};
use switchboard_store::StoreError;
use utoipa::{IntoParams, ToSchema};

use super::{
    List, limit,
    pointed::{Pointed, refuse},
    reach::Reach,
    routing::named,
};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
    json::Query,
};

/// Others may publish at the same moment; beyond, it is told.
const TRIES: usize = 4;
const MOST_RULES: usize = 1000;

/// The rules in force, in the order they are tried.
#[utoipa::path(get, path = "/api/v1/routing/rules", tag = "routing", responses((status = 200, body = List<RoutingRule>)),
    security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Answer<List<RoutingRule>>, ApiError> {
    Reach::of(&caller)?;
    let mut rules = app.store.rule_sets.current().await?.rules;
    rules.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    Ok(Answer(List::whole(rules)))
}

/// A rule as people write it: ids, versions and times are given.
#[derive(Clone, Deserialize, ToSchema)]
pub struct RuleBody {
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

impl RuleBody {
    pub fn rule(self, id: RuleId, app: &App) -> RoutingRule {
        RoutingRule {
            id,
            name: self.name,
            version: 1,
            order: self.order,
            enabled: self.enabled,
            condition: self.condition,
            steps: self.steps,
            priority: self.priority,
            requirements: self.requirements,
            updated_at: app.clock.now(),
        }
    }
}

/// Creates a rule, or replaces it with its next version, in force at once.
#[utoipa::path(put, path = "/api/v1/routing/rules/{id}", tag = "routing", request_body = RuleBody,
    params(("id" = String, Path)), responses((status = 200, body = RoutingRule), (status = 422)), security(("bearer" = [])))]
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Pointed(body): Pointed<RuleBody>,
) -> Result<Answer<RoutingRule>, ApiError> {
    let reach = Reach::of(&caller)?;
    let rule = body.rule(named(&id)?, &app);
    refuse(rule_faults(&rule, "", &known(&app).await?))?;
    let published = change(&app, &caller, &reach, |rules| {
        rules.retain(|old| old.id != rule.id);
        rules.push(rule.clone());
        Ok(())
    })
    .await?;
    let rule = published
        .rules
        .into_iter()
        .find(|one| one.id == rule.id)
        .unwrap_or(rule);
    Ok(Answer(rule))
}

/// Deletes a rule, at once.
#[utoipa::path(delete, path = "/api/v1/routing/rules/{id}", tag = "routing", params(("id" = String, Path)),
    responses((status = 204)), security(("bearer" = [])))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let reach = Reach::of(&caller)?;
    change(&app, &caller, &reach, |rules| {
        let before = rules.len();
        rules.retain(|rule| rule.id.as_str() != id);
        if rules.len() == before {
            return Err(ApiError::not_found("rule"));
        }
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A version with what it changed.
#[derive(Serialize, ToSchema)]
pub struct Version {
    #[serde(flatten)]
    published: PublishedRules,
    changes: Vec<RuleChange>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Pages {
    cursor: Option<u32>,
    limit: Option<usize>,
}

/// Everything that was ever published, the latest first, each with its author and what it changed.
#[utoipa::path(get, path = "/api/v1/routing/rules/versions", tag = "routing", params(Pages),
    responses((status = 200, body = List<Version>)), security(("bearer" = [])))]
pub async fn versions(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(pages): Query<Pages>,
) -> Result<Answer<List<Version>>, ApiError> {
    Reach::of(&caller)?;
    let limit = limit(pages.limit)?;
    // One more, to compare the last with.
    let found = app.store.rule_sets.versions(pages.cursor, limit + 1).await?;
    let items: Vec<Version> = found
        .iter()
        .take(limit)
        .enumerate()
        .map(|(nth, published)| {
            let before = found.get(nth + 1).map_or(&[][..], |before| &before.rules);
            Version {
                changes: rule_changes(before, &published.rules),
                published: published.clone(),
            }
        })
        .collect();
    let next_cursor = (found.len() > limit)
        .then(|| items.last().map(|last| last.published.version.to_string()))
        .flatten();
    Ok(Answer(List { items, next_cursor }))
}

/// One published version.
#[utoipa::path(get, path = "/api/v1/routing/rules/versions/{version}", tag = "routing", params(("version" = u32, Path)),
    responses((status = 200, body = Version), (status = 404)), security(("bearer" = [])))]
pub async fn version(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(version): Path<String>,
) -> Result<Answer<Version>, ApiError> {
    Reach::of(&caller)?;
    let published = find(&app, &version).await?;
    let before = app
        .store
        .rule_sets
        .version(published.version.saturating_sub(1))
        .await?;
    let before = before.map(|before| before.rules).unwrap_or_default();
    Ok(Answer(Version {
        changes: rule_changes(&before, &published.rules),
        published,
    }))
}

/// Rolls back: publishes what this version said, as the next one.
#[utoipa::path(post, path = "/api/v1/routing/rules/versions/{version}/restore", tag = "routing",
    params(("version" = u32, Path)), responses((status = 200, body = PublishedRules), (status = 404), (status = 409), (status = 422)),
    security(("bearer" = [])))]
pub async fn restore(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(version): Path<String>,
) -> Result<Answer<PublishedRules>, ApiError> {
    let reach = Reach::of(&caller)?;
    let old = find(&app, &version).await?;
    let before = app.store.rule_sets.current().await?;
    let note = format!("Version {} again.", old.version);
    let mut after = next(&app, &caller, &before, old.rules, note);
    after.restores = Some(old.version);
    Ok(Answer(publish(&app, &caller, &reach, &before, after).await?))
}

async fn find(app: &App, version: &str) -> Result<PublishedRules, ApiError> {
    let missing = || ApiError::not_found("version");
    let version = version.parse().map_err(|_| missing())?;
    app.store.rule_sets.version(version).await?.ok_or_else(missing)
}

/// What would follow on `before`.
pub fn next(
    app: &App,
    caller: &Caller,
    before: &PublishedRules,
    rules: Vec<RoutingRule>,
    note: String,
) -> PublishedRules {
    let now = app.clock.now();
    PublishedRules {
        version: before.version + 1,
        rules: next_versions(&before.rules, rules, now),
        author: Some(caller.id().clone()),
        published_at: now,
        note,
        restores: None,
    }
}

/// Publishes, within the caller's reach, what can be saved; 409 if somebody published since `before` was read.
pub async fn publish(
    app: &App,
    caller: &Caller,
    reach: &Reach,
    before: &PublishedRules,
    after: PublishedRules,
) -> Result<PublishedRules, ApiError> {
    reach.require_changes(app, &before.rules, &after.rules).await?;
    refuse(all_faults(&after.rules, &known(app).await?))?;
    let version = after.version.to_string();
    let what = Change::act("rules.published", "rules", &version)
        .from(before)
        .to(&after);
    let published = async {
        let published = app.store.rule_sets.publish(&after).await;
        published.map_err(|error| match error {
            StoreError::Duplicate => StoreError::Conflict,
            other => other,
        })
    };
    audit::change(app, caller, what, published).await?;
    app.wake_routing("rules were published").await;
    Ok(after)
}

/// Changes the rules in force, again on what others published meanwhile.
async fn change(
    app: &App,
    caller: &Caller,
    reach: &Reach,
    make: impl Fn(&mut Vec<RoutingRule>) -> Result<(), ApiError>,
) -> Result<PublishedRules, ApiError> {
    for _ in 0..TRIES {
        let before = app.store.rule_sets.current().await?;
        let mut rules = before.rules.clone();
        make(&mut rules)?;
        let after = next(app, caller, &before, rules, String::new());
        match publish(app, caller, reach, &before, after).await {
            Err(error) if error.code == "conflict" => {}
            answer => return answer,
        }
    }
    Err(StoreError::Conflict.into())
}

/// Faults of a whole set: `/rules/{index}/…`.
pub fn all_faults(rules: &[RoutingRule], known: &Known) -> Vec<FieldPointer> {
    let mut faults: Vec<FieldPointer> = Vec::new();
    if rules.len() > MOST_RULES {
        faults.push(FieldPointer {
            pointer: "/rules".to_owned(),
            message: "There are at most 1000 rules.".to_owned(),
        });
        return faults;
    }
    for (nth, rule) in rules.iter().enumerate() {
        let at = format!("/rules/{nth}");
        if named::<RuleId>(rule.id.as_str()).is_err() || rules[..nth].iter().any(|other| other.id == rule.id)
        {
            faults.push(FieldPointer {
                pointer: format!("{at}/id"),
                message: "An id has 1 to 64 letters, digits, '-' or '_', and is given once.".to_owned(),
            });
        }
        faults.extend(rule_faults(rule, &at, known));
    }
    faults
}

/// What there is that rules may name.
pub async fn known(app: &App) -> Result<Known, ApiError> {
    let store = &app.store;
    let (queues, skills, calendars) =
        tokio::try_join!(store.queues.all(), store.skills.all(), store.business_hours.all())?;
    Ok(Known {
        queues: queues.into_iter().map(|queue| queue.id).collect(),
        skills: skills.into_iter().map(|skill| skill.id).collect(),
        calendars: calendars.into_iter().map(|calendar| calendar.id).collect(),
    })
}
