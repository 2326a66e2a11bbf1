//! MessageBird's error codes: what each means for a send or a status, and the sentence for the agent
//! (MessageBird docs, "API errors", "SMS statuses and errors", "Conversations API errors").

use Class::{Final, NoAccess, Passing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Goes by itself.
    Passing,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

/// For an answer to a send.
pub(super) fn known(code: &str) -> Option<(Class, &'static str)> {
    Some(match code {
        "2" | "Unauthorized" | "Unauthenticated" => (
            NoAccess,
            "MessageBird refused the channel's access key. It has to be renewed in the channel's settings.",
        ),
        "9" | "10" | "21" | "InvalidPayload" => (Final, "MessageBird refused the message's content."),
        "20" | "ResourceNotFound" => (Final, "MessageBird doesn't know our channel or number."),
        "25" => (Final, "The MessageBird account has no balance left."),
        "99" => (
            Passing,
            "MessageBird has a fault of its own. The message will be sent again.",
        ),
        _ => return None,
    })
}

/// For a message that MessageBird took and then failed to deliver.
pub(super) fn sentence(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "The customer's number doesn't exist or is out of service.",
        "2" => "The customer's phone is switched off or out of reach.",
        "5" => "The customer's line is barred from receiving messages.",
        "9" => "The customer's number is unknown to its carrier.",
        "25" => "The MessageBird account has no balance left.",
        "103" => "The customer has unsubscribed by writing STOP.",
        "104" | "105" | "107" => "Our sender is not allowed for the customer's network or country.",
        "110" | "111" => "The carrier filtered the message as unwanted.",
        "301" => {
            "More than 24 hours have passed since the customer last wrote. Send an approved template instead."
        }
        "302" => "The customer's number is not on WhatsApp.",
        _ => return None,
    })
}
