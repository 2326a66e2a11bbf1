//! Consoles (P6): the official JavaScript client against two nodes that serve, and a node that is killed.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use serde_json::json;
use switchboard_tests::{Console, Desk, Hub, HubOptions, Isolated, Role, desk::fresh_wamid};

/// `tests/js`, with its packages.
fn scripts() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("js");
    let written = |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified());
    let installed = written("node_modules/.package-lock.json");
    if installed.is_err() || installed.ok() < written("package-lock.json").ok() {
        let done = Command::new("npm")
            .current_dir(&folder)
            .args(["ci", "--silent", "--no-audit", "--no-fund"])
            .status();
        assert!(
            done.is_ok_and(|status| status.success()),
            "the packages of tests/js can't be installed"
        );
    }
    folder
}

#[tokio::test]
async fn the_official_client_misses_nothing() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let urls = [0, 1].map(|nth| hub.node(Role::Serve, nth).url.clone()).join(",");
    let folder = scripts();
    let output = tokio::task::spawn_blocking(move || {
        Command::new("npm")
            .current_dir(folder)
            .args(["test", "--silent"])
            .env("HUB_URLS", urls)
            .output()
    });
    let output = output.await.unwrap().expect("npm");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{report}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        report.contains("# fail 0") || report.contains("fail 0"),
        "no report of the tests: {report}"
    );
}

#[tokio::test]
async fn a_console_whose_node_is_killed_goes_on_at_another() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let [first, second] = [0, 1].map(|nth| hub.node(Role::Serve, nth).url.clone());
    let desk = Desk::open(&first, "http://127.0.0.1:9").await;
    let (agent, console) = desk.agent().await;
    let (customer, conversation) = desk.given_to(&agent).await;
    console
        .event("the first message", |event| {
            event.name == "message.created" && event.data()["conversation_id"] == conversation["id"]
        })
        .await;
    let cursor = console.cursor();
    hub.node(Role::Serve, 0).kill();
    let door = desk.door().replace(&first, &second);
    let mut sent = Vec::new();
    for nth in 0..20 {
        let id = fresh_wamid();
        let webhook = desk.text(&customer, &id, &format!("nth {nth}"));
        assert_eq!(desk.post_to(&door, &webhook).await.status, 200);
        sent.push(id);
    }
    let auth = json!({ "token": agent.token, "cursor": cursor });
    let console = Console::try_connect(&second, &auth).await.unwrap();
    let last = sent.last().unwrap();
    console
        .event("the last message", |event| {
            event.is("message.created", "provider_message_id", last)
        })
        .await;
    let events = console.events();
    let came: Vec<&str> = events
        .iter()
        .filter(|event| event.name == "message.created")
        .filter_map(|event| event.data()["provider_message_id"].as_str())
        .collect();
    assert_eq!(came, sent);
    assert!(events.iter().all(|event| event.payload["refetch"].is_null()));
    // The agent counts as there through the new node, and the killed one comes back.
    switchboard_tests::eventually("still there", Duration::from_secs(30), async || {
        agent.at(&second).get("/me").await.ok()["presence"]["online"] == true
    })
    .await;
    hub.node(Role::Serve, 0).restart().await;
}
