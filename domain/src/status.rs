//! The honest delivery status of a message.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an outbound message is, on the provider's evidence; an inbound one is always `Received`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    Received,
    Queued,
    /// We handed it over, and don't know whether the provider took it (the connection or we died in between).
    Uncertain,
    Sent,
    Failed,
    Delivered,
    Read,
}

impl MessageStatus {
    /// The lattice's height: a status replaces one that stands lower, in whatever order they come.
    ///
    /// `Failed` outranks `Sent` and yields to proof of the contrary (`Delivered`, `Read`).
    pub fn rank(self) -> i32 {
        match self {
            Self::Received => 100,
            Self::Queued => 0,
            Self::Uncertain => 1,
            Self::Sent => 2,
            Self::Failed => 3,
            Self::Delivered => 4,
            Self::Read => 5,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Uncertain => "uncertain",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    #[must_use]
    pub fn advanced_by(self, next: Self) -> Self {
        if next.rank() > self.rank() { next } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::MessageStatus::{Delivered, Failed, Queued, Read, Sent, Uncertain};

    #[test]
    fn any_order_of_evidence_ends_the_same() {
        let evidence = [Sent, Read, Delivered, Uncertain];
        let mut order = evidence;
        for i in 0..24 {
            order.swap(i % 4, (i / 2) % 4);
            assert_eq!(
                order
                    .iter()
                    .fold(Queued, |status, next| status.advanced_by(*next)),
                Read
            );
        }
        assert_eq!(Sent.advanced_by(Failed), Failed);
        assert_eq!(Failed.advanced_by(Sent), Failed);
        assert_eq!(Failed.advanced_by(Delivered), Delivered);
        assert_eq!(Delivered.advanced_by(Failed), Delivered);
    }
}
