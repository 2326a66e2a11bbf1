//! From Meta's envelope to events.

use switchboard_domain::Timestamp;

use crate::{Event, Inbound};

pub(super) fn normalise(body: &[u8], _received_at: Timestamp) -> Vec<Inbound> {
    vec![Inbound {
        provider_account_id: None,
        event: Event::Unsupported {
            kind: "body".to_owned(),
            raw: String::from_utf8_lossy(body).into_owned(),
        },
    }]
}
