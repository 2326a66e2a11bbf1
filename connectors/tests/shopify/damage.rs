//! Ways to damage a payload.

use serde_json::{Value, json};

/// The payload with every value of its tree replaced in turn by one of another type; objects all.
pub fn wrong_types(tree: &Value) -> Vec<Value> {
    let wrong = [json!(null), json!(-1.5), json!({}), json!([[]]), json!("x")];
    let mut pointers = Vec::new();
    collect(tree, &mut String::new(), &mut pointers);
    let changed = pointers.iter().flat_map(|pointer| {
        wrong.iter().filter_map(|wrong| {
            let mut changed = tree.clone();
            *changed.pointer_mut(pointer)? = wrong.clone();
            Some(changed)
        })
    });
    changed.filter(Value::is_object).collect()
}

fn collect(tree: &Value, at: &mut String, found: &mut Vec<String>) {
    found.push(at.clone());
    let children: Vec<(String, &Value)> = match tree {
        Value::Object(members) => members.iter().map(|(name, v)| (name.clone(), v)).collect(),
        Value::Array(items) => items
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

/// Bytes put in place, put in, or taken out.
pub fn edited(body: &[u8], edits: &[(proptest::sample::Index, u8, u8)]) -> Vec<u8> {
    let mut body = body.to_vec();
    for (at, byte, how) in edits {
        let at = at.index(body.len());
        match how {
            0 => body[at] = *byte,
            1 => body.insert(at, *byte),
            _ => drop(body.remove(at)),
        }
    }
    body
}
