//! Business time: which instants are open, and how much open time lies between two.
//!
//! Hours are wall-clock hours of the calendar's zone. Each span becomes two instants, so the day on which a clock is put
//! forward or back has the open time that really passes.

use std::time::Duration;

use jiff::{ToSpan, civil, tz::TimeZone};
use switchboard_domain::{BusinessHours, Holiday, Span, TimeOfDay, Timestamp, Weekday};

/// Days without any opening after which a calendar is taken never to open again.
const GIVE_UP_AFTER_DAYS: u32 = 800;

/// A calendar ready to be asked.
#[derive(Clone, Debug)]
pub struct Calendar(Option<Hours>);

#[derive(Clone, Debug)]
struct Hours {
    zone: TimeZone,
    weekly: Vec<(Vec<Weekday>, Span)>,
    holidays: Vec<Holiday>,
}

/// What is wrong with a calendar, and where (a JSON pointer).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarFault {
    pub pointer: String,
    pub message: String,
}

impl Calendar {
    /// Always open.
    pub fn always() -> Self {
        Self(None)
    }

    pub fn new(hours: &BusinessHours) -> Result<Self, CalendarFault> {
        let zone = TimeZone::get(&hours.time_zone).map_err(|_| CalendarFault {
            pointer: "/time_zone".to_owned(),
            message: format!("{:?} is no time zone of the IANA database.", hours.time_zone),
        })?;
        let empty = |pointer: String, span: &Span| {
            (span.from == span.until).then(|| CalendarFault {
                pointer,
                message: "It begins and ends at the same time.".to_owned(),
            })
        };
        for (nth, opening) in hours.weekly.iter().enumerate() {
            if let Some(fault) = empty(format!("/weekly/{nth}/until"), &opening.span) {
                return Err(fault);
            }
        }
        for (nth, holiday) in hours.holidays.iter().enumerate() {
            for (inner, span) in holiday.open.iter().enumerate() {
                if let Some(fault) = empty(format!("/holidays/{nth}/open/{inner}/until"), span) {
                    return Err(fault);
                }
            }
        }
        let weekly = hours
            .weekly
            .iter()
            .map(|opening| (opening.days.clone(), opening.span));
        Ok(Self(Some(Hours {
            zone,
            weekly: weekly.collect(),
            holidays: hours.holidays.clone(),
        })))
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        let Some(hours) = &self.0 else { return true };
        hours.open_from(at).next().is_some_and(|(start, _)| start <= at)
    }

    /// The open time between two instants; none if `until` lies before `from`.
    pub fn open_between(&self, from: Timestamp, until: Timestamp) -> Duration {
        let Some(hours) = &self.0 else {
            return until.since(from);
        };
        hours
            .open_from(from)
            .take_while(|(start, _)| *start < until)
            .map(|(start, end)| end.min(until).since(start.max(from)))
            .sum()
    }

    /// When `open` of open time will have passed since `from`; none if the calendar never opens so long again.
    pub fn after(&self, from: Timestamp, open: Duration) -> Option<Timestamp> {
        let Some(hours) = &self.0 else {
            return Some(from.plus(open));
        };
        let mut left = open;
        for (start, end) in hours.open_from(from) {
            let start = start.max(from);
            let here = end.since(start);
            if left <= here {
                return Some(start.plus(left));
            }
            left -= here;
        }
        None
    }

    /// When it next opens or closes.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let (start, end) = self.0.as_ref()?.open_from(at).next()?;
        Some(if start > at { start } else { end })
    }
}

impl Hours {
    /// The spans that end after `at`, in order, without overlaps.
    fn open_from(&self, at: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        // The day before may run past midnight.
        let mut day = self.zone.to_datetime(instant).date().yesterday().ok();
        let mut ready: Vec<(Timestamp, Timestamp)> = Vec::new();
        let (mut reached, mut barren) = (at, 0);
        let mut last: Option<(Timestamp, Timestamp)> = None;
        std::iter::from_fn(move || {
            loop {
                if ready.is_empty()
                    && barren < GIVE_UP_AFTER_DAYS
                    && let Some(today) = day
                {
                    ready = self.on(today);
                    ready.reverse();
                    barren += 1;
                    day = today.tomorrow().ok();
                }
                let Some((start, end)) = ready.pop() else {
                    if day.is_none() || barren >= GIVE_UP_AFTER_DAYS {
                        return last.take();
                    }
                    continue;
                };
                if end <= reached {
                    continue;
                }
                barren = 0;
                reached = end;
                match last {
                    Some((first, until)) if start <= until => last = Some((first, end)),
                    before => {
                        last = Some((start, end));
                        if before.is_some() {
                            return before;
                        }
                    }
                }
            }
        })
    }

    fn on(&self, day: civil::Date) -> Vec<(Timestamp, Timestamp)> {
        let special = self.holidays.iter().find(|holiday| holiday.date.0 == day);
        let spans: Vec<Span> = if let Some(holiday) = special {
            holiday.open.clone()
        } else {
            let weekday = Weekday::from(day.weekday());
            let today = self.weekly.iter().filter(|(days, _)| days.contains(&weekday));
            today.map(|(_, span)| *span).collect()
        };
        let mut spans: Vec<(Timestamp, Timestamp)> = spans
            .into_iter()
            .filter_map(|span| {
                let until = if span.until > span.from {
                    day
                } else {
                    day.tomorrow().ok()?
                };
                Some((self.instant(day, span.from)?, self.instant(until, span.until)?))
            })
            .collect();
        spans.sort_unstable();
        spans
    }

    fn instant(&self, day: civil::Date, time: TimeOfDay) -> Option<Timestamp> {
        let local = day
            .at(0, 0, 0, 0)
            .checked_add(i64::from(time.minutes()).minutes())
            .ok()?;
        let zoned = self.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(Timestamp::from_millis(zoned.as_millisecond()))
    }
}
