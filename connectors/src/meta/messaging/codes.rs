//! Meta's error codes for messages of pages and Instagram accounts: what each means for a send, and the sentence for the
//! agent (Messenger Platform, "Common error codes"; Graph API, "Handling errors" and "Page messages").
//!
//! The subcode tells more than the code: 10 is a missing permission, unless the window for answers is closed.

use crate::meta::error::{Class, Meaning};

const SLOW_DOWN: &str = "Meta asks us to slow down. The message will be sent again.";
const PASSING: &str = "Meta has a fault of its own. The message will be sent again.";
const UNREACHABLE: &str = "This person can't be reached: they may have blocked us, or left.";

pub(crate) fn known(code: i64, subcode: Option<i64>) -> Option<Meaning> {
    subcode
        .and_then(|subcode| by_subcode(code, subcode))
        .or_else(|| by_code(code))
}

fn by_subcode(code: i64, subcode: i64) -> Option<Meaning> {
    Some(match (code, subcode) {
        (_, 2_018_065 | 2_018_278 | 2_534_022) => (
            Class::Final,
            "More than 24 hours have passed since the customer last wrote. They have to write again first.",
        ),
        (_, 2_018_001 | 2_018_164 | 2_534_014) => {
            (Class::Final, "Meta knows no such person, or not on this page.")
        }
        (_, 1_545_041 | 2_018_108) => (Class::Final, UNREACHABLE),
        (_, 1_545_012) => (Class::Passing, PASSING),
        (_, 2_018_047 | 2_018_294) => (
            Class::Passing,
            "Meta couldn't take in the attachment. The message will be sent again.",
        ),
        (_, 2_018_344) => (
            Class::Final,
            "The page's administrator has to accept Meta's terms for pages first.",
        ),
        (_, 2_018_354) => (Class::Final, "Meta lets us write to this person less often."),
        // Messages were sent and the answer is a fault.
        (1, 1_357_046) => (
            Class::Unclear,
            "Meta's answer can't be trusted. The customer may or may not have the message.",
        ),
        _ => return None,
    })
}

fn by_code(code: i64) -> Option<Meaning> {
    Some(match code {
        230 | 551 | 10_903 => (Class::Final, UNREACHABLE),
        0 | 3 | 10 | 102 | 190 | 200..300 => (
            Class::NoAccess,
            "Meta refused the channel's access token. It has to be renewed in the channel's settings.",
        ),
        1 | 2 | 1200 => (Class::Passing, PASSING),
        4 | 9 | 17 | 32 | 613 | 80_001 | 80_002 | 80_006 => (Class::TooFast, SLOW_DOWN),
        100 => (Class::Explained, "Meta refused the message's content."),
        368 | 2022 => (
            Class::Final,
            "Meta doesn't let us send at present: it says that we broke a rule.",
        ),
        10_904 => (Class::Final, "Messages are switched off in the page's settings."),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subcode_goes_before_the_code() {
        let class = |code, subcode| known(code, subcode).map(|(class, _)| class);
        assert_eq!(class(10, Some(2_018_278)), Some(Class::Final));
        assert_eq!(class(10, Some(460)), Some(Class::NoAccess));
        assert_eq!(class(10, None), Some(Class::NoAccess));
        assert_eq!(class(200, Some(1_545_041)), Some(Class::Final));
        assert_eq!(class(200, None), Some(Class::NoAccess));
        assert_eq!(class(299, None), Some(Class::NoAccess));
        assert_eq!(class(300, None), None);
        assert_eq!(class(1, Some(1_357_046)), Some(Class::Unclear));
        assert_eq!(class(1, Some(99)), Some(Class::Passing));
        assert_eq!(class(100, Some(2_018_047)), Some(Class::Passing));
        assert_eq!(class(100, Some(1)), Some(Class::Explained));
        assert_eq!(class(999_999, Some(1)), None);
    }
}
