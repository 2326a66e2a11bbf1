//! Bodies that nobody would send.

use proptest::sample::Index;
use switchboard_connectors::{Connector, StoredRequest, Verified};

use super::{inbound, received_at, verify};

/// It is refused as malformed, or it becomes events. Nothing panics.
pub fn assert_survives(connector: &dyn Connector, body: &[u8]) {
    if let Ok(verified) = verify(connector, body) {
        let _ = connector.normalise(&verified, received_at());
    }
    // What the ledger holds may be damaged by other hands.
    let stored = StoredRequest {
        headers: Vec::new(),
        body: body.to_vec().into(),
    };
    let events = connector.normalise(&Verified::restore(stored), received_at());
    assert!(
        !events.is_empty() || body.contains(&b'['),
        "only an empty list tells nothing"
    );
}

/// A real payload with some bytes changed, put in, taken out, or cut off at the end.
pub fn mutate(
    connector: &dyn Connector,
    file: Index,
    edits: &[(Index, u8, u8)],
    cut: Option<&Index>,
) -> Vec<u8> {
    let files = inbound(connector);
    let mut body = file.get(&files).1.clone();
    for (at, byte, how) in edits {
        let at = at.index(body.len());
        match how {
            0 => body[at] = *byte,
            1 => body.insert(at, *byte),
            _ => drop(body.remove(at)),
        }
    }
    if let Some(cut) = cut {
        body.truncate(cut.index(body.len()));
    }
    body
}

/// A webhook with one field of the wrong type never vanishes.
pub fn assert_any_wrong_field_leaves_a_trace(connector: &dyn Connector) {
    let files = inbound(connector);
    let json = files
        .iter()
        .filter(|(_, body)| body.trim_ascii_start().starts_with(b"{"));
    for (name, body) in json {
        let tree: serde_json::Value = serde_json::from_slice(body).unwrap();
        let mut pointers = Vec::new();
        collect(&tree, &mut String::new(), &mut pointers);
        for pointer in pointers.iter().filter(|pointer| !pointer.is_empty()) {
            for wrong in ["null", "-1.5", "{}", "[[]]", "\"x\""] {
                let mut changed = tree.clone();
                *changed.pointer_mut(pointer).unwrap() = serde_json::from_str(wrong).unwrap();
                let verified = verify(connector, changed.to_string().as_bytes()).unwrap();
                let events = connector.normalise(&verified, received_at());
                assert!(!events.is_empty(), "{name}: {pointer} = {wrong}");
            }
        }
    }
}

fn collect(tree: &serde_json::Value, at: &mut String, found: &mut Vec<String>) {
    found.push(at.clone());
    let children: Vec<(String, &serde_json::Value)> = match tree {
        serde_json::Value::Object(members) => members.iter().map(|(name, v)| (name.clone(), v)).collect(),
        serde_json::Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(n, v)| (n.to_string(), v)).collect()
        }
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
