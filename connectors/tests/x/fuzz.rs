//! Whatever is signed: it is refused as malformed, or it becomes events. Nothing panics, nothing vanishes.

use proptest::{collection::vec, prelude::*, sample::Index};
use switchboard_connectors::{StoredRequest, Verified};

use crate::{
    account::{account, received_at, verify, x},
    fixtures::inbound,
};

fn survives(body: &[u8]) {
    if let Ok(verified) = verify(body) {
        assert!(!x().normalise(&verified, received_at()).is_empty());
        let _ = x().acknowledge(&account("http://127.0.0.1:1"), &verified);
    }
    // What the ledger holds may be damaged by other hands.
    let stored = StoredRequest {
        headers: Vec::new(),
        body: body.to_vec().into(),
    };
    let _ = x().normalise(&Verified::restore(stored), received_at());
}

/// Every value of the tree, replaced in turn by one of another type.
fn replaced(tree: &serde_json::Value, at: &str, whole: &serde_json::Value, found: &mut Vec<String>) {
    for wrong in ["null", "-1.5", "{}", "[[]]", "\"x\"", "[null,7]"] {
        let mut changed = whole.clone();
        *changed.pointer_mut(at).unwrap() = serde_json::from_str(wrong).unwrap();
        if changed.is_object() {
            found.push(changed.to_string());
        }
    }
    let children: Vec<(String, &serde_json::Value)> = match tree {
        serde_json::Value::Object(members) => members.iter().map(|(name, v)| (name.clone(), v)).collect(),
        serde_json::Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(n, v)| (n.to_string(), v))
            .collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let name = name.replace('~', "~0").replace('/', "~1");
        replaced(child, &format!("{at}/{name}"), whole, found);
    }
}

#[test]
fn any_field_of_the_wrong_type_leaves_a_trace() {
    for (name, body) in inbound() {
        let Ok(tree) = serde_json::from_slice::<serde_json::Value>(&body) else {
            continue;
        };
        let mut bodies = Vec::new();
        replaced(&tree, "", &tree, &mut bodies);
        for body in bodies {
            let stored = StoredRequest {
                headers: Vec::new(),
                body: body.clone().into_bytes().into(),
            };
            let events = x().normalise(&Verified::restore(stored), received_at());
            assert!(!events.is_empty(), "{name}: {body}");
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in vec(any::<u8>(), 0..512)) {
        survives(&body);
    }

    #[test]
    fn arbitrary_envelopes(
        body in r#"\{"(data|direct_message_events)":[\{\}\[\]":,a-z_0-9]{0,60}\}"#,
    ) {
        survives(body.as_bytes());
    }

    #[test]
    fn mutated_fixtures(
        file in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
        cut in proptest::option::of(any::<Index>()),
    ) {
        let files = inbound();
        let mut body = file.get(&files).1.clone();
        for (at, byte, how) in edits {
            let at = at.index(body.len());
            match how {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => drop(body.remove(at)),
            }
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        survives(&body);
    }
}
