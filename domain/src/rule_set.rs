//! Routing rules as they are published: all of them at once, in versions that stay.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{RoutingRule, RuleId, Timestamp, UserId};

/// A published version. The one with the highest number is in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PublishedRules {
    pub version: u32,
    pub rules: Vec<RoutingRule>,
    /// Who published it; absent for what was there before there were versions.
    pub author: Option<UserId>,
    pub published_at: Timestamp,
    #[serde(default)]
    pub note: String,
    /// The version it brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<u32>,
}

impl PublishedRules {
    /// Before anything was published.
    pub fn none() -> Self {
        Self {
            version: 0,
            rules: Vec::new(),
            author: None,
            published_at: Timestamp::default(),
            note: String::new(),
            restores: None,
        }
    }
}

/// What somebody is working on: nobody is routed by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DraftRules {
    pub author: UserId,
    /// The version it was made from.
    pub base_version: u32,
    pub rules: Vec<RoutingRule>,
    pub updated_at: Timestamp,
}

/// What publishing would change, or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleChange {
    pub rule_id: RuleId,
    pub change: ChangeKind,
    /// Which of its fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    Added,
    Removed,
    Changed,
}

/// The differences from `before` to `after`, by rule id. A rule's version and time of change are no difference.
pub fn rule_changes(before: &[RoutingRule], after: &[RoutingRule]) -> Vec<RuleChange> {
    let mut changes: Vec<RuleChange> = Vec::new();
    for rule in after {
        match before.iter().find(|old| old.id == rule.id) {
            None => changes.push(RuleChange {
                rule_id: rule.id.clone(),
                change: ChangeKind::Added,
                fields: Vec::new(),
            }),
            Some(old) => {
                let fields = rule.differs_in(old);
                if !fields.is_empty() {
                    changes.push(RuleChange {
                        rule_id: rule.id.clone(),
                        change: ChangeKind::Changed,
                        fields,
                    });
                }
            }
        }
    }
    let gone = before
        .iter()
        .filter(|old| after.iter().all(|rule| rule.id != old.id));
    changes.extend(gone.map(|old| RuleChange {
        rule_id: old.id.clone(),
        change: ChangeKind::Removed,
        fields: Vec::new(),
    }));
    changes.sort_by(|a, b| a.rule_id.cmp(&b.rule_id));
    changes
}

/// `after` as it is published over `before`: a rule that changed gets its next version, one that didn't keeps its own.
pub fn next_versions(before: &[RoutingRule], after: Vec<RoutingRule>, now: Timestamp) -> Vec<RoutingRule> {
    let versioned = |mut rule: RoutingRule| {
        match before.iter().find(|old| old.id == rule.id) {
            Some(old) if rule.differs_in(old).is_empty() => return old.clone(),
            Some(old) => rule.version = old.version + 1,
            None => rule.version = 1,
        }
        rule.updated_at = now;
        rule
    };
    after.into_iter().map(versioned).collect()
}

impl RoutingRule {
    fn differs_in(&self, other: &Self) -> Vec<String> {
        let fields = [
            ("name", self.name != other.name),
            ("order", self.order != other.order),
            ("enabled", self.enabled != other.enabled),
            ("condition", self.condition != other.condition),
            ("steps", self.steps != other.steps),
            ("priority", self.priority != other.priority),
            ("requirements", self.requirements != other.requirements),
        ];
        let differing = fields.into_iter().filter(|(_, differs)| *differs);
        differing.map(|(field, _)| field.to_owned()).collect()
    }
}
