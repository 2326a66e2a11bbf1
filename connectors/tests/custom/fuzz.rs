//! Whatever is signed: it is refused as malformed, or it becomes events. Nothing panics, whatever the mapping.

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::json;
use switchboard_connectors::{StoredRequest, Verified};

use crate::{
    account::{account, custom, events, received_at, verify, with_mapping},
    damage::{edited, wrong_types},
};

const FIXTURES: [&[u8]; 3] = [
    include_bytes!("../../src/custom/fixtures/inbound/message-received.json"),
    include_bytes!("../../src/custom/fixtures/inbound/message-with-files.json"),
    include_bytes!("../../src/custom/fixtures/inbound/contact-created.json"),
];

fn survives(body: &[u8]) {
    let account = account("https://hub.example");
    if let Ok(verified) = verify(&account, body) {
        assert!(!custom().normalise(&verified, received_at()).is_empty());
    }
    // What the ledger holds may be damaged by other hands.
    let mapping = String::from_utf8_lossy(body).into_owned();
    let stored = StoredRequest {
        headers: vec![("switchboard-mapping".to_owned(), mapping)],
        body: body.to_vec().into(),
    };
    assert!(
        !custom()
            .normalise(&Verified::restore(stored), received_at())
            .is_empty()
    );
}

#[test]
fn any_field_of_the_wrong_type_leaves_a_trace() {
    for body in FIXTURES {
        for changed in wrong_types(&serde_json::from_slice(body).unwrap()) {
            let events = events(&account("https://hub.example"), changed.to_string().as_bytes());
            assert!(!events.is_empty(), "{changed}");
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in vec(any::<u8>(), 0..512)) {
        survives(&body);
    }

    #[test]
    fn mutated_fixtures(file in 0..3_usize, edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8)) {
        survives(&edited(FIXTURES[file], &edits));
    }

    #[test]
    fn arbitrary_paths(path in r"[/.\[\]*~$a-c0-2]{0,12}") {
        let account = with_mapping(json!({ "sender_id": path, "text": path, "items": path, "media_url": path }));
        let checked = custom().check_account(&account.settings, &account.secrets);
        let body = br#"{"a":[{"b":["x","https://x.example/1"],"c":"y"}],"b":{"a":"z"},"c":"w"}"#;
        let events = events(&account, body);
        prop_assert!(!events.is_empty());
        let is_kept = matches!(events[..], [switchboard_connectors::Event::Unsupported { .. }]);
        prop_assert!(checked.is_ok() || is_kept, "{:?}", events);
    }
}
