//! Conditions as data: a field, an operator and a value, joined by all, any and not.

use serde_json::Value;
use switchboard_domain::{Condition, Field, Operator};

use crate::{
    facts::{Facts, scalars},
    measure::Measure,
};

/// Whether the condition holds. Case never matters; an empty `all` holds, an empty `any` doesn't.
///
/// On a set (labels, an attribute that is a list), an operator holds if it does for one of its values, and `contains`
/// asks for a whole value. A value that can't be compared (null, an object) matches nothing; nor does what is no number
/// or time, where these are compared.
pub fn matches(condition: &Condition, facts: &Facts) -> bool {
    match condition {
        Condition::All(conditions) => conditions.iter().all(|each| matches(each, facts)),
        Condition::Any(conditions) => conditions.iter().any(|each| matches(each, facts)),
        Condition::Not(inner) => !matches(inner, facts),
        Condition::Match {
            field,
            operator,
            value,
        } => compare(facts, field, *operator, value),
    }
}

/// Whether the condition makes such a comparison anywhere.
pub(crate) fn mentions(condition: &Condition, is: &impl Fn(&Condition) -> bool) -> bool {
    match condition {
        Condition::All(conditions) | Condition::Any(conditions) => {
            conditions.iter().any(|each| mentions(each, is))
        }
        Condition::Not(inner) => mentions(inner, is),
        Condition::Match { .. } => is(condition),
    }
}

fn compare(facts: &Facts, field: &Field, operator: Operator, value: &Value) -> bool {
    let known = facts.values(field);
    if operator == Operator::Exists {
        return known.is_empty() == (value == &Value::Bool(false));
    }
    let wanted = scalars(value);
    if wanted.is_empty() {
        return false;
    }
    let equal = |known: &String| wanted.contains(known);
    let some = |test: fn(&str, &str) -> bool| {
        known
            .iter()
            .any(|known| wanted.iter().any(|wanted| test(known, wanted)))
    };
    match operator {
        Operator::Is | Operator::In => known.iter().any(equal),
        Operator::IsNot => !known.iter().any(equal),
        Operator::Contains if facts.is_set(field) => known.iter().any(equal),
        Operator::Contains => some(|known, wanted| known.contains(wanted)),
        Operator::StartsWith => some(|known, wanted| known.starts_with(wanted)),
        Operator::GreaterThan | Operator::AtLeast | Operator::LessThan | Operator::AtMost => {
            let measures = |texts: &[String]| -> Vec<Measure> {
                texts.iter().filter_map(|text| Measure::of(text)).collect()
            };
            let (known, wanted) = (measures(&known), measures(&wanted));
            known
                .iter()
                .any(|known| wanted.iter().any(|wanted| known.is(operator, *wanted)))
        }
        Operator::Exists => false,
    }
}
