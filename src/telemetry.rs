//! Logs and metrics: set up once, named here.

use std::{io::IsTerminal, sync::OnceLock, time::Duration};

use http::{Method, StatusCode};
use metrics::{Counter, Histogram, SharedString};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use switchboard_domain::Channel;
use tracing_subscriber::{EnvFilter, filter::ParseError};

use crate::config::{Log, LogFormat};

pub const HTTP_DURATION: &str = "switchboard_http_request_duration_seconds";
pub const WEBHOOKS: &str = "switchboard_webhooks_total";
/// The outcome of most.
pub const ACCEPTED_WEBHOOK: &str = "accepted";
/// Where they come in, as the router has it.
pub const WEBHOOK_ROUTE: &str = "/webhooks/{channel}/{account}";
pub const LIVE_EVENTS: &str = "switchboard_live_events_total";
pub const LIVE_PUSHES: &str = "switchboard_live_pushes_total";
pub const LIVE_CATCH_UPS: &str = "switchboard_live_catch_ups_total";
pub const SOCKETS: &str = "switchboard_sockets";
pub const CHATS: &str = "switchboard_chat_visitors";
pub const LANE_DEPTH: &str = "switchboard_lane_jobs";
pub const LANE_OLDEST: &str = "switchboard_lane_oldest_job_seconds";
pub const SPOOL_DRAINED: &str = "switchboard_spool_drained_total";

const UPKEEP_EVERY: Duration = Duration::from_secs(5);
const HTTP_BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// # Errors
/// If the filter isn't one.
pub fn init_logs(config: &Log) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(&config.filter)?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second set-up (tests in one process) changes nothing, which is fine.
    let _ = match config.format {
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
        LogFormat::Pretty => logs.compact().with_target(false).try_init(),
    };
    Ok(())
}

/// Installs the recorder; the handle renders what `/metrics` answers.
pub fn init_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(HTTP_DURATION.to_owned()), HTTP_BUCKETS)?
        .install_recorder()?;
    metrics::describe_histogram!(
        HTTP_DURATION,
        metrics::Unit::Seconds,
        "Time to answer, by route template."
    );
    metrics::describe_counter!(
        WEBHOOKS,
        "Webhooks by channel and outcome: accepted, spooled, or why refused."
    );
    metrics::describe_counter!(LIVE_EVENTS, "Events read from the live stream.");
    metrics::describe_counter!(LIVE_PUSHES, "Events handed to consoles.");
    metrics::describe_counter!(
        LIVE_CATCH_UPS,
        "Consoles caught up from the live stream, by reason."
    );
    metrics::describe_gauge!(SOCKETS, "Consoles connected to this process.");
    metrics::describe_gauge!(CHATS, "Visitors of web chats connected to this process.");
    metrics::describe_gauge!(LANE_DEPTH, "Jobs by lane and state.");
    metrics::describe_gauge!(
        LANE_OLDEST,
        metrics::Unit::Seconds,
        "Age of the oldest job, by lane."
    );
    metrics::describe_counter!(SPOOL_DRAINED, "Webhooks moved from the spool to the ingest lane.");
    Ok(handle)
}

/// Sums up what histograms have recorded. Without it, and while nobody asks for `/metrics`, every sample is kept.
pub async fn upkeep(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        metrics.run_upkeep();
    }
}

/// One answered request.
pub fn request(route: &str, method: &Method, status: StatusCode, elapsed: Duration) {
    duration(route.to_owned().into(), method, status).record(elapsed.as_secs_f64());
}

/// The same for a webhook that was taken: there are thousands a second, and looking up what counts them was 4 % of the
/// door's time.
pub fn accepted_webhook(elapsed: Duration) {
    static TAKEN: OnceLock<Histogram> = OnceLock::new();
    let taken = || {
        duration(
            SharedString::const_str(WEBHOOK_ROUTE),
            &Method::POST,
            StatusCode::OK,
        )
    };
    TAKEN.get_or_init(taken).record(elapsed.as_secs_f64());
}

fn duration(route: SharedString, method: &Method, status: StatusCode) -> Histogram {
    let labels = [
        ("route", route),
        ("method", SharedString::const_str(method_name(method))),
        ("status", SharedString::const_str(status_class(status))),
    ];
    metrics::histogram!(HTTP_DURATION, &labels)
}

/// One more request of this channel, by what became of it.
pub fn webhook(channel: Channel, outcome: &'static str) {
    static ACCEPTED: OnceLock<Vec<Counter>> = OnceLock::new();
    let counter = |channel: Channel, outcome| metrics::counter!(WEBHOOKS, "channel" => channel.as_str(), "outcome" => outcome);
    if outcome != ACCEPTED_WEBHOOK {
        return counter(channel, outcome).increment(1);
    }
    let accepted = || {
        Channel::ALL
            .iter()
            .map(|channel| counter(*channel, outcome))
            .collect()
    };
    if let Some(accepted) = ACCEPTED.get_or_init(accepted).get(channel as usize) {
        accepted.increment(1);
    }
}

/// Bounded, whatever a stranger sends as a method.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
