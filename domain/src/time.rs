//! Time: instants, the clock that is handed in, and the order of messages.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{PartialSchema, ToSchema, openapi};

/// An instant, to the millisecond. JSON: RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Years −9999 to 9999, what RFC 3339 can write; anything outside is clamped.
    const MIN: i64 = -377_705_023_201_000;
    const MAX: i64 = 253_402_207_200_999;

    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::MIN, Self::MAX))
    }

    pub fn from_secs(secs: i64) -> Self {
        Self::from_millis(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self::from_millis(
            self.0
                .saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self::from_millis(
            self.0
                .saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        write!(f, "{instant:.3}")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>()
            .map(|instant| Self::from_millis(instant.as_millisecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::schema::Type::String)
            .format(Some(openapi::SchemaFormat::KnownFormat(
                openapi::KnownFormat::DateTime,
            )))
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
}

/// Where "now" comes from. Handed to whatever needs the time, so that tests can set it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    pub fn system() -> Self {
        Self(Arc::new(|| jiff::Timestamp::now().as_microsecond()))
    }

    /// A clock that tells what `micros` returns: microseconds since the Unix epoch.
    pub fn from_fn(micros: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(micros))
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.micros() / 1000)
    }

    /// Microseconds since the Unix epoch.
    pub fn micros(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// When a webhook reached us, as a name that sorts: microseconds since the epoch, one more for each
/// request that would otherwise share them. Given once, at the door, and kept through retry, spool and replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arrival(i64);

impl Arrival {
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub fn micros(self) -> i64 {
        self.0
    }

    pub fn received_at(self) -> Timestamp {
        Timestamp::from_millis(self.0 / 1000)
    }
}

/// A message's place in its conversation: provider time, then arrival, then place within the webhook.
///
/// The text sorts bytewise in exactly that order (27 hex digits), so it is index, page cursor and sort key at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Position(String);

impl Position {
    pub fn new(provider_at: Timestamp, arrival: Arrival, nth: usize) -> Self {
        let millis = provider_at.as_millis().max(0);
        Self(format!(
            "{millis:011x}{:013x}{:03x}",
            arrival.0.max(0),
            nth.min(0xfff)
        ))
    }

    /// Before every position.
    pub fn start() -> Self {
        Self(String::new())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Position {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_rfc3339_utc() {
        let at = Timestamp::from_millis(1_760_000_000_123);
        assert_eq!(
            serde_json::to_string(&at).unwrap(),
            "\"2025-10-09T08:53:20.123Z\""
        );
        assert_eq!("2025-10-09T10:53:20.123+02:00".parse::<Timestamp>().unwrap(), at);
        assert!(!Timestamp::from_millis(i64::MAX).to_string().is_empty());
        assert!(!Timestamp::from_millis(i64::MIN).to_string().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn positions_sort_like_their_parts(
            a in (0i64..4_000_000_000_000, 0i64..4_000_000_000_000_000, 0usize..4095),
            b in (0i64..4_000_000_000_000, 0i64..4_000_000_000_000_000, 0usize..4095),
        ) {
            let position = |(at, arrival, nth)| Position::new(Timestamp::from_millis(at), Arrival::from_micros(arrival), nth);
            proptest::prop_assert_eq!(position(a).cmp(&position(b)), a.cmp(&b));
        }
    }
}
