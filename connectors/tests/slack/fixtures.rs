//! Every real payload, and the events it becomes.

use std::{fs, path::PathBuf};

use crate::account::normalise;

pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/slack/fixtures")
        .join(name)
}

/// Name and bytes, sorted by name.
pub fn inbound() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder("inbound"))
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let name = name.split('.').next().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_payload_becomes_its_events() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../src/slack/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let files = inbound();
    assert_eq!(files.len(), 66);
    settings.bind(|| {
        for (name, body) in files {
            insta::assert_json_snapshot!(name, normalise(&body));
        }
    });
}

/// An interaction is posted as a form with one field; the files hold what is in it.
#[test]
fn an_interaction_is_the_same_in_its_form() {
    let mut compared = 0;
    for (name, body) in inbound() {
        let Ok(text) = std::str::from_utf8(&body) else {
            continue;
        };
        if !text.trim_start().starts_with('{') || text.contains("event_callback") {
            continue;
        }
        let mut url = reqwest::Url::parse("http://localhost/").unwrap();
        url.query_pairs_mut().append_pair("payload", text.trim());
        assert_eq!(
            normalise(url.query().unwrap().as_bytes()),
            normalise(text.trim().as_bytes()),
            "{name}"
        );
        compared += 1;
    }
    assert_eq!(compared, 22);
}
