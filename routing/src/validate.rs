//! Whether rules can be saved at all; each fault points at its field.

use std::collections::BTreeSet;

use serde_json::Value;
use switchboard_domain::{
    CalendarId, Channel, Condition, Field, FieldPointer, Operator, OrderFact, QueueId, Requirement,
    RoutingRule, SkillId, Step,
};

use crate::measure::{Measure, is_measuring};

/// What rules may refer to.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub queues: BTreeSet<QueueId>,
    pub skills: BTreeSet<SkillId>,
    pub calendars: BTreeSet<CalendarId>,
}

const MOST_STEPS: usize = 20;
const MOST_REQUIREMENTS: usize = 20;
const MOST_CONDITIONS: usize = 200;
const DEEPEST: usize = 12;
const LONGEST_NAME: usize = 100;
/// Time-outs and expiries: thirty days.
const LONGEST_SECS: u32 = 30 * 24 * 60 * 60;

struct Faults<'a> {
    known: &'a Known,
    faults: Vec<FieldPointer>,
}

/// The faults of a rule; `at` is the pointer of the rule itself, empty if it is the whole document.
pub fn rule_faults(rule: &RoutingRule, at: &str, known: &Known) -> Vec<FieldPointer> {
    let mut faults = Faults {
        known,
        faults: Vec::new(),
    };
    faults.rule(rule, at);
    faults.faults
}

impl Faults<'_> {
    fn add(&mut self, pointer: String, message: impl Into<String>) {
        self.faults.push(FieldPointer {
            pointer,
            message: message.into(),
        });
    }

    fn rule(&mut self, rule: &RoutingRule, at: &str) {
        if rule.name.trim().is_empty() || rule.name.chars().count() > LONGEST_NAME {
            self.add(format!("{at}/name"), "A name has 1 to 100 characters.");
        }
        if rule.steps.is_empty() || rule.steps.len() > MOST_STEPS {
            self.add(format!("{at}/steps"), "A rule has 1 to 20 steps.");
        }
        if rule.requirements.len() > MOST_REQUIREMENTS {
            self.add(
                format!("{at}/requirements"),
                "A rule has at most 20 requirements.",
            );
        }
        self.conditions(&rule.condition, &format!("{at}/condition"));
        for (nth, step) in rule.steps.iter().enumerate() {
            self.step(step, &format!("{at}/steps/{nth}"));
        }
        for (nth, requirement) in rule.requirements.iter().enumerate() {
            self.requirement(requirement, &format!("{at}/requirements/{nth}"));
        }
    }

    fn step(&mut self, step: &Step, at: &str) {
        if !self.known.queues.contains(&step.queue_id) {
            self.add(
                format!("{at}/queue_id"),
                format!("There is no queue {}.", step.queue_id),
            );
        }
        if step
            .timeout_secs
            .is_some_and(|secs| secs == 0 || secs > LONGEST_SECS)
        {
            self.add(
                format!("{at}/timeout_secs"),
                "A time-out is between a second and thirty days.",
            );
        }
        if let Some(condition) = &step.condition {
            self.conditions(condition, &format!("{at}/condition"));
        }
    }

    fn requirement(&mut self, requirement: &Requirement, at: &str) {
        if !self.known.skills.contains(&requirement.skill_id) {
            self.add(
                format!("{at}/skill_id"),
                format!("There is no skill {}.", requirement.skill_id),
            );
        }
        if requirement.min_level > 10 {
            self.add(format!("{at}/min_level"), "A level is between 0 and 10.");
        }
        if requirement.tier == 0 && requirement.expires_after_secs.is_some() {
            self.add(
                format!("{at}/expires_after_secs"),
                "Tier 0 never drops: give it another tier, or no expiry.",
            );
        }
        if requirement
            .expires_after_secs
            .is_some_and(|secs| secs > LONGEST_SECS)
        {
            self.add(
                format!("{at}/expires_after_secs"),
                "An expiry is at most thirty days.",
            );
        }
    }

    fn conditions(&mut self, condition: &Condition, at: &str) {
        let mut left = MOST_CONDITIONS;
        self.condition(condition, at, 0, &mut left);
        if left == 0 {
            self.add(at.to_owned(), "A condition has at most 200 parts.");
        }
    }

    fn condition(&mut self, condition: &Condition, at: &str, depth: usize, left: &mut usize) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        if depth > DEEPEST {
            self.add(at.to_owned(), "Conditions nest at most twelve deep.");
            return;
        }
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                let joint = if matches!(condition, Condition::All(_)) {
                    "all"
                } else {
                    "any"
                };
                for (nth, part) in parts.iter().enumerate() {
                    self.condition(part, &format!("{at}/{joint}/{nth}"), depth + 1, left);
                }
            }
            Condition::Not(inner) => self.condition(inner, &format!("{at}/not"), depth + 1, left),
            Condition::Match {
                field,
                operator,
                value,
            } => self.comparison(field, *operator, value, &format!("{at}/match")),
        }
    }

    fn comparison(&mut self, field: &Field, operator: Operator, value: &Value, at: &str) {
        if matches!(field, Field::Customer(name) if name.is_empty()) {
            self.add(format!("{at}/field/customer"), "Name the customer's attribute.");
        }
        let at = format!("{at}/value");
        if operator == Operator::Exists {
            if !matches!(value, Value::Null | Value::Bool(_)) {
                self.add(at, "exists takes true, false or nothing.");
            }
            return;
        }
        let values: Vec<&Value> = match value {
            Value::Array(values) => values.iter().collect(),
            single => vec![single],
        };
        let plain = |value: &&Value| matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_));
        if values.is_empty() || !values.iter().all(plain) {
            self.add(
                at,
                "Compare with a text, a number, true or false, or a list of them.",
            );
            return;
        }
        if is_measuring(operator) {
            self.measured(field, &values, &at);
        }
        self.known_values(field, operator, &values, &at);
    }

    /// More or less than one number, or one time; and only of what has such.
    fn measured(&mut self, field: &Field, values: &[&Value], at: &str) {
        let message = match (field, values) {
            (Field::Order(OrderFact::LastAt), [Value::String(text)])
                if matches!(Measure::of(text), Some(Measure::Time(_))) =>
            {
                return;
            }
            (Field::Order(OrderFact::LastAt), _) => "Compare with one time, as 2026-01-31T12:00:00Z.",
            (Field::Order(OrderFact::Count | OrderFact::Total | OrderFact::DaysSinceLast), [value])
                if matches!(measure(value), Some(Measure::Number(_))) =>
            {
                return;
            }
            (Field::Customer(_), [value]) if measure(value).is_some() => return,
            (Field::Customer(_), _) => "Compare with one number, or one time.",
            (Field::Order(OrderFact::LastStatus), _) => "A status isn't more or less than another.",
            (Field::Order(_), _) => "Compare with one number.",
            _ => "Only attributes and orders of customers can be more or less than something.",
        };
        self.add(at.to_owned(), message);
    }

    /// Values of which there is a list.
    fn known_values(&mut self, field: &Field, operator: Operator, values: &[&Value], at: &str) {
        let exact = matches!(operator, Operator::Is | Operator::IsNot | Operator::In);
        let unknown = values
            .iter()
            .filter_map(|value| value.as_str())
            .find(|text| match field {
                Field::Channel => exact && text.to_ascii_lowercase().parse::<Channel>().is_err(),
                Field::Hours => !self.known.calendars.contains(&CalendarId::from(*text)),
                _ => false,
            });
        if let Some(text) = unknown {
            let what = if *field == Field::Channel {
                "channel"
            } else {
                "calendar of business hours"
            };
            let message = format!("There is no {what} {text}.");
            self.add(at.to_owned(), message);
        }
    }
}

fn measure(value: &Value) -> Option<Measure> {
    match value {
        Value::Number(number) => Measure::of(&number.to_string()),
        Value::String(text) => Measure::of(text),
        _ => None,
    }
}
