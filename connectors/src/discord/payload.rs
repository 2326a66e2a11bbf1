//! The wire types of interactions and of the gateway's dispatches. Nothing fails for a field that isn't needed.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::Timestamp;

use crate::lenient::{Identifier, List, Maybe, Text, not_empty};

/// A provider's clock may run ahead of ours by so much; beyond, its time is taken for a mistake.
const MAX_AHEAD: Duration = Duration::from_hours(24);
/// The first second of 2015, from which snowflakes count.
const EPOCH_MILLIS: u64 = 1_420_070_400_000;

/// A dispatch, a webhook event or an interaction: told apart by what they have.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    pub application_id: Maybe<Identifier>,
    /// Of a dispatch: its name, its number in the session, its data.
    pub t: Maybe<Text>,
    pub s: Maybe<Identifier>,
    #[serde(borrow)]
    pub d: Option<&'a RawValue>,
    /// Of a webhook event.
    pub event: Maybe<WebhookEvent>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WebhookEvent {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub id: Maybe<Identifier>,
    pub username: Maybe<Text>,
    pub global_name: Maybe<Text>,
    pub bot: Maybe<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    pub nick: Maybe<Text>,
    pub user: Maybe<User>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    pub id: Maybe<Identifier>,
    #[serde(rename = "type")]
    pub kind: Maybe<u64>,
    pub channel_id: Maybe<Identifier>,
    pub guild_id: Maybe<Identifier>,
    pub webhook_id: Maybe<Identifier>,
    pub author: Maybe<User>,
    pub member: Maybe<Member>,
    pub content: Maybe<Text>,
    pub timestamp: Maybe<Text>,
    pub edited_timestamp: Maybe<Text>,
    pub nonce: Maybe<Identifier>,
    pub flags: Maybe<u64>,
    #[serde(borrow)]
    pub mentions: List<'a>,
    #[serde(borrow)]
    pub attachments: List<'a>,
    #[serde(borrow)]
    pub sticker_items: List<'a>,
    #[serde(borrow, rename = "message_snapshots")]
    pub snapshots: List<'a>,
    #[serde(rename = "message_reference")]
    pub reference: Maybe<Reference>,
    pub poll: Maybe<serde_json::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    #[serde(rename = "type")]
    pub kind: Maybe<u64>,
    pub message_id: Maybe<Identifier>,
}

#[derive(Deserialize)]
pub(super) struct Snapshot<'a> {
    #[serde(borrow)]
    pub message: &'a RawValue,
}

#[derive(Deserialize)]
pub(super) struct Reaction {
    pub user_id: Identifier,
    pub channel_id: Identifier,
    pub message_id: Identifier,
    pub emoji: Emoji,
    #[serde(default)]
    pub guild_id: Maybe<Identifier>,
    #[serde(default)]
    pub member: Maybe<Member>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Emoji {
    pub id: Maybe<Identifier>,
    pub name: Maybe<Text>,
}

/// `MESSAGE_DELETE` and its bulk form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Deletion {
    pub id: Maybe<Identifier>,
    pub ids: Maybe<Vec<Maybe<Identifier>>>,
}

pub(super) fn id(found: &Maybe<Identifier>) -> Option<&str> {
    found.0.as_ref().map(|id| id.0.as_str())
}

/// The name others see: in this server, else everywhere, else the one to sign in with.
pub(super) fn name(user: &User, nick: Option<&Maybe<Text>>) -> Option<String> {
    let names = nick.into_iter().chain([&user.global_name, &user.username]);
    names.into_iter().find_map(|name| not_empty(name.clone()))
}

/// RFC 3339, as messages have it; else the time that every snowflake holds. What can't be a time gives way to our own.
pub(super) fn provider_at(
    text: Option<&Maybe<Text>>,
    snowflake: Option<&str>,
    received_at: Timestamp,
) -> Timestamp {
    let written = text.and_then(|text| text.0.as_ref()?.0.parse::<Timestamp>().ok());
    written
        .or_else(|| snowflake_at(snowflake?))
        .filter(|at| at.as_millis() > 0 && *at <= received_at.plus(MAX_AHEAD))
        .unwrap_or(received_at)
}

fn snowflake_at(id: &str) -> Option<Timestamp> {
    let millis = (id.parse::<u64>().ok()? >> 22).checked_add(EPOCH_MILLIS)?;
    i64::try_from(millis).ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_or_in_the_id() {
        let received_at = Timestamp::from_secs(1_790_000_000);
        let at = |text: Option<&str>, id: Option<&str>| {
            let text = Maybe(text.map(|text| Text(text.to_owned())));
            provider_at(Some(&text), id, received_at).as_millis()
        };
        assert_eq!(
            at(Some("2022-04-05T05:39:26.198000+00:00"), None),
            1_649_137_166_198
        );
        // The example of Discord's "Snowflakes".
        assert_eq!(at(None, Some("175928847299117063")), 1_462_015_105_796);
        assert_eq!(
            at(Some("yesterday"), Some("175928847299117063")),
            1_462_015_105_796
        );
        for id in ["", "x", "18446744073709551615", "99999999999999999999"] {
            assert_eq!(at(None, Some(id)), received_at.as_millis(), "{id}");
        }
        assert_eq!(at(Some("2099-01-01T00:00:00Z"), None), received_at.as_millis());
    }
}
