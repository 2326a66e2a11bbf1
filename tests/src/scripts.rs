//! What runs on Node.js: `tests/js`, with its packages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use crate::{Process, Scratch, free_port, http, poll::eventually, program};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
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
});

/// The folder, once its packages are installed.
pub fn folder() -> &'static Path {
    &FOLDER
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
    /// Runs `node NAME PORT`, and waits until it answers at `path`.
    pub async fn start(name: &str, path: &str) -> Self {
        let folder = tokio::task::spawn_blocking(folder).await.expect("the packages");
        let (scratch, port) = (Scratch::new(name), free_port());
        let url = format!("http://127.0.0.1:{port}");
        let arguments = [folder.join(name).display().to_string(), port.to_string()];
        let node = program::find("NODE", &["node"]);
        let mut process = Process::start(name, &node, &arguments, &[], &scratch.path().join("log"));
        let (client, probe) = (http(), format!("{url}{path}"));
        eventually(&probe, std::time::Duration::from_secs(30), async || {
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
