//! What isn't a provider's webhook is told so and leaves no trace; what is one, however odd, is kept.

use std::{fs, path::Path, time::Duration};

use mongodb::bson::{Document, doc};
use reqwest::Method;
use serde_json::Value;
use switchboard_tests::{
    Answer, Desk, Hub, HubOptions, Isolated,
    api::{answer, items},
    desk::fresh_wamid,
    eventually, http,
    wa::{SIGNATURE_HEADER, SignedWebhook},
};

const SOON: Duration = Duration::from_secs(30);

/// Everything that would show that something was taken.
async fn traces(desk: &Desk, corner: &Isolated) -> (u64, u64, Vec<u64>) {
    let database = corner.database().await;
    let count = async |name: &str| {
        let collection = database.collection::<Document>(name);
        collection.count_documents(doc! {}).await.unwrap()
    };
    let queues = desk.admin.get("/ops/queues").await.ok();
    let lane = |lane: &Value| ["depth", "delayed", "dead"].map(|field| lane[field].as_u64().unwrap());
    // Routing and timers tick by themselves; a webhook goes into the first lane.
    let mut waiting: Vec<u64> = lane(&items(&queues)[0]).to_vec();
    waiting.push(queues["spooled"].as_u64().unwrap());
    (count("messages").await, count("event_log").await, waiting)
}

async fn post(url: &str, webhook: &SignedWebhook, content_type: &str) -> Answer {
    let request = http().post(url).header("Content-Type", content_type);
    let request = request
        .header(SIGNATURE_HEADER, &webhook.signature)
        .body(webhook.body.clone());
    answer(request).await
}

#[tokio::test]
async fn what_isnt_a_providers_webhook_leaves_no_trace() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let before = traces(&desk, &corner).await;
    let customer = desk.customer();
    let good = desk.text(&customer, &fresh_wamid(), "hello");
    let door = desk.door();
    let json = "application/json";

    unproven(&desk, &good).await;
    // Signed rightly, and still nothing a provider would send.
    let malformed: [&[u8]; 8] = [
        b"",
        b"{\"object\":\"whatsapp_business_account\",\"entry\":[{",
        b"null",
        b"[]",
        b"\"text\"",
        b"{\"object\":\"\xff\xfe\"}",
        b"{} trailing",
        b"object=whatsapp&entry=1",
    ];
    for body in malformed {
        let answer = post(&door, &desk.number.sign(body.to_vec()), json).await;
        assert_eq!(
            answer.error(400),
            "malformed",
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    let deep = format!("{}{}", "{\"a\":".repeat(200), "[".repeat(10_000)).into_bytes();
    assert_eq!(
        post(&door, &desk.number.sign(deep), json).await.error(400),
        "malformed"
    );
    let large = desk.number.sign(vec![b' '; 2 << 20]);
    assert_eq!(post(&door, &large, json).await.error(413), "too_large");

    let base = format!("{}/webhooks", desk.url());
    for (path, code) in [
        ("whatsapp/nobody", "not_found"),
        ("pigeon/wa-demo", "not_found"),
        ("whatsapp/%00%ff", "bad_request"),
    ] {
        let answer = post(&format!("{base}/{path}"), &good, json).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.text);
        assert_eq!(answer.error(answer.status), code, "{path}");
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let request = http().request(method, &door).body(good.body.clone());
        assert_eq!(answer(request).await.error(405), "method_not_allowed");
    }
    assert_eq!(traces(&desk, &corner).await, before, "something was taken");
    assert_eq!(
        desk.admin.outside("/readyz").await.status,
        200,
        "it isn't well any more"
    );
    // The very same bytes, signed, are taken: nothing above was refused for another reason. The content type is the
    // provider's business, the signature is over the bytes.
    assert_eq!(post(&door, &good, "text/plain").await.status, 200);
    desk.conversation(&desk.admin, &customer).await;
    assert!(!hub.logs().contains("panicked"), "a handler panicked");
}

/// 401 for whatever isn't signed as it must be.
async fn unproven(desk: &Desk, good: &SignedWebhook) {
    let door = desk.door();
    let unsigned = http()
        .post(&door)
        .header("Content-Type", "application/json")
        .body(good.body.clone());
    assert_eq!(answer(unsigned).await.error(401), "unauthenticated");
    let hex = good.signature.trim_start_matches("sha256=");
    let mut flipped = hex.to_owned();
    flipped.replace_range(..1, if hex.starts_with('0') { "1" } else { "0" });
    let signatures = [
        String::new(),
        "sha256=".to_owned(),
        hex.to_owned(),
        format!("sha1={hex}"),
        format!("sha256={flipped}"),
        format!("sha256={}", &hex[..62]),
        format!("sha256={hex}00"),
        format!("sha256={}", "z".repeat(64)),
    ];
    for signature in signatures {
        let forged = SignedWebhook {
            body: good.body.clone(),
            signature,
        };
        let answer = post(&door, &forged, "application/json").await;
        assert_eq!(answer.error(401), "unauthenticated", "{}", forged.signature);
    }
    let mut other = good.clone();
    other.body.push(b' ');
    assert_eq!(
        post(&door, &other, "application/json").await.error(401),
        "unauthenticated"
    );
}

#[tokio::test]
async fn odd_but_signed_is_kept_in_the_ledger() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let nested = format!(
        "{{\"object\":\"whatsapp_business_account\",\"entry\":[{}1{}]}}",
        "[".repeat(200),
        "]".repeat(200)
    );
    let mut webhooks: Vec<(String, Vec<u8>)> = vec![
        ("an empty object".into(), b"{}".to_vec()),
        ("an event nobody knows".into(), br#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"telepathy","value":{"x":1}}]}]}"#.to_vec()),
        ("types nobody expects".into(), br#"{"object":7,"entry":{"changes":"no"}}"#.to_vec()),
    ];
    let nesting = desk.post(&desk.number.sign(nested.into_bytes())).await;
    assert!(matches!(nesting.status, 200 | 400), "{}", nesting.text);
    let nested_kept = u64::from(nesting.status == 200);
    webhooks.extend(fixtures());
    assert!(webhooks.len() > 60, "the fixtures aren't there");
    for (name, body) in &webhooks {
        let answer = desk.post(&desk.number.sign(body.clone())).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
    }
    let database = corner.database().await;
    let ledger = database.collection::<Document>("event_log");
    let wanted = webhooks.len() as u64 + nested_kept;
    eventually("every webhook in the ledger", SOON, async || {
        ledger.count_documents(doc! {}).await.unwrap() == wanted
    })
    .await;
    let bodies = webhooks.iter().map(|(_, body)| body.clone());
    for body in bodies {
        let binary = mongodb::bson::Binary {
            subtype: mongodb::bson::spec::BinarySubtype::Generic,
            bytes: body,
        };
        let found = ledger.count_documents(doc! { "body": binary }).await.unwrap();
        assert_eq!(found, 1, "the ledger has a webhook changed");
    }
    // Edits of messages nobody has seen wait for those a while, and are then let go.
    eventually("an empty lane", SOON, async || {
        let queues = desk.admin.get("/ops/queues").await.ok();
        ["depth", "delayed"]
            .iter()
            .all(|field| items(&queues)[0][field] == 0)
    })
    .await;
    let queues = desk.admin.get("/ops/queues").await.ok();
    assert_eq!(items(&queues)[0]["dead"], 0, "given up: {queues}");
    assert!(!hub.logs().contains("panicked"), "a worker panicked");
}

/// Real payloads, as the connector's own tests have them.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors/src/whatsapp/fixtures/inbound");
    let mut fixtures: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    fixtures.sort();
    fixtures
}
