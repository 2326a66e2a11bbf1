//! Every real payload, and the events it becomes.

use std::{fs, path::PathBuf};

use switchboard_connectors::Event;

use crate::account::{FIXTURES, NAME, as_webhook, normalise};

pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(NAME)
        .join("fixtures")
        .join(name)
}

/// Name and bytes, sorted by name.
pub fn inbound() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder("inbound"))
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let body = as_webhook(&name, fs::read(path).unwrap());
            (name, body)
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_payload_becomes_its_events() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../../src/{NAME}/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let files = inbound();
    assert_eq!(files.len(), FIXTURES);
    settings.bind(|| {
        for (name, body) in files {
            insta::assert_json_snapshot!(name, normalise(&body));
        }
    });
}

/// A byte order mark in front is no part of the text, but it is of what was signed.
#[test]
fn a_byte_order_mark_changes_nothing() {
    for (name, body) in inbound() {
        let marked = [b"\xef\xbb\xbf", body.as_slice()].concat();
        assert_eq!(normalise(&body), normalise(&marked), "{name}");
    }
}

/// Nothing that a webhook tells may be lost without a trace.
#[test]
fn what_is_not_understood_is_kept_raw() {
    for (name, body) in inbound() {
        let events = normalise(&body);
        assert!(!events.is_empty(), "{name}");
        for event in events {
            if let Event::Unsupported { kind, raw } = event.event {
                assert!(!kind.is_empty(), "{name}");
                assert!(
                    serde_json::from_str::<serde_json::Value>(&raw)
                        .unwrap()
                        .is_object(),
                    "{name}"
                );
            }
        }
    }
}
