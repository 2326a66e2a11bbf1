//! Drafts of routing rules: everybody has one of their own, nobody is routed by it, and it says what it would do.

use std::sync::Arc;

use axum::{Json as Answer, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    DraftRules, Finding, PublishedRules, QueueId, QueuePromise, RoutingRule, RuleChange, RuleId, rule_changes,
};
use switchboard_routing::{Premises, lint, promises};
use utoipa::ToSchema;

use super::{
    pointed::{Pointed, refuse},
    reach::Reach,
    rules::{RuleBody, all_faults, known, next, publish},
};
use crate::{app::App, auth::Caller, error::ApiError};

/// A draft, and everything there is to know before it is published.
#[derive(Serialize, ToSchema)]
pub struct Drafted {
    #[serde(flatten)]
    draft: DraftRules,
    /// What is in force. If it isn't the draft's base any more, publishing is refused until the draft is saved again.
    live_version: u32,
    changes: Vec<RuleChange>,
    findings: Vec<Finding>,
    promises: Vec<QueuePromise>,
}

/// A rule of a draft.
#[derive(Deserialize, ToSchema)]
pub struct DraftRule {
    #[schema(value_type = String)]
    id: RuleId,
    #[serde(flatten)]
    body: RuleBody,
}

impl DraftRule {
    pub fn rule(self, app: &App) -> RoutingRule {
        self.body.rule(self.id, app)
    }
}

/// All rules as they shall be.
#[derive(Deserialize, ToSchema)]
pub struct DraftBody {
    rules: Vec<DraftRule>,
}

/// The caller's draft; without one, the rules in force as a draft would begin with them.
#[utoipa::path(get, path = "/api/v1/routing/rules/draft", tag = "routing", responses((status = 200, body = Drafted)),
    security(("bearer" = [])))]
pub async fn show(State(app): State<Arc<App>>, caller: Caller) -> Result<Answer<Drafted>, ApiError> {
    Reach::of(&caller)?;
    let live = app.store.rule_sets.current().await?;
    let draft = app.store.rule_sets.draft(caller.id()).await?;
    let draft = draft.unwrap_or_else(|| DraftRules {
        author: caller.id().clone(),
        base_version: live.version,
        rules: live.rules.clone(),
        updated_at: live.published_at,
    });
    Ok(Answer(drafted(&app, draft, &live).await?))
}

/// Saves the caller's draft, from the rules in force now, and says what the linter finds.
#[utoipa::path(put, path = "/api/v1/routing/rules/draft", tag = "routing", request_body = DraftBody,
    responses((status = 200, body = Drafted), (status = 422)), security(("bearer" = [])))]
pub async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Pointed(body): Pointed<DraftBody>,
) -> Result<Answer<Drafted>, ApiError> {
    let reach = Reach::of(&caller)?;
    let rules: Vec<RoutingRule> = body.rules.into_iter().map(|rule| rule.rule(&app)).collect();
    refuse(all_faults(&rules, &known(&app).await?))?;
    let live = app.store.rule_sets.current().await?;
    reach.require_changes(&app, &live.rules, &rules).await?;
    let after = next(&app, &caller, &live, rules, String::new());
    let draft = DraftRules {
        author: caller.id().clone(),
        base_version: live.version,
        rules: after.rules,
        updated_at: app.clock.now(),
    };
    app.store.rule_sets.save(&draft).await?;
    Ok(Answer(drafted(&app, draft, &live).await?))
}

/// Throws the caller's draft away.
#[utoipa::path(delete, path = "/api/v1/routing/rules/draft", tag = "routing", responses((status = 204), (status = 404)),
    security(("bearer" = [])))]
pub async fn discard(State(app): State<Arc<App>>, caller: Caller) -> Result<StatusCode, ApiError> {
    Reach::of(&caller)?;
    if !app.store.rule_sets.discard(caller.id()).await? {
        return Err(ApiError::not_found("draft"));
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize, ToSchema)]
pub struct Publication {
    /// For those who read the versions later.
    #[serde(default)]
    note: String,
}

/// Publishes the caller's draft; 409 if others published since it was saved.
#[utoipa::path(post, path = "/api/v1/routing/rules/draft/publish", tag = "routing", request_body = Publication,
    responses((status = 200, body = PublishedRules), (status = 404), (status = 409), (status = 422)), security(("bearer" = [])))]
pub async fn publish_draft(
    State(app): State<Arc<App>>,
    caller: Caller,
    Pointed(publication): Pointed<Publication>,
) -> Result<Answer<PublishedRules>, ApiError> {
    let reach = Reach::of(&caller)?;
    let draft = app.store.rule_sets.draft(caller.id()).await?;
    let draft = draft.ok_or_else(|| ApiError::not_found("draft"))?;
    let before = app.store.rule_sets.current().await?;
    if draft.base_version != before.version {
        return Err(ApiError::conflict(
            "conflict",
            "Other rules were published since this draft was saved. Save it again to see what it changes now.",
        ));
    }
    let note = publication.note.chars().take(500).collect();
    let after = next(&app, &caller, &before, draft.rules, note);
    let published = publish(&app, &caller, &reach, &before, after).await?;
    app.store.rule_sets.discard(caller.id()).await?;
    Ok(Answer(published))
}

async fn drafted(app: &App, draft: DraftRules, live: &PublishedRules) -> Result<Drafted, ApiError> {
    let (queues, agents) = (
        app.store.queues.all().await?,
        app.desk.floor(app.clock.now()).await?,
    );
    let default_queue = QueueId::from(app.config.conversations.default_queue.as_str());
    let premises = Premises {
        queues: &queues,
        agents: &agents,
        default_queue: &default_queue,
    };
    Ok(Drafted {
        live_version: live.version,
        changes: rule_changes(&live.rules, &draft.rules),
        findings: lint(&draft.rules, &premises),
        promises: promises(&draft.rules, &queues),
        draft,
    })
}
