//! Whatever is signed: it is refused as malformed, or it becomes events. Nothing panics.

use proptest::{collection::vec, prelude::*, sample::Index};
use switchboard_connectors::{StoredRequest, Verified};

use crate::{
    account::{SHAPES, connector, received_at, verify},
    fixtures::inbound,
};

/// Bytes.
const LONG: usize = 5_000;

fn survives(body: &[u8]) {
    if let Ok(verified) = verify(body) {
        let _ = connector().normalise(&verified, received_at());
    }
    // What the ledger holds may be damaged by other hands.
    let stored = StoredRequest {
        headers: Vec::new(),
        body: body.to_vec().into(),
    };
    let _ = connector().normalise(&Verified::restore(stored), received_at());
}

/// Every value of the tree, replaced in turn by one of another type.
fn replacements(tree: &serde_json::Value) -> Vec<serde_json::Value> {
    let wrong = [
        serde_json::json!(null),
        serde_json::json!(-1.5),
        serde_json::json!({}),
        serde_json::json!([[]]),
        serde_json::json!("x"),
    ];
    let mut pointers = Vec::new();
    collect(tree, &mut String::new(), &mut pointers);
    pointers
        .iter()
        .flat_map(|pointer| {
            wrong.iter().filter_map(|wrong| {
                let mut changed = tree.clone();
                *changed.pointer_mut(pointer)? = wrong.clone();
                Some(changed)
            })
        })
        .collect()
}

fn collect(tree: &serde_json::Value, at: &mut String, found: &mut Vec<String>) {
    found.push(at.clone());
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
        let length = at.len();
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        collect(child, at, found);
        at.truncate(length);
    }
}

/// A webhook with one field of the wrong type never vanishes: each fixture has something to tell, or to be kept.
#[test]
fn any_field_of_the_wrong_type_leaves_a_trace() {
    // One fixture is long by holding many events, and would take all the time.
    for (name, body) in inbound().into_iter().filter(|(_, body)| body.len() < LONG) {
        let tree: serde_json::Value = serde_json::from_slice(&body).unwrap();
        for changed in replacements(&tree)
            .into_iter()
            .filter(serde_json::Value::is_object)
        {
            let body = changed.to_string();
            let events = connector().normalise(&verify(body.as_bytes()).unwrap(), received_at());
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
    fn arbitrary_json_text(shape in any::<Index>(), filling in r#"[\{\}\[\]":,a-z0-9\\-]{0,80}"#) {
        survives(shape.get(SHAPES).replace('…', &filling).as_bytes());
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
