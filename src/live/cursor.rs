//! A position in the live stream.

use std::{fmt, str::FromStr};

/// The id of an entry: milliseconds, then a counter. Later entries are greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    millis: u64,
    nth: u64,
}

/// The text isn't a cursor.
#[derive(Debug, thiserror::Error)]
#[error("not a cursor of the live stream")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (millis, nth) = text.split_once('-').ok_or(NotACursor)?;
        Ok(Self {
            millis: millis.parse().map_err(|_| NotACursor)?,
            nth: nth.parse().map_err(|_| NotACursor)?,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.millis, self.nth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_compare_as_numbers() {
        let cursor = |text: &str| text.parse::<Cursor>().unwrap();
        assert!(cursor("9-0") < cursor("10-0"));
        assert!(cursor("10-9") < cursor("10-10"));
        assert_eq!(cursor("1760000000123-7").to_string(), "1760000000123-7");
        assert!(
            "".parse::<Cursor>().is_err()
                && "1".parse::<Cursor>().is_err()
                && "a-b".parse::<Cursor>().is_err()
        );
    }
}
