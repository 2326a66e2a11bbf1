//! Alive, ready, and how it goes: for load balancers, orchestrators and Prometheus.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::CONTENT_TYPE};
use serde::Serialize;
use switchboard_queue::LaneStats;
use utoipa::ToSchema;

use crate::{app::App, live::tail, telemetry};

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What `/readyz` answers: each check with `ok` or what is wrong.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    pub ready: bool,
    pub checks: BTreeMap<String, String>,
}

impl Readiness {
    fn new() -> Self {
        Self {
            ready: true,
            checks: BTreeMap::new(),
        }
    }

    fn record(&mut self, name: impl Into<String>, result: Result<(), String>) {
        self.ready &= result.is_ok();
        self.checks
            .insert(name.into(), result.err().unwrap_or_else(|| "ok".to_owned()));
    }
}

/// The process runs and answers. Says nothing of what it depends on.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "Alive")))]
pub async fn alive() -> &'static str {
    "ok"
}

/// Whether work sent here gets done; 503 names what is wrong.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    let mut readiness = Readiness::new();
    let (mongodb, redis, lanes) = tokio::join!(check_mongodb(&app), check_redis(&app), lane_stats(&app));
    readiness.record("mongodb", mongodb);
    readiness.record("redis", redis);
    readiness.record("live", check_live(&app));
    readiness.record("workers", crate::work::check(&app));
    match lanes {
        Ok(lanes) => {
            for stats in lanes {
                readiness.record(format!("lane_{}", stats.lane), check_lane(&app, &stats));
            }
        }
        Err(why) => readiness.record("lanes", Err(why)),
    }
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness)).into_response()
}

/// The metrics in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, content_type = "text/plain")))]
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    if let Ok(lanes) = lane_stats(&app).await {
        for stats in lanes {
            let lane = stats.lane;
            let depths = [
                ("ready", stats.depth),
                ("pending", stats.pending),
                ("delayed", stats.delayed),
                ("dead", stats.dead),
            ];
            for (state, jobs) in depths {
                metrics::gauge!(telemetry::LANE_DEPTH, "lane" => lane.as_str(), "state" => state)
                    .set(jobs as f64);
            }
            let oldest = stats.oldest_age.as_secs_f64();
            metrics::gauge!(telemetry::LANE_OLDEST, "lane" => lane.as_str()).set(oldest);
        }
    }
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4")],
        app.metrics.render(),
    )
        .into_response()
}

async fn lane_stats(app: &App) -> Result<Vec<LaneStats>, String> {
    within(app.redis.lanes().all()).await
}

async fn check_mongodb(app: &App) -> Result<(), String> {
    within(app.store.ping()).await
}

async fn check_redis(app: &App) -> Result<(), String> {
    let persistence = within(app.redis.persistence()).await?;
    if !persistence.append_only {
        return Err(
            "the append-only file is off: what is acknowledged wouldn't survive a restart".to_owned(),
        );
    }
    if !persistence.last_write_ok {
        return Err("the append-only file can't be written".to_owned());
    }
    Ok(())
}

fn check_live(app: &App) -> Result<(), String> {
    let silence = Duration::from_secs(app.config.health.live_silence_secs);
    if tail::is_alive(&app.consoles, &app.clock, silence) {
        Ok(())
    } else {
        Err(format!(
            "no event or heartbeat came out of the live stream for {} s",
            silence.as_secs()
        ))
    }
}

fn check_lane(app: &App, stats: &LaneStats) -> Result<(), String> {
    let (age, limit) = (
        stats.oldest_age,
        app.config.health.max_oldest_job_secs.of(stats.lane),
    );
    // A paused lane grows old on purpose.
    if age <= limit || stats.paused {
        return Ok(());
    }
    Err(format!(
        "the oldest job is {} s old; the limit is {} s",
        age.as_secs(),
        limit.as_secs()
    ))
}

async fn within<T, E: std::fmt::Display>(call: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}
