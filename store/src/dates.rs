//! Instants as BSON dates, so that people and TTL indexes can read them.

use mongodb::bson::DateTime;
use switchboard_domain::Timestamp;

pub fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millis())
}

pub fn timestamp(date: DateTime) -> Timestamp {
    Timestamp::from_millis(date.timestamp_millis())
}
