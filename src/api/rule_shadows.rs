//! Rules in the shadow of those in force: decided by beside them, to see on real conversations what they would change.

use std::{sync::Arc, time::Duration};

use axum::{Json as Answer, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    PublishedRules, RoutingRule, RuleChange, ShadowReport, ShadowRun, ShadowRunId, ShadowState, rule_changes,
};
use utoipa::ToSchema;

use super::{
    fault,
    pointed::{Pointed, refuse},
    reach::Reach,
    rule_drafts::DraftRule,
    rules::{all_faults, known, next},
};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
};

const KIND: &str = "rules_shadow";
/// Thirty days, as long as comparisons are kept.
const MOST_HOURS: u32 = 720;

/// A run, and what came of it so far.
#[derive(Serialize, ToSchema)]
pub struct Shadowed {
    #[serde(flatten)]
    run: ShadowRun,
    state: ShadowState,
    /// What publishing its rules would change now.
    changes: Vec<RuleChange>,
    #[serde(flatten)]
    report: ShadowReport,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShadowBody {
    /// These rules; else the caller's draft.
    rules: Option<Vec<DraftRule>>,
    /// For so many hours, 1 to 720; else for as long as the deployment says.
    hours: Option<u32>,
}

/// The latest run: how often its rules would have decided otherwise than those in force, in what, and the latest
/// examples. A team lead sees what is their teams'.
#[utoipa::path(get, path = "/api/v1/routing/rules/shadow", tag = "routing",
    responses((status = 200, body = Shadowed), (status = 404)), security(("bearer" = [])))]
pub async fn show(State(app): State<Arc<App>>, caller: Caller) -> Result<Answer<Shadowed>, ApiError> {
    let reach = Reach::of(&caller)?;
    let run = app.store.shadows.current().await?;
    let run = run.ok_or_else(|| ApiError::not_found("shadow"))?;
    let live = app.store.rule_sets.current().await?;
    Ok(Answer(shadowed(&app, &reach, run, &live).await?))
}

/// Puts rules into the shadow of those in force: every decision is made under them, too, and only counted. Nobody is
/// routed by them. It ends when it is stopped, when rules are published, or after its hours. 409 while somebody else's
/// runs; one's own begins anew.
#[utoipa::path(put, path = "/api/v1/routing/rules/shadow", tag = "routing", request_body = ShadowBody,
    responses((status = 200, body = Shadowed), (status = 404), (status = 409), (status = 422)), security(("bearer" = [])))]
pub async fn start(
    State(app): State<Arc<App>>,
    caller: Caller,
    Pointed(body): Pointed<ShadowBody>,
) -> Result<Answer<Shadowed>, ApiError> {
    let reach = Reach::of(&caller)?;
    let hours = body.hours.unwrap_or(app.config.routing.shadow_hours);
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(fault("hours", "A run takes 1 to 720 hours."));
    }
    let live = app.store.rule_sets.current().await?;
    let rules = rules(&app, &caller, &live, body.rules).await?;
    refuse(all_faults(&rules, &known(&app).await?))?;
    reach.require_changes(&app, &live.rules, &rules).await?;
    let now = app.clock.now();
    let before = app.store.shadows.current().await?;
    let foreign = before
        .as_ref()
        .filter(|run| run.state(live.version, now) == ShadowState::Running && run.started_by != *caller.id());
    if foreign.is_some() && !matches!(reach, Reach::Everything) {
        return Err(ApiError::conflict(
            "busy",
            "Somebody else's rules are in the shadow now. Wait until they have ended.",
        ));
    }
    let run = ShadowRun {
        id: ShadowRunId::fresh(),
        started_by: caller.id().clone(),
        started_at: now,
        ends_at: now.plus(Duration::from_hours(u64::from(hours))),
        stopped_at: None,
        base_version: live.version,
        rules,
    };
    let what = Change::act("rules_shadow.started", KIND, run.id.as_str()).to(&run);
    let started = app
        .store
        .shadows
        .start(&run, before.as_ref().map(|before| &before.id));
    audit::change(&app, &caller, what, started).await?;
    Ok(Answer(shadowed(&app, &reach, run, &live).await?))
}

/// Ends the run that there is; what it counted can still be read. Its own starter may, and who configures everything.
#[utoipa::path(delete, path = "/api/v1/routing/rules/shadow", tag = "routing",
    responses((status = 204), (status = 403), (status = 404)), security(("bearer" = [])))]
pub async fn stop(State(app): State<Arc<App>>, caller: Caller) -> Result<StatusCode, ApiError> {
    let reach = Reach::of(&caller)?;
    let before = app.store.shadows.current().await?;
    let before = before.filter(|run| run.stopped_at.is_none());
    let before = before.ok_or_else(|| ApiError::not_found("shadow"))?;
    if before.started_by != *caller.id() && !matches!(reach, Reach::Everything) {
        return Err(ApiError::forbidden());
    }
    let after = ShadowRun {
        stopped_at: Some(app.clock.now()),
        ..before.clone()
    };
    let what = Change::act("rules_shadow.stopped", KIND, after.id.as_str())
        .from(&before)
        .to(&after);
    audit::change(&app, &caller, what, app.store.shadows.update(&after)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rules(
    app: &App,
    caller: &Caller,
    live: &PublishedRules,
    given: Option<Vec<DraftRule>>,
) -> Result<Vec<RoutingRule>, ApiError> {
    let rules = if let Some(rules) = given {
        rules.into_iter().map(|rule| rule.rule(app)).collect()
    } else {
        let draft = app.store.rule_sets.draft(caller.id()).await?;
        draft.ok_or_else(|| ApiError::not_found("draft"))?.rules
    };
    Ok(next(app, caller, live, rules, String::new()).rules)
}

async fn shadowed(
    app: &App,
    reach: &Reach,
    run: ShadowRun,
    live: &PublishedRules,
) -> Result<Shadowed, ApiError> {
    Ok(Shadowed {
        state: run.state(live.version, app.clock.now()),
        changes: rule_changes(&live.rules, &run.rules),
        report: app.store.shadows.report(&run.id, &reach.visible()).await?,
        run,
    })
}
