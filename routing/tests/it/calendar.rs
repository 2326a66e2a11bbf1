//! Business time over weekends, holidays, midnights, and the days on which clocks are put forward and back.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use switchboard_domain::{BusinessHours, Timestamp};
use switchboard_routing::Calendar;

const HOUR: u64 = 3_600;

fn hours(zone: &str, weekly: &serde_json::Value, holidays: &serde_json::Value) -> BusinessHours {
    let calendar = json!({
        "id": "office", "name": "Office", "time_zone": zone, "weekly": weekly, "holidays": holidays,
    });
    serde_json::from_value(calendar).unwrap()
}

/// Monday to Friday, nine to five in Vienna; Christmas closed, New Year's Eve until noon.
fn office() -> Calendar {
    let week = json!([{ "days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "from": "09:00", "until": "17:00" }]);
    let holidays = json!([
        { "date": "2026-12-25" },
        { "date": "2026-12-31", "open": [{ "from": "09:00", "until": "12:00" }] },
    ]);
    Calendar::new(&hours("Europe/Vienna", &week, &holidays)).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn open_hours(calendar: &Calendar, from: &str, until: &str) -> u64 {
    let open = calendar.open_between(at(from), at(until));
    assert_eq!(open.as_secs() % HOUR, 0);
    open.as_secs() / HOUR
}

#[test]
fn open_and_closed() {
    let office = office();
    for (instant, open) in [
        ("2026-11-20T08:59:59.999+01:00", false),
        ("2026-11-20T09:00:00+01:00", true),
        ("2026-11-20T16:59:59.999+01:00", true),
        ("2026-11-20T17:00:00+01:00", false),
        ("2026-11-21T12:00:00+01:00", false),
        ("2026-12-25T12:00:00+01:00", false),
        ("2026-12-31T11:59:00+01:00", true),
        ("2026-12-31T12:00:00+01:00", false),
    ] {
        assert_eq!(office.is_open(at(instant)), open, "{instant}");
    }
    assert_eq!(
        office.next_change(at("2026-11-20T12:00:00+01:00")),
        Some(at("2026-11-20T17:00:00+01:00"))
    );
    assert_eq!(
        office.next_change(at("2026-11-20T17:00:00+01:00")),
        Some(at("2026-11-23T09:00:00+01:00"))
    );
}

#[test]
fn weekends_and_holidays_take_no_time() {
    let office = office();
    assert_eq!(
        open_hours(&office, "2026-11-20T16:00:00+01:00", "2026-11-23T10:00:00+01:00"),
        2
    );
    assert_eq!(
        open_hours(&office, "2026-12-24T16:00:00+01:00", "2026-12-28T10:00:00+01:00"),
        2
    );
    assert_eq!(
        open_hours(&office, "2026-12-31T09:00:00+01:00", "2027-01-01T09:00:00+01:00"),
        3
    );
    let due = office.after(at("2026-11-20T16:30:00+01:00"), Duration::from_secs(HOUR));
    assert_eq!(due, Some(at("2026-11-23T09:30:00+01:00")));
    let due = office.after(at("2026-11-20T16:00:00+01:00"), Duration::from_secs(HOUR));
    assert_eq!(
        due,
        Some(at("2026-11-20T17:00:00+01:00")),
        "the last minute still counts"
    );
}

#[test]
fn the_clocks_change_and_hours_stay_on_the_wall() {
    let office = office();
    // Summer time ends on 25 October 2026: nine o'clock is an hour later in UTC.
    assert!(office.is_open(at("2026-10-23T07:00:00Z")));
    assert!(!office.is_open(at("2026-10-26T07:00:00Z")));
    assert!(office.is_open(at("2026-10-26T08:00:00Z")));
    let night = json!([{ "days": ["saturday", "sunday"], "from": "00:00", "until": "24:00" }]);
    let night = Calendar::new(&hours("Europe/Vienna", &night, &json!([]))).unwrap();
    assert_eq!(
        open_hours(&night, "2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z"),
        22 + 25,
        "25 hours on the day clocks go back"
    );
    assert_eq!(
        open_hours(&night, "2026-03-27T00:00:00Z", "2026-03-30T12:00:00Z"),
        24 + 23,
        "23 hours when they go forward"
    );
}

#[test]
fn a_night_shift_runs_past_midnight_and_spans_that_touch_are_one() {
    let shift = json!([
        { "days": ["friday"], "from": "22:00", "until": "06:00" },
        { "days": ["saturday"], "from": "05:00", "until": "08:00" },
    ]);
    let shift = Calendar::new(&hours("America/New_York", &shift, &json!([]))).unwrap();
    assert_eq!(
        open_hours(&shift, "2026-11-20T00:00:00-05:00", "2026-11-23T00:00:00-05:00"),
        10
    );
    assert_eq!(
        shift.next_change(at("2026-11-21T00:30:00-05:00")),
        Some(at("2026-11-21T08:00:00-05:00"))
    );
}

#[test]
fn what_never_opens_is_never_due() {
    let never = Calendar::new(&hours("UTC", &json!([]), &json!([]))).unwrap();
    assert!(!never.is_open(at("2026-11-20T12:00:00Z")));
    assert_eq!(
        never.after(at("2026-11-20T12:00:00Z"), Duration::from_secs(1)),
        None
    );
    assert_eq!(never.next_change(at("2026-11-20T12:00:00Z")), None);
    let always = Calendar::always();
    assert!(always.is_open(at("2026-11-20T12:00:00Z")));
    assert_eq!(
        open_hours(&always, "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"),
        24
    );
}

#[test]
fn faults_point_at_their_field() {
    let fault = |zone: &str, week: serde_json::Value| {
        Calendar::new(&hours(zone, &week, &json!([])))
            .unwrap_err()
            .pointer
    };
    assert_eq!(fault("Europe/Wien", json!([])), "/time_zone");
    let twice = json!([{ "days": ["monday"], "from": "09:00", "until": "09:00" }]);
    assert_eq!(fault("UTC", twice), "/weekly/0/until");
}

proptest! {
    /// Minute by minute gives what the arithmetic gives, over both changes of the clocks.
    #[test]
    fn counting_minutes_comes_to_the_same(start in 0i64..400 * 24 * 60, minutes in 0i64..4_000) {
        let office = office();
        let begin = at("2026-01-01T00:00:00Z").as_millis();
        let from = Timestamp::from_millis(begin + start * 60_000);
        let until = Timestamp::from_millis(begin + (start + minutes) * 60_000);
        let counted = (0..minutes)
            .filter(|minute| office.is_open(Timestamp::from_millis(begin + (start + minute) * 60_000)))
            .count();
        let open = office.open_between(from, until);
        prop_assert_eq!(open.as_secs(), counted as u64 * 60);
        if !open.is_zero() {
            let due = office.after(from, open).unwrap();
            prop_assert!(due <= until);
            prop_assert_eq!(office.open_between(from, due), open);
        }
    }
}
