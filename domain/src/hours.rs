//! When people work: calendars of business hours, with holidays, in a time zone.

use std::{fmt, str::FromStr};

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{PartialSchema, ToSchema, openapi};

use crate::CalendarId;

/// A calendar: what is open each week, and the days that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BusinessHours {
    pub id: CalendarId,
    pub name: String,
    /// An IANA name, such as `Europe/Vienna`. Hours are what the clock on the wall there shows.
    pub time_zone: String,
    pub weekly: Vec<Opening>,
    #[serde(default)]
    pub holidays: Vec<Holiday>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Opening {
    pub days: Vec<Weekday>,
    #[serde(flatten)]
    pub span: Span,
}

/// From one time of day until another; until an earlier one means: of the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Span {
    pub from: TimeOfDay,
    pub until: TimeOfDay,
}

/// A day that doesn't follow the week: closed, or open at other times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holiday {
    pub date: Day,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub open: Vec<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<civil::Weekday> for Weekday {
    fn from(day: civil::Weekday) -> Self {
        match day {
            civil::Weekday::Monday => Self::Monday,
            civil::Weekday::Tuesday => Self::Tuesday,
            civil::Weekday::Wednesday => Self::Wednesday,
            civil::Weekday::Thursday => Self::Thursday,
            civil::Weekday::Friday => Self::Friday,
            civil::Weekday::Saturday => Self::Saturday,
            civil::Weekday::Sunday => Self::Sunday,
        }
    }
}

/// Minutes after midnight. JSON: `"08:30"`; `"24:00"` is the day's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    const END: u16 = 24 * 60;

    pub fn minutes(self) -> u16 {
        self.0
    }
}

/// Text that is no time of day, or no date.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotATime(&'static str);

impl FromStr for TimeOfDay {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let wrong = || NotATime("a time of day is written HH:MM, from 00:00 to 24:00");
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        let two = |digits: &str| -> Option<u16> {
            let fits = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            fits.then(|| digits.parse().ok()).flatten()
        };
        let minutes = two(minutes).filter(|minutes| *minutes < 60).ok_or_else(wrong)?;
        let total = two(hours).ok_or_else(wrong)? * 60 + minutes;
        if total > Self::END {
            return Err(wrong());
        }
        Ok(Self(total))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A date of the calendar. JSON: `"2026-12-25"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub civil::Date);

impl FromStr for Day {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let date = text.parse().ok().filter(|_| text.len() == "2026-12-25".len());
        date.map(Self).ok_or(NotATime("a date is written YYYY-MM-DD"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err = NotATime>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(de::Error::custom)
}

fn text_schema() -> openapi::RefOr<openapi::schema::Schema> {
    openapi::ObjectBuilder::new()
        .schema_type(openapi::schema::Type::String)
        .into()
}

impl PartialSchema for TimeOfDay {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        text_schema()
    }
}

impl ToSchema for TimeOfDay {}

impl PartialSchema for Day {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        text_schema()
    }
}

impl ToSchema for Day {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_are_as_written_or_refused() {
        assert_eq!("08:30".parse::<TimeOfDay>().unwrap().minutes(), 510);
        assert_eq!("24:00".parse::<TimeOfDay>().unwrap().to_string(), "24:00");
        for wrong in ["8:30", "08:60", "24:01", "0830", "-1:00", "+1:00", ""] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
        assert_eq!("2028-02-29".parse::<Day>().unwrap().to_string(), "2028-02-29");
        for wrong in ["2026-02-29", "2026-2-9", "2026-12-25T00:00", "tomorrow"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }
}
