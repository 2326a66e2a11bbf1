//! Every real payload, and the events it becomes.

use std::{fs, path::PathBuf};

use crate::account::normalise;

pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/messenger/fixtures")
        .join(name)
}

/// Name and bytes, sorted by name.
pub fn inbound() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder("inbound"))
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_payload_becomes_its_events() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../src/messenger/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let files = inbound();
    assert_eq!(files.len(), 69);
    settings.bind(|| {
        for (name, body) in files {
            insta::assert_json_snapshot!(name, normalise(&body));
        }
    });
}
