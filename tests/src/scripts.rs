//! Tests in JavaScript, against a running hub: folders of this crate, with the packages that their lock files name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

/// Runs the tests of a folder against the hub's nodes (their URLs, separated by commas).
pub async fn run(folder: &str, urls: &str) {
    // What the folders share is in `js`, which needs its own packages.
    for name in ["js", folder] {
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
