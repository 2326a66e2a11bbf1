//! What Viber's statuses mean (Viber REST API, "Error codes").

use serde::Deserialize;
use switchboard_domain::Secret;

use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Maybe, Text},
};
use Class::{Final, NoAccess, Passing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Goes by itself.
    Passing,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

static STATUSES: &[(i64, Class, &str)] = &[
    (1, Final, "Viber can't use an address in the message."),
    (
        2,
        NoAccess,
        "Viber refused the channel's authentication token. It has to be renewed in the channel's settings.",
    ),
    (3, Final, "Viber refused the message's content."),
    (4, Final, "Viber misses something in the message."),
    (5, Final, "The customer is not on Viber any more."),
    (
        6,
        Final,
        "The customer has unsubscribed. They have to write to us first.",
    ),
    (7, Final, "Viber blocked our account."),
    (8, Final, "Viber doesn't know our account."),
    (9, Final, "Viber suspended our account."),
    (
        10,
        Final,
        "The channel's webhook is not set at Viber, and nothing can be sent before it is.",
    ),
    (
        11,
        Final,
        "The customer has no device that can show this message.",
    ),
    (
        12,
        Passing,
        "Viber asks us to slow down. The message will be sent again.",
    ),
    (13, Final, "Viber no longer supports the version of this message."),
    (14, Final, "The customer's Viber is too old for this message."),
    (15, Final, "Our account may not send this to this customer."),
    (16, Final, "Viber doesn't allow an answer in this chat."),
    (17, Final, "Our account may not do this on Viber."),
    (18, Final, "Our account has no public chat on Viber."),
    (19, Final, "Our account may not send broadcasts."),
    (20, Final, "Our account may not send broadcasts."),
    (21, Final, "Viber doesn't deliver to the customer's country."),
    (22, Final, "The customer's Viber can't take payments."),
    (23, Final, "The month's free messages on Viber are used up."),
    (24, Final, "Our balance at Viber is used up."),
];

#[derive(Deserialize)]
pub(super) struct Verdict {
    /// 0: taken.
    pub status: i64,
    #[serde(default)]
    status_message: Maybe<Text>,
}

impl Verdict {
    /// `token` is cut out of what Viber says, should it ever repeat it.
    pub fn to_send_error(&self, answer: &Answer, token: &Secret) -> SendError {
        let known = STATUSES.iter().find(|(status, ..)| *status == self.status);
        // What isn't listed is Viber's "general error", which passes.
        let (class, sentence) = known.map_or((Passing, ""), |(_, class, sentence)| (*class, *sentence));
        let said = self.status_message.0.as_ref().map_or("", |text| text.0.as_str());
        let message = match (self.status, sentence) {
            (_, "") if said.is_empty() => {
                "Viber has a fault of its own. The message will be sent again.".to_owned()
            }
            (_, "") => format!("Viber has a fault of its own ({said}). The message will be sent again."),
            // What is wrong with the message only Viber can tell.
            (1 | 3 | 4, sentence) if !said.is_empty() => format!("{sentence} It says: {said}"),
            (_, sentence) => sentence.to_owned(),
        };
        let decision = match class {
            Passing => answer.retry_decision(),
            Final | NoAccess => SendDecision::GiveUp,
        };
        let error = SendError::new(
            decision,
            self.status.to_string(),
            message.replace(token.expose(), "…"),
        );
        if class == NoAccess {
            error.with_token_rejected()
        } else {
            error
        }
    }
}
