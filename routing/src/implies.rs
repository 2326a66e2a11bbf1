//! When one condition holds whenever another does: what makes a later rule unreachable, and keeps a team lead's rules to
//! the team's own accounts.
//!
//! Careful rather than complete: a "yes" is certain, a "no" may be ignorance.

use serde_json::Value;
use switchboard_domain::{Condition, Field, Operator};

use crate::{
    facts::scalars,
    measure::{Measure, is_measuring},
};

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
            let narrow = Comparison::new(field, *operator, value);
            narrow.implies(&Comparison::new(field, *wide_operator, wide_value))
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
    match (one, other) {
        (
            Condition::Match {
                field,
                operator,
                value,
            },
            Condition::Match {
                field: other_field,
                operator: other_operator,
                value: other_value,
            },
        ) if field == other_field && is_single(field) => {
            let one = Comparison::new(field, *operator, value);
            let other = Comparison::new(field, *other_operator, other_value);
            one.excludes(&other) || other.excludes(&one)
        }
        _ => false,
    }
}

/// One field's comparison, with its values as they are compared.
struct Comparison<'a> {
    field: &'a Field,
    operator: Operator,
    values: Vec<String>,
    value: &'a Value,
}

impl<'a> Comparison<'a> {
    fn new(field: &'a Field, operator: Operator, value: &'a Value) -> Self {
        Self {
            field,
            operator,
            values: scalars(value),
            value,
        }
    }

    /// It names the values it takes.
    fn is_exact(&self) -> bool {
        matches!(self.operator, Operator::Is | Operator::In) && !self.values.is_empty()
    }

    /// The bound of a comparison of numbers or times.
    fn bound(&self) -> Option<Measure> {
        match &self.values[..] {
            [only] if is_measuring(self.operator) => Measure::of(only),
            _ => None,
        }
    }

    fn implies(&self, wide: &Self) -> bool {
        let each = |test: &dyn Fn(&String) -> bool| self.is_exact() && self.values.iter().all(test);
        match wide.operator {
            Operator::Is | Operator::In => each(&|value| wide.values.contains(value)),
            Operator::Exists => {
                (self.is_exact() || self.bound().is_some()) && *wide.value != Value::Bool(false)
            }
            Operator::IsNot => {
                is_single(self.field)
                    && !wide.values.is_empty()
                    && (each(&|value| !wide.values.contains(value)) || self.leaves_out(&wide.values))
            }
            Operator::Contains | Operator::StartsWith => false,
            Operator::GreaterThan | Operator::AtLeast | Operator::LessThan | Operator::AtMost => {
                let Some(than) = wide.bound() else { return false };
                let within =
                    |value: &String| Measure::of(value).is_some_and(|value| value.is(wide.operator, than));
                each(&within)
                    || self
                        .bound()
                        .is_some_and(|bound| bound.narrows(self.operator, wide.operator, than))
            }
        }
    }

    /// None of the values lies within the bound.
    fn leaves_out(&self, values: &[String]) -> bool {
        let Some(bound) = self.bound() else { return false };
        let within = |value: &String| Measure::of(value).is_some_and(|value| value.is(self.operator, bound));
        !values.iter().any(within)
    }

    fn excludes(&self, other: &Self) -> bool {
        if self.is_exact() && other.is_exact() {
            return !self.values.iter().any(|value| other.values.contains(value));
        }
        let Some(than) = other.bound() else { return false };
        if self.is_exact() {
            let within =
                |value: &String| Measure::of(value).is_some_and(|value| value.is(other.operator, than));
            return !self.values.iter().any(within);
        }
        self.bound()
            .is_some_and(|bound| bound.excludes(self.operator, other.operator, than))
    }
}

fn is_single(field: &Field) -> bool {
    matches!(
        field,
        Field::Channel | Field::Account | Field::Branch | Field::Language | Field::Order(_)
    )
}
