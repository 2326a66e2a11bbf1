//! The wire types of the Events API and of interactions. Nothing fails for a field that isn't needed.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use crate::lenient::{self, Identifier, List, Maybe, Text, Unit};

/// A provider's clock may run ahead of ours by so much; beyond, its time is taken for a mistake.
const MAX_AHEAD: Duration = Duration::from_hours(24);

/// Around every event.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub team_id: Maybe<Identifier>,
    pub enterprise_id: Maybe<Identifier>,
    pub api_app_id: Maybe<Identifier>,
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    pub event_id: Maybe<Identifier>,
    #[serde(borrow)]
    pub event_time: Option<&'a RawValue>,
    pub authorizations: Maybe<Vec<Maybe<Authorization>>>,
}

/// An installation of the app that may see the event.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Authorization {
    pub team_id: Maybe<Identifier>,
    pub user_id: Maybe<Identifier>,
    pub is_bot: Maybe<bool>,
}

impl Envelope<'_> {
    /// The workspace it concerns. Where a channel is shared with others, `team_id` may be the others'.
    pub fn workspace(&self) -> Option<&str> {
        let installed = self.authorizations().find_map(|found| found.team_id.0.as_ref());
        let id = installed
            .or(self.team_id.0.as_ref())
            .or(self.enterprise_id.0.as_ref());
        id.map(|id| id.0.as_str())
    }

    /// When the event was made, to the second.
    pub fn at(&self, received_at: Timestamp) -> Timestamp {
        lenient::provider_at(self.event_time, Unit::Seconds, received_at)
    }

    pub fn is_our_bot(&self, user: &str) -> bool {
        self.authorizations().any(|found| {
            found.is_bot.0 == Some(true) && found.user_id.0.as_ref().is_some_and(|id| id.0 == user)
        })
    }

    pub fn is_our_app(&self, app: &str) -> bool {
        self.api_app_id.0.as_ref().is_some_and(|ours| ours.0 == app)
    }

    fn authorizations(&self) -> impl Iterator<Item = &Authorization> {
        let found = self.authorizations.0.iter().flatten();
        found.filter_map(|found| found.0.as_ref())
    }
}

/// `message` and `app_mention`, and the messages inside an edit.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub subtype: Maybe<Text>,
    pub user: Maybe<Identifier>,
    pub bot_id: Maybe<Identifier>,
    pub app_id: Maybe<Identifier>,
    pub bot_profile: Maybe<BotProfile>,
    pub user_profile: Maybe<UserProfile>,
    pub text: Maybe<Text>,
    pub ts: Maybe<Identifier>,
    pub thread_ts: Maybe<Identifier>,
    pub event_ts: Maybe<Identifier>,
    pub deleted_ts: Maybe<Identifier>,
    pub channel: Maybe<Identifier>,
    pub channel_type: Maybe<Text>,
    #[serde(borrow)]
    pub files: List<'a>,
    #[serde(borrow)]
    pub attachments: List<'a>,
    pub edited: Maybe<Edited>,
    #[serde(borrow, rename = "message")]
    pub current: Option<&'a RawValue>,
    #[serde(borrow, rename = "previous_message")]
    pub previous: Option<&'a RawValue>,
    pub metadata: Maybe<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct BotProfile {
    pub app_id: Maybe<Identifier>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct UserProfile {
    pub display_name: Maybe<Text>,
    pub real_name: Maybe<Text>,
    pub name: Maybe<Text>,
}

#[derive(Deserialize)]
pub(super) struct Edited {
    pub ts: Identifier,
}

/// What we gave along when we sent it.
#[derive(Deserialize)]
pub(super) struct Metadata {
    pub event_type: Text,
    pub event_payload: OurPayload,
}

#[derive(Deserialize)]
pub(super) struct OurPayload {
    pub message_id: Identifier,
}

#[derive(Deserialize)]
pub(super) struct Reaction {
    pub user: Identifier,
    #[serde(rename = "reaction")]
    pub name: Text,
    pub item: Item,
    #[serde(default)]
    pub event_ts: Maybe<Identifier>,
}

#[derive(Deserialize)]
pub(super) struct Item {
    pub channel: Identifier,
    pub ts: Identifier,
}

impl Message<'_> {
    pub fn is_by_a_bot(&self) -> bool {
        self.bot_id.0.is_some() || self.subtype() == Some("bot_message")
    }

    pub fn subtype(&self) -> Option<&str> {
        self.subtype.0.as_ref().map(|subtype| subtype.0.as_str())
    }

    pub fn name(&self) -> Option<String> {
        let profile = self.user_profile.0.as_ref()?;
        [&profile.display_name, &profile.real_name, &profile.name]
            .into_iter()
            .filter_map(|name| name.0.as_ref())
            .map(|name| name.0.clone())
            .find(|name| !name.trim().is_empty())
    }
}

/// A message is known by its channel and the time of its posting, which is unique only there.
pub(super) fn message_id(channel: &str, ts: &str) -> String {
    format!("{channel}:{ts}")
}

/// `1355517523.000005`: seconds and microseconds. What can't be a time gives way to our own.
pub(super) fn provider_at(ts: Option<&Identifier>, received_at: Timestamp) -> Timestamp {
    ts.and_then(|ts| millis(&ts.0))
        .filter(|millis| *millis > 0)
        .map(Timestamp::from_millis)
        .filter(|at| *at <= received_at.plus(MAX_AHEAD))
        .unwrap_or(received_at)
}

fn millis(ts: &str) -> Option<i64> {
    let (secs, micros) = ts.split_once('.').unwrap_or((ts, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if secs.is_empty() || !digits(secs) || !digits(micros) {
        return None;
    }
    let fraction: String = micros.chars().chain("000".chars()).take(3).collect();
    let (secs, fraction) = (secs.parse::<i64>().ok()?, fraction.parse::<i64>().ok()?);
    secs.checked_mul(1000)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_microseconds_and_must_be_possible() {
        let received_at = Timestamp::from_secs(1_790_000_000);
        let at = |ts: &str| provider_at(Some(&Identifier(ts.to_owned())), received_at).as_millis();
        assert_eq!(at("1355517523.000005"), 1_355_517_523_000);
        assert_eq!(at("1595926230.009600"), 1_595_926_230_009);
        assert_eq!(at("1595926230.5"), 1_595_926_230_500);
        assert_eq!(at("1595926230"), 1_595_926_230_000);
        let wrong = [
            "",
            ".",
            "soon",
            "-1.0",
            "1e9",
            "0.0",
            "9999999999.000000",
            "99999999999999999999.1",
        ];
        for ts in wrong {
            assert_eq!(at(ts), received_at.as_millis(), "{ts}");
        }
    }
}
