//! What is written down about changes of the configuration and about sensitive looks at data.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::Timestamp;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    #[serde(rename = "type")]
    pub kind: ActorKind,
    /// A user's or key's id; empty for the system.
    pub id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    User,
    ApiKey,
    /// The hub itself, or somebody at its command line.
    System,
}

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditObject {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
}

/// How it ended. An entry is written before the change is made: no change without an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    Done,
    /// The change that an earlier entry of the same request tells of didn't come about.
    Failed,
}

/// Something that is to be written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditRecord {
    pub at: Timestamp,
    pub actor: Actor,
    /// As `team.changed`, `audit.exported`.
    pub action: String,
    pub object: AuditObject,
    pub outcome: AuditOutcome,
    /// Only the fields that differ; never a secret.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    pub ip: Option<String>,
    pub request_id: Option<String>,
}

/// A link of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its place in the chain, counted from 1.
    pub id: String,
    #[serde(flatten)]
    pub record: AuditRecord,
    /// SHA-256 over the previous entry's hash and everything in this one.
    pub hash: String,
    pub previous_hash: String,
}

/// Keeps of two objects only the fields that differ.
pub fn difference(before: Option<Value>, after: Option<Value>) -> (Option<Value>, Option<Value>) {
    match (before, after) {
        (Some(Value::Object(mut before)), Some(Value::Object(mut after))) => {
            before.retain(|field, value| {
                let same = after.get(field).is_some_and(|after| after == value);
                if same {
                    after.remove(field);
                }
                !same
            });
            (Some(before.into()), Some(after.into()))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_kept() {
        let before = json!({ "name": "a", "same": [1], "gone": true });
        let after = json!({ "name": "b", "same": [1], "come": null });
        assert_eq!(
            difference(Some(before.clone()), Some(after)),
            (
                Some(json!({ "name": "a", "gone": true })),
                Some(json!({ "name": "b", "come": null }))
            )
        );
        assert_eq!(difference(Some(before.clone()), None), (Some(before), None));
    }
}
