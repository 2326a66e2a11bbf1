//! Numbers and times, as conditions compare them.

use std::cmp::Ordering;

use switchboard_domain::{Operator, Timestamp};

/// What can be more or less. A number never compares with a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Measure {
    Number(f64),
    Time(Timestamp),
}

impl Measure {
    /// From a folded text; none if it is neither a number nor a time.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.parse::<f64>() {
            Ok(number) => number.is_finite().then_some(Self::Number(number)),
            Err(_) => text.to_ascii_uppercase().parse().ok().map(Self::Time),
        }
    }

    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.partial_cmp(&other),
            (Self::Time(one), Self::Time(other)) => Some(one.cmp(&other)),
            _ => None,
        }
    }

    /// Whether it is `operator` than `than`; never for another kind of operator.
    pub fn is(self, operator: Operator, than: Self) -> bool {
        let order = self.order(than);
        match operator {
            Operator::GreaterThan => order.is_some_and(Ordering::is_gt),
            Operator::AtLeast => order.is_some_and(Ordering::is_ge),
            Operator::LessThan => order.is_some_and(Ordering::is_lt),
            Operator::AtMost => order.is_some_and(Ordering::is_le),
            _ => false,
        }
    }

    /// Whether everything that is `operator` than this is also `wide` than `than`.
    pub fn narrows(self, operator: Operator, wide: Operator, than: Self) -> bool {
        let up = |operator| matches!(operator, Operator::GreaterThan | Operator::AtLeast);
        // The bound itself is in only where the narrow condition says so.
        let edge = match (operator, wide) {
            (Operator::GreaterThan, _) if up(wide) => Operator::AtLeast,
            (Operator::LessThan, _) if !up(wide) => Operator::AtMost,
            _ => wide,
        };
        is_measuring(operator) && is_measuring(wide) && up(operator) == up(wide) && self.is(edge, than)
    }

    /// Whether nothing is `operator` than this and at the same time `other` than `than`.
    pub fn excludes(self, operator: Operator, other: Operator, than: Self) -> bool {
        use Operator::{AtLeast, AtMost, GreaterThan, LessThan};
        match (operator, other) {
            (AtLeast, AtMost) => self.is(GreaterThan, than),
            (AtMost, AtLeast) => self.is(LessThan, than),
            (AtLeast | GreaterThan, AtMost | LessThan) => self.is(AtLeast, than),
            (AtMost | LessThan, AtLeast | GreaterThan) => self.is(AtMost, than),
            _ => false,
        }
    }
}

pub(crate) fn is_measuring(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::GreaterThan | Operator::AtLeast | Operator::LessThan | Operator::AtMost
    )
}
