//! Health, metrics, lanes, the API's description.

use std::time::Duration;

use serde_json::json;
use switchboard_tests::{Api, Hub, HubOptions, Isolated, Mongo, Valkey, api::items, eventually};

use crate::world::World;

const SOON: Duration = Duration::from_secs(40);

#[tokio::test]
async fn health_metrics_and_description_need_no_token() {
    let world = World::shared().await;
    let api = Api::stranger(world.url());
    assert_eq!(api.outside("/healthz").await.status, 200);
    let ready = api.outside("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.text);
    for check in [
        "mongodb",
        "redis",
        "live",
        "workers",
        "lane_ingest",
        "lane_outbound",
        "lane_routing",
    ] {
        assert_eq!(ready.body["checks"][check], "ok", "{check} in {}", ready.text);
    }
    let metrics = api.outside("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain"));
    for name in [
        "switchboard_lane_jobs",
        "switchboard_lane_oldest_job_seconds",
        "switchboard_sockets",
    ] {
        assert!(metrics.text.contains(name), "no {name}");
    }
    let described = api.outside("/openapi.json").await.ok();
    for path in [
        "/api/v1/conversations",
        "/api/v1/conversations/{id}/messages",
        "/api/v1/auth/login",
        "/api/v1/channels",
    ] {
        assert!(described["paths"][path].is_object(), "no {path}");
    }
}

#[tokio::test]
async fn operations_see_every_lane_and_can_stop_one() {
    let world = World::shared().await;
    let ops = Api::sign_in(world.url(), "ops@demo.test").await;
    let queues = ops.get("/ops/queues").await.ok();
    let lanes: Vec<&str> = items(&queues)
        .iter()
        .filter_map(|lane| lane["lane"].as_str())
        .collect();
    assert_eq!(
        lanes,
        ["ingest", "ingest_large", "outbound", "routing", "timers", "bulk"]
    );
    assert_eq!(queues["spooled"], 0);
    let bulk = async || items(&ops.get("/ops/queues").await.ok())[5]["paused"].clone();
    assert_eq!(ops.post("/ops/queues/bulk/pause", &json!({})).await.status, 204);
    assert_eq!(bulk().await, true);
    assert_eq!(ops.post("/ops/queues/bulk/resume", &json!({})).await.status, 204);
    assert_eq!(bulk().await, false);
    assert!(items(&ops.get("/ops/dead-letters?lane=ingest").await.ok()).is_empty());
    ops.get("/ops/dead-letters?lane=fast").await.error(404);
    ops.get("/ops/dead-letters?lane=ingest&cursor=x").await.error(400);
}

/// Not ready, and the check's name says so, while `/healthz` stays green.
async fn names(api: &Api, check: &str) {
    eventually(&format!("readyz names {check}"), SOON, async || {
        let ready = api.outside("/readyz").await;
        ready.status == 503 && ready.body["checks"][check] != "ok" && ready.body["ready"] == false
    })
    .await;
    assert_eq!(api.outside("/healthz").await.status, 200, "not ready isn't dead");
}

async fn is_ready(api: &Api) {
    eventually("ready again", SOON, async || {
        api.outside("/readyz").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn readyz_names_what_is_away_and_recovers() {
    let (mut mongo, mut valkey) = (Mongo::start().await, Valkey::start().await);
    let corner = Isolated::on(&mongo.uri(), &valkey.url());
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let api = Api::stranger(hub.url());
    is_ready(&api).await;
    valkey.kill();
    names(&api, "redis").await;
    valkey.restart().await;
    is_ready(&api).await;
    mongo.kill();
    names(&api, "mongodb").await;
    mongo.restart().await;
    is_ready(&api).await;
    drop(hub);
}
