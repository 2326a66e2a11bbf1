//! Every real payload, and the event it becomes.

use std::{fs, path::PathBuf};

use switchboard_connectors::{CommerceEvent, Event, Inbound};

use crate::account::normalise;

pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/shopify/fixtures")
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

/// The topic a payload belongs to, which its file is named for.
pub fn topic(name: &str) -> &'static str {
    match name {
        "webhook-customers-redact" => "customers/redact",
        "webhook-orders-create" => "orders/create",
        "webhook-customers-create" => "customers/create",
        _ if name.contains("order") => "orders/updated",
        _ => "customers/update",
    }
}

/// An event's `raw` is the payload, which needn't be shown twice.
fn without_raw(mut inbound: Vec<Inbound>, body: &[u8]) -> Vec<Inbound> {
    for inbound in &mut inbound {
        if let Event::Commerce(CommerceEvent { raw, .. }) | Event::Unsupported { raw, .. } =
            &mut inbound.event
        {
            assert_eq!(raw.as_bytes(), body);
            raw.clear();
        }
    }
    inbound
}

#[test]
fn every_payload_becomes_its_event() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../src/shopify/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let files = inbound();
    assert_eq!(files.len(), 9);
    settings.bind(|| {
        for (name, body) in files {
            let headers = [
                ("X-Shopify-Topic", topic(&name)),
                ("X-Shopify-Shop-Domain", "Acme.myshopify.com"),
                ("X-Shopify-Event-Id", "98880550-7158-44d4-b7cd-2c97c8a091b5"),
                ("X-Shopify-Webhook-Id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
                ("X-Shopify-Triggered-At", "2023-03-29T18:00:27.877041743Z"),
            ];
            insta::assert_json_snapshot!(name, without_raw(normalise(&headers, &body), &body));
        }
    });
}
