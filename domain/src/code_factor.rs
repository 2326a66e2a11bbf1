//! Where one-time codes are sent that stand in for an authenticator app.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a code gets to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CodeWay {
    Email,
    Sms,
}

/// An address or a number that somebody has proved to be theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFactor {
    pub way: CodeWay,
    pub to: String,
}

impl CodeFactor {
    /// Enough for its owner to know which it is, and for nobody else.
    pub fn hint(&self) -> String {
        if let Some((local, domain)) = self.to.split_once('@') {
            let first: String = local.chars().take(1).collect();
            return format!("{first}…@{domain}");
        }
        let hidden = self.to.chars().count().saturating_sub(2);
        format!("…{}", self.to.chars().skip(hidden).collect::<String>())
    }
}

/// A number as it is written everywhere (E.164): `+` and 7 to 15 digits, the first not 0.
pub fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && !digits.starts_with('0')
}

impl fmt::Display for CodeWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its name is what serde makes of it.
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_tells_its_owner_and_nobody_else() {
        let hint = |way, to: &str| {
            let to = to.to_owned();
            CodeFactor { way, to }.hint()
        };
        assert_eq!(hint(CodeWay::Email, "ann@acme.test"), "a…@acme.test");
        assert_eq!(hint(CodeWay::Sms, "+4915112345642"), "…42");
        assert_eq!(CodeWay::Sms.to_string(), "sms");
    }

    #[test]
    fn a_number_is_written_in_one_way() {
        assert!(is_phone_number("+4915112345642"));
        for odd in [
            "",
            "+",
            "4915112345642",
            "+0151123456",
            "+49 151 123456",
            "+49151123456789012",
            "+49x51123456",
        ] {
            assert!(!is_phone_number(odd), "{odd}");
        }
    }
}
