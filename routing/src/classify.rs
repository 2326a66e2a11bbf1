//! Ordered rules: the first whose condition matches decides where a conversation goes.

use switchboard_domain::{Condition, Field, Priority, QueueId, Requirement, RoutingRule, RuleId, Step};

use crate::{
    Facts, Item,
    condition::{matches, mentions},
};

/// The published rules, in the order they are tried.
#[derive(Clone, Debug)]
pub struct RuleSet {
    rules: Vec<RoutingRule>,
    default_queue: QueueId,
}

/// Where a conversation goes and what it asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification {
    /// The rule that matched, with its version; none: the default queue.
    pub rule: Option<(RuleId, u32)>,
    /// The queue it starts in.
    pub queue_id: QueueId,
    /// The queue it stands in while no step applies.
    pub default_queue: QueueId,
    pub steps: Vec<Step>,
    pub priority: Priority,
    pub requirements: Vec<Requirement>,
}

impl RuleSet {
    /// Disabled rules are left out; of equal order the lower id is tried first.
    pub fn new(rules: Vec<RoutingRule>, default_queue: QueueId) -> Self {
        let mut rules: Vec<_> = rules.into_iter().filter(|rule| rule.enabled).collect();
        rules.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        Self { rules, default_queue }
    }

    /// Whether some rule in force looks at such a field.
    pub fn asks(&self, is: impl Fn(&Field) -> bool) -> bool {
        self.any_comparison(|comparison| matches!(comparison, Condition::Match { field, .. } if is(field)))
    }

    /// Whether some comparison of a rule in force is such.
    pub fn any_comparison(&self, is: impl Fn(&Condition) -> bool) -> bool {
        let of_rule = |rule: &RoutingRule| {
            let steps = rule.steps.iter().filter_map(|step| step.condition.as_ref());
            steps
                .chain([&rule.condition])
                .any(|condition| mentions(condition, &is))
        };
        self.rules.iter().any(of_rule)
    }

    pub fn classify(&self, facts: &Facts) -> Classification {
        match self.rules.iter().find(|rule| matches(&rule.condition, facts)) {
            Some(rule) => self.by_rule(rule, facts),
            None => Classification {
                rule: None,
                queue_id: self.default_queue.clone(),
                default_queue: self.default_queue.clone(),
                steps: Vec::new(),
                priority: Priority::default(),
                requirements: Vec::new(),
            },
        }
    }

    /// Checks the rules again for an item that waits, with its facts as they are now; its age, its refusals and the
    /// agent it had stay. True if another rule (or version) holds than before.
    ///
    /// Call it for each item that enters a snapshot, except those a person moved by hand: a label, a language or a
    /// rule may have changed since the conversation came in.
    pub fn recheck(&self, item: &mut Item) -> bool {
        let now = self.classify(&item.facts);
        let changed = now.rule != item.rule;
        item.classify_as(now);
        changed
    }

    fn by_rule(&self, rule: &RoutingRule, facts: &Facts) -> Classification {
        let first = rule.steps.iter().find(|step| {
            step.condition
                .as_ref()
                .is_none_or(|condition| matches(condition, facts))
        });
        Classification {
            rule: Some((rule.id.clone(), rule.version)),
            queue_id: first.map_or_else(|| self.default_queue.clone(), |step| step.queue_id.clone()),
            default_queue: self.default_queue.clone(),
            steps: rule.steps.clone(),
            priority: rule.priority,
            requirements: rule.requirements.clone(),
        }
    }
}
