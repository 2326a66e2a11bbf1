//! Temporary directories that don't outlive the tests, even killed ones.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process,
    sync::Once,
};

use uuid::Uuid;

static SWEEP: Once = Once::new();

/// A directory of its own under the system's temporary one; removed when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// `name` is for whoever looks into the temporary directory.
    pub fn new(name: &str) -> Self {
        SWEEP.call_once(sweep);
        let path = home()
            .join(process::id().to_string())
            .join(format!("{name}-{}", Uuid::new_v4().simple()));
        fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A failure leaves a directory for the next run's sweep.
        let _ = fs::remove_dir_all(&self.0);
        if let Some(of_this_process) = self.0.parent() {
            let _ = fs::remove_dir(of_this_process);
        }
    }
}

/// One per user, so that root's leftovers don't stand in another user's way.
fn home() -> PathBuf {
    let user = fs::metadata("/proc/self").expect("Linux's /proc").uid();
    std::env::temp_dir().join(format!("switchboard-tests-{user}"))
}

/// Removes what test processes that are gone have left.
fn sweep() {
    for entry in fs::read_dir(home()).into_iter().flatten().flatten() {
        let ended = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
            .is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists());
        if ended {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
