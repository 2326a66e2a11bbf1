//! P1–P6 and P9 while things break: the whole storm in one test, single outages in others.

mod burst;
mod outages;
mod storm;
mod supervisor;

use std::time::Duration;

use mongodb::{
    Database,
    bson::{Document, doc},
};
use serde_json::Value;
use switchboard_tests::{Api, api::items, eventually};

/// How long the hub may take to work everything off, in a debug build on a busy machine.
const SETTLED: Duration = Duration::from_secs(150);

/// Waits until nothing waits anywhere; then nothing may have been given up.
async fn settled(api: &Api) {
    let mut last = Value::Null;
    eventually("empty lanes and an empty spool", SETTLED, async || {
        let queues = api.get("/ops/queues").await;
        last = queues.body.clone();
        queues.status == 200 && queues.body["spooled"] == 0 && items(&queues.body).iter().all(is_empty)
    })
    .await;
    for lane in items(&last) {
        assert_eq!(lane["dead"], 0, "jobs were given up: {last}");
    }
}

fn is_empty(lane: &Value) -> bool {
    // What is due later is no backlog of the timers.
    lane["depth"] == 0 && (lane["delayed"] == 0 || lane["lane"] == "timers")
}

async fn count(database: &Database, collection: &str, filter: Document) -> u64 {
    let collection = database.collection::<Document>(collection);
    collection.count_documents(filter).await.unwrap()
}

/// Panics if somebody holds more than five, or a conversation is held twice.
async fn within_capacity(database: &Database) {
    for (field, most) in [("agent_id", 5), ("conversation_id", 1)] {
        let groups = [
            doc! { "$match": { "live": true } },
            doc! { "$group": { "_id": format!("${field}"), "held": { "$sum": "$weight" } } },
            doc! { "$match": { "held": { "$gt": most } } },
        ];
        let Ok(mut over) = database
            .collection::<Document>("assignments")
            .aggregate(groups)
            .await
        else {
            continue;
        };
        if let Ok(true) = over.advance().await {
            panic!(
                "more than {most} live assignments per {field}: {:?}",
                over.current()
            );
        }
    }
}
