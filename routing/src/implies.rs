//! When one condition holds whenever another does: what makes a later rule unreachable, and keeps a team lead's rules to
//! the team's own accounts.
//!
//! Careful rather than complete: a "yes" is certain, a "no" may be ignorance.

use switchboard_domain::{Condition, Field, Operator};

use crate::facts::scalars;

/// Whether everything that matches `narrow` also matches `wide`.
pub fn implies(narrow: &Condition, wide: &Condition) -> bool {
    if narrow == wide || is_impossible(narrow) {
        return true;
    }
    match (narrow, wide) {
        (_, Condition::All(parts)) => parts.iter().all(|part| implies(narrow, part)),
        (Condition::Any(parts), _) => parts.iter().all(|part| implies(part, wide)),
        (_, Condition::Any(parts)) if parts.iter().any(|part| implies(narrow, part)) => true,
        (Condition::All(parts), _) => parts.iter().any(|part| implies(part, wide)),
        (Condition::Not(inner), Condition::Not(outer)) => implies(outer, inner),
        (
            Condition::Match {
                field,
                operator,
                value,
            },
            Condition::Match {
                field: wide_field,
                operator: wide_operator,
                value: wide_value,
            },
        ) if field == wide_field => {
            let (values, wide_values) = (scalars(value), scalars(wide_value));
            let positive = matches!(operator, Operator::Is | Operator::In) && !values.is_empty();
            match wide_operator {
                Operator::Is | Operator::In => {
                    positive && values.iter().all(|value| wide_values.contains(value))
                }
                Operator::Exists => positive && *wide_value != serde_json::Value::Bool(false),
                Operator::IsNot => {
                    positive
                        && is_single(field)
                        && !wide_values.is_empty()
                        && !values.iter().any(|value| wide_values.contains(value))
                }
                Operator::Contains | Operator::StartsWith => false,
            }
        }
        _ => false,
    }
}

/// Whether nothing can ever match.
pub fn is_impossible(condition: &Condition) -> bool {
    match condition {
        Condition::Any(parts) => parts.iter().all(is_impossible),
        Condition::All(parts) => {
            parts.iter().any(is_impossible)
                || parts
                    .iter()
                    .enumerate()
                    .any(|(nth, one)| parts[..nth].iter().any(|other| excludes(one, other)))
        }
        Condition::Not(inner) => matches!(&**inner, Condition::All(parts) if parts.is_empty()),
        Condition::Match { .. } => false,
    }
}

/// Two values at once of a field that has one.
fn excludes(one: &Condition, other: &Condition) -> bool {
    let exact = |condition: &Condition| match condition {
        Condition::Match {
            field,
            operator: Operator::Is | Operator::In,
            value,
        } if is_single(field) => Some((field.clone(), scalars(value))),
        _ => None,
    };
    match (exact(one), exact(other)) {
        (Some((field, values)), Some((other_field, other_values))) => {
            field == other_field && !values.iter().any(|value| other_values.contains(value))
        }
        _ => false,
    }
}

fn is_single(field: &Field) -> bool {
    matches!(
        field,
        Field::Channel | Field::Account | Field::Branch | Field::Language
    )
}
