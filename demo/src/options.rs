//! How a fake behaves, and the values the demo uses.

use std::time::Duration;

use switchboard_domain::Clock;

/// What the fake knows of the hub, and how strict it is.
#[derive(Clone, Debug)]
pub struct FakeGraphOptions {
    /// The hub's origin, without a slash at the end.
    pub hub_base_url: String,
    /// Where the hub takes this number's webhooks.
    pub webhook_path: String,
    /// Signs every webhook (`X-Hub-Signature-256`).
    pub app_secret: String,
    /// Our number's id; any other in the path is answered with error 100, subcode 33.
    pub phone_number_id: String,
    /// Our number as people dial it, digits only.
    pub display_phone_number: String,
    /// The bearer token the hub must show; any other is answered with error 190.
    pub access_token: String,
    pub statuses: Statuses,
    /// Sends a second before error 130429 is answered; the real number's default is 80. Zero: no limit.
    pub messages_per_second: u32,
    /// Messages to one customer within six seconds before error 131056; the real one allows 45. Zero: no limit.
    pub pair_burst: u32,
    /// Whether a customer who never wrote to this fake may be written to. The real answer is no (a later status
    /// `failed`, 131047); but the fake's memory is shorter than the hub's, so that the demo says yes.
    pub strangers_may_be_written: bool,
    /// Approved templates by name; `None` approves every name.
    pub templates: Option<Vec<String>>,
    /// Waits between the attempts to post a webhook that wasn't answered 200. The real schedule runs for seven days.
    pub retries: Vec<Duration>,
    /// How long the hub has to answer a webhook.
    pub webhook_timeout: Duration,
    /// How long a media download link works; the real one five minutes.
    pub media_link_lifetime: Duration,
    pub clock: Clock,
}

/// When the fake reports what became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// Only when asked ([`crate::FakeGraph::post_status`]).
    Manual,
    /// By itself, each so long after the message was accepted. Without `read`, only the phone page reads.
    Auto {
        sent: Duration,
        delivered: Duration,
        read: Option<Duration>,
    },
}

impl FakeGraphOptions {
    /// The demo's account `wa-demo`, against the hub at `hub_base_url`.
    pub fn demo(hub_base_url: impl Into<String>) -> Self {
        Self {
            hub_base_url: hub_base_url.into(),
            webhook_path: "/webhooks/whatsapp/wa-demo".to_owned(),
            app_secret: "demo-whatsapp-secret".to_owned(),
            phone_number_id: "106540352242922".to_owned(),
            display_phone_number: "15550783881".to_owned(),
            access_token: "demo-whatsapp-token".to_owned(),
            statuses: Statuses::Auto {
                sent: Duration::from_millis(300),
                delivered: Duration::from_millis(900),
                read: None,
            },
            messages_per_second: 80,
            pair_burst: 45,
            strangers_may_be_written: true,
            templates: None,
            retries: [500, 1000, 2000, 4000, 8000].map(Duration::from_millis).to_vec(),
            webhook_timeout: Duration::from_secs(5),
            media_link_lifetime: Duration::from_mins(5),
            clock: Clock::system(),
        }
    }

    /// For tests: nothing happens by itself and nothing is limited, unless the test says so.
    pub fn quiet(hub_base_url: impl Into<String>) -> Self {
        Self {
            statuses: Statuses::Manual,
            messages_per_second: 0,
            pair_burst: 0,
            ..Self::demo(hub_base_url)
        }
    }
}
