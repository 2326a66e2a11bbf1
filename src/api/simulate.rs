//! What other rules would have done: over the last days, or over a scenario that is sent along.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    BusinessHours, Queue, RoutingRule, Scenario, SimulationReport, SlaPolicy, Timestamp,
};
use switchboard_routing::{Conditions, RuleSet, simulate};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use utoipa::ToSchema;

use super::{
    pointed::{Pointed, refuse},
    reach::Reach,
    rule_drafts::DraftRule,
    rules::{all_faults, known},
};
use crate::{app::App, auth::Caller, error::ApiError};

/// A simulation takes a processor for seconds: one at a time.
static ONE: Semaphore = Semaphore::const_new(1);
const MOST_DAYS: u32 = 90;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulation {
    /// The last so many days, 1 to 90; seven, if neither this nor a scenario is given.
    days: Option<u32>,
    /// Or these conversations and agents.
    scenario: Option<Scenario>,
    /// Under these rules; else under the caller's draft; else under those in force.
    rules: Option<Vec<DraftRule>>,
    /// Under these queues instead of those there are.
    queues: Option<Vec<Queue>>,
}

/// A line of the answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SimulationLine {
    Progress {
        arrived: usize,
        of: usize,
    },
    Report(Box<SimulationReport>),
    /// It came to no end; the sentence says why.
    Failed(String),
}

/// Everything a run needs, and the right to run.
struct Job {
    rules: RuleSet,
    queues: Vec<Queue>,
    calendars: Vec<BusinessHours>,
    policies: Vec<SlaPolicy>,
    given: Option<Scenario>,
    since: Timestamp,
    _turn: SemaphorePermit<'static>,
}

/// Plays conversations against rules, and streams its progress and then the report as lines of JSON (NDJSON): waits,
/// assignments, overflow and broken promises per queue and agent, and how they differ from what happened. Nothing is
/// changed by it. 409 while another one runs.
#[utoipa::path(post, path = "/api/v1/routing/simulate", tag = "routing", request_body = Simulation,
    responses((status = 200, body = SimulationLine, content_type = "application/x-ndjson"), (status = 409), (status = 422)),
    security(("bearer" = [])))]
pub async fn run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Pointed(body): Pointed<Simulation>,
) -> Result<Response, ApiError> {
    let reach = Reach::of(&caller)?;
    let job = job(&app, &caller, body).await?;
    let (lines, answer) = mpsc::channel::<SimulationLine>(16);
    tokio::spawn(work(app, reach, job, lines));
    let bytes = stream::unfold(answer, async |mut answer| {
        let line = answer.recv().await?;
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        Some((Ok::<_, Infallible>(Bytes::from(text)), answer))
    });
    let headers = [(CONTENT_TYPE, "application/x-ndjson")];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

async fn job(app: &App, caller: &Caller, body: Simulation) -> Result<Job, ApiError> {
    let days = body.days.unwrap_or(7);
    if !(1..=MOST_DAYS).contains(&days) || (body.days.is_some() && body.scenario.is_some()) {
        return Err(super::fault("days", "Give 1 to 90 days, or a scenario."));
    }
    let rules: Vec<RoutingRule> = match body.rules {
        Some(rules) => {
            let rules: Vec<RoutingRule> = rules.into_iter().map(|rule| rule.rule(app)).collect();
            let mut known = known(app).await?;
            known
                .queues
                .extend(body.queues.iter().flatten().map(|queue| queue.id.clone()));
            refuse(all_faults(&rules, &known))?;
            rules
        }
        None => match app.store.rule_sets.draft(caller.id()).await? {
            Some(draft) => draft.rules,
            None => app.store.rule_sets.current().await?.rules,
        },
    };
    let turn = ONE.try_acquire().map_err(|_| {
        ApiError::conflict(
            "busy",
            "Another simulation is running. Try again when it is done.",
        )
    })?;
    let store = &app.store;
    let (queues, calendars, policies) = tokio::try_join!(
        store.queues.all(),
        store.business_hours.all(),
        store.sla_policies.all()
    )?;
    Ok(Job {
        rules: RuleSet::new(rules, app.config.conversations.default_queue.as_str().into()),
        queues: body.queues.unwrap_or(queues),
        calendars,
        policies,
        given: body.scenario,
        since: app.clock.now().minus(Duration::from_hours(24 * u64::from(days))),
        _turn: turn,
    })
}

/// Runs it beside the server's own threads. Whoever hangs up ends it.
async fn work(app: Arc<App>, reach: Reach, job: Job, lines: mpsc::Sender<SimulationLine>) {
    let past = match job.given.clone() {
        Some(scenario) => Ok((scenario, Vec::new())),
        None => app.desk.past(job.since).await,
    };
    let (scenario, assumptions) = match past {
        Ok(past) => past,
        Err(error) => {
            tracing::warn!(%error, "a simulation couldn't read what happened");
            let sorry = "What happened couldn't be read. Try again.".to_owned();
            let _ = lines.send(SimulationLine::Failed(sorry)).await;
            return;
        }
    };
    let told = lines.clone();
    let of = scenario.conversations.len();
    let queues = job.queues.clone();
    let played = tokio::task::spawn_blocking(move || {
        let conditions = Conditions {
            rules: &job.rules,
            queues: &job.queues,
            calendars: &job.calendars,
            policies: &job.policies,
        };
        let report = simulate(&scenario, &conditions, |arrived| {
            let _ = told.try_send(SimulationLine::Progress { arrived, of });
            !told.is_closed()
        })?;
        let teams = scenario
            .agents
            .into_iter()
            .map(|agent| (agent.id, agent.team_ids))
            .collect::<Vec<_>>();
        Some((report, teams))
    });
    if let Ok(Some((mut report, teams))) = played.await {
        report.assumptions = assumptions;
        // A team lead sees their own queues and people.
        report.queues.retain(|row| {
            let queue = queues.iter().find(|queue| queue.id == row.queue_id);
            queue.is_some_and(|queue| reach.sees(&queue.team_ids))
        });
        report.agents.retain(|row| {
            let agent = teams.iter().find(|(id, _)| *id == row.agent_id);
            agent.is_some_and(|(_, teams)| reach.sees(teams))
        });
        let _ = lines.send(SimulationLine::Report(Box::new(report))).await;
    }
}
