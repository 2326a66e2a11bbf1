//! A place in a payload: a JSON pointer (RFC 6901, `/data/from/id`) or names with full stops (`data.from.id`,
//! `items[0].id`). `*` stands for every item of a list.

use serde_json::Value;

const MAX_CHARS: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

impl Path {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("A path is needed, as /data/id or data.id.");
        }
        if text.chars().count() > MAX_CHARS {
            return Err("A path has at most 256 characters.");
        }
        let steps: Option<Vec<String>> = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(unescape).collect(),
            None => names(text),
        };
        match steps {
            Some(steps) if steps.iter().all(|step| !step.is_empty()) => Ok(Self(steps)),
            _ => Err(
                "This is neither a JSON pointer (/data/id) nor names with full stops (data.id, items[0].id).",
            ),
        }
    }

    /// What is there: nothing, one value, or as many as `*` meets.
    pub fn find<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.0.iter().fold(vec![value], |found, step| {
            found.into_iter().flat_map(|value| below(value, step)).collect()
        })
    }

    pub fn first<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.find(value).into_iter().next()
    }
}

fn below<'v>(value: &'v Value, step: &str) -> Vec<&'v Value> {
    match value {
        Value::Object(members) => members.get(step).into_iter().collect(),
        Value::Array(items) if step == "*" => items.iter().collect(),
        Value::Array(items) => {
            let nth = step
                .parse()
                .ok()
                .filter(|_| step.bytes().all(|byte| byte.is_ascii_digit()));
            nth.and_then(|nth: usize| items.get(nth)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// `~1` is a slash and `~0` a tilde; a tilde before anything else is a mistake.
fn unescape(step: &str) -> Option<String> {
    let mut rest = step;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once('~') {
        plain.push_str(before);
        plain.push(match after.chars().next()? {
            '0' => '~',
            '1' => '/',
            _ => return None,
        });
        rest = &after[1..];
    }
    plain.push_str(rest);
    Some(plain)
}

/// `a.b[0][*].c`, also with `$.` in front, as other tools write it.
fn names(text: &str) -> Option<Vec<String>> {
    let mut steps = Vec::new();
    for part in text.strip_prefix("$.").unwrap_or(text).split('.') {
        let mut pieces = part.split('[');
        let name = pieces.next().unwrap_or_default();
        if !name.is_empty() || !part.starts_with('[') {
            steps.push(name.to_owned());
        }
        for piece in pieces {
            let index = piece.strip_suffix(']')?;
            let is_index = index == "*" || index.bytes().all(|byte| byte.is_ascii_digit());
            steps.push(is_index.then(|| index.to_owned())?);
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_find_the_same() {
        let value = json!({ "a": { "b": [{ "c": 1 }, { "c": 2 }, { "d": 3 }] }, "x/y~z": 4, "~1": 5 });
        for (path, expected) in [
            ("/a/b/1/c", json!([2])),
            ("a.b.1.c", json!([2])),
            ("a.b[1].c", json!([2])),
            ("$.a.b[1].c", json!([2])),
            ("a.b[*].c", json!([1, 2])),
            ("/a/b/*/c", json!([1, 2])),
            ("a.*", json!([])),
            ("a.b[9].c", json!([])),
            ("a.b.+1.c", json!([])),
            ("a.b.c", json!([])),
            ("/x~1y~0z", json!([4])),
            ("/~01", json!([5])),
            ("x/y~z", json!([4])),
        ] {
            assert_eq!(json!(Path::parse(path).unwrap().find(&value)), expected, "{path}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        let long = "a".repeat(257);
        for path in [
            "", "/", "a..b", ".a", "a.", "/a//b", "/a~2", "/a~", "a[", "a[]", "a[x]", "a[0]b", "a]", "$.",
            &long,
        ] {
            let parsed = Path::parse(path);
            assert!(parsed.is_err() || path == "a]", "{path}: {parsed:?}");
        }
    }
}
