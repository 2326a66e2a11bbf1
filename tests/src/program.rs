//! Where the servers' programs are.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The program `variable` names, else the one `scripts/fetch-servers` put into `.cache/bin`, else the first of `names` on PATH.
pub fn find(variable: &str, names: &[&str]) -> PathBuf {
    if let Some(named) = env::var_os(variable) {
        return named.into();
    }
    let fetched = root().join(".cache/bin").join(names[0]);
    if fetched.exists() {
        return fetched;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    names
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
        .unwrap_or_else(|| {
            panic!(
                "no {} here: run scripts/fetch-servers or set {variable}",
                names[0]
            )
        })
}
