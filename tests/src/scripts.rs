//! What runs on Node.js: folders of this crate, with the packages that their lock files name.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::process::Command;

use crate::{Process, Scratch, free_port, http, poll::eventually, program};

/// What the folders share, and servers that tests start.
const SHARED: &str = "js";

/// Runs the tests of a folder against the hub's nodes (their URLs, separated by commas).
pub async fn run(folder: &str, urls: &str) {
    for name in [SHARED, folder] {
        install(&path(name)).await;
    }
    let output = Command::new("npm")
        .current_dir(path(folder))
        .args(["test", "--silent"])
        .env("HUB_URLS", urls)
        .output()
        .await
        .expect("npm");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{report}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(report.contains("fail 0"), "no report of the tests: {report}");
}

/// A server written for Node.js. It ends when dropped.
#[derive(Debug)]
pub struct Script {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    process: Process,
    // After the process: its log is in there.
    _scratch: Scratch,
}

impl Script {
    /// Runs `node NAME PORT`, and waits until it answers at `probe`.
    pub async fn start(name: &str, probe: &str) -> Self {
        let folder = path(SHARED);
        install(&folder).await;
        let (scratch, port) = (Scratch::new(name), free_port());
        let url = format!("http://127.0.0.1:{port}");
        let arguments = [folder.join(name).display().to_string(), port.to_string()];
        let node = program::find("NODE", &["node"]);
        let mut process = Process::start(name, &node, &arguments, &[], &scratch.path().join("log"));
        let (client, probe) = (http(), format!("{url}{probe}"));
        eventually(&probe, Duration::from_secs(30), async || {
            assert!(
                process.ended().is_none(),
                "{name} ended:\n{}",
                process.log_end(20)
            );
            client
                .get(&probe)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        Self {
            url,
            process,
            _scratch: scratch,
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }
}

fn path(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

async fn install(folder: &Path) {
    static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = ONE_AT_A_TIME.lock().await;
    let written = |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified());
    let installed = written("node_modules/.package-lock.json");
    if installed.is_ok() && installed.ok() >= written("package-lock.json").ok() {
        return;
    }
    let done = Command::new("npm")
        .current_dir(folder)
        .args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"])
        .status()
        .await;
    assert!(
        done.is_ok_and(|status| status.success()),
        "the packages of {} can't be installed",
        folder.display()
    );
}
