//! Twilio's error codes: what each means for a send or a status, and the sentence for the agent
//! (Twilio docs, "Error and Warning Dictionary").

use Class::{Final, NoAccess, Passing, QueueFull, TooFast};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Goes by itself.
    Passing,
    /// We sent too fast.
    TooFast,
    /// Too many messages wait for this number at Twilio.
    QueueFull,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

pub(super) fn known(code: u32) -> Option<(Class, &'static str)> {
    let row = CODES.iter().find(|(codes, ..)| codes.contains(&code))?;
    Some((row.1, row.2))
}

/// What to tell of a message that failed after Twilio had taken it.
pub(super) fn sentence(code: u32) -> Option<&'static str> {
    let later = LATER.iter().find(|(codes, _)| codes.contains(&code));
    later.map(|row| row.1).or_else(|| {
        let (class, sentence) = known(code)?;
        // The others promise another attempt, which there won't be.
        matches!(class, Final | NoAccess).then_some(sentence)
    })
}

type Row = (&'static [u32], Class, &'static str);

static CODES: &[Row] = &[
    (
        &[20_003, 20_005, 20_006],
        NoAccess,
        "Twilio refused the channel's credentials. They have to be renewed in the channel's settings.",
    ),
    (
        &[20_429, 14_107, 63_018, 63_017],
        TooFast,
        "Twilio asks us to slow down. The message will be sent again.",
    ),
    (
        &[20_500, 20_503, 20_504],
        Passing,
        "Twilio has a fault of its own. The message will be sent again.",
    ),
    (
        &[21_611],
        QueueFull,
        "Too many messages wait for our number at Twilio. The message will be sent again.",
    ),
    (
        &[21_211, 21_214, 21_217, 21_614, 21_265, 63_003, 63_024],
        Final,
        "Twilio says that the customer's number is not valid or can't receive messages.",
    ),
    (&[21_604], Final, "The customer's number is missing."),
    (
        &[21_408, 21_612],
        Final,
        "Our Twilio account may not send to the customer's country or network.",
    ),
    (
        &[21_603, 21_606, 21_659, 21_660, 21_661, 21_212, 63_007],
        Final,
        "Our number can't send messages: it is not ours at Twilio, or not made for it.",
    ),
    (
        &[21_610],
        Final,
        "The customer has unsubscribed by writing STOP. Only they can undo it, by writing START.",
    ),
    (
        &[21_602, 21_619],
        Final,
        "The message has neither text nor attachment.",
    ),
    (&[21_617, 21_605], Final, "The message is too long for Twilio."),
    (
        &[21_620, 21_623, 11_751, 12_300, 63_019, 63_021],
        Final,
        "Twilio couldn't fetch the attachment or doesn't take its kind or size.",
    ),
    (
        &[20_404, 21_701],
        Final,
        "Twilio doesn't know our account or messaging service.",
    ),
    (
        &[63_016],
        Final,
        "More than 24 hours have passed since the customer last wrote. Send an approved template instead.",
    ),
    (
        &[63_038],
        Final,
        "Our Twilio account has sent all the messages it may send today.",
    ),
    (
        &[21_656, 21_655, 63_027, 63_028],
        Final,
        "Twilio refused the template or its variables.",
    ),
    (&[30_002], Final, "Our Twilio account is suspended."),
];

/// Codes of statuses alone.
static LATER: &[(&[u32], &str)] = &[
    (&[30_001], "Too many messages waited for our number at Twilio."),
    (
        &[30_003],
        "The customer's phone is switched off or can't be reached.",
    ),
    (
        &[30_004],
        "The customer's number blocks our messages, or has unsubscribed.",
    ),
    (
        &[30_005],
        "The customer's number doesn't exist or is out of service.",
    ),
    (
        &[30_006],
        "The customer's number is a landline, or its carrier can't be reached.",
    ),
    (&[30_007, 30_033], "The carrier filtered the message as unwanted."),
    (
        &[30_008],
        "The carrier failed to deliver the message and didn't say why.",
    ),
    (&[30_010], "The message would cost more than our account allows."),
    (&[30_022], "The carrier's limit for our number was reached."),
    (
        &[30_034, 30_035, 30_023, 30_024],
        "Our number is not registered for business messages to the customer's country.",
    ),
    (&[63_005], "WhatsApp refused the message's content."),
    (&[63_012, 63_051], "WhatsApp failed to take the message."),
    (
        &[63_013, 63_049, 63_036],
        "WhatsApp didn't deliver the message: it breaks a policy or wasn't wanted.",
    ),
    (&[63_017, 63_018], "WhatsApp's limit for our number was reached."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_once_in_each_table_and_no_failure_promises_another_attempt() {
        let mut codes: Vec<u32> = CODES.iter().flat_map(|row| row.0).copied().collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        for code in codes.iter().chain(LATER.iter().flat_map(|row| row.0)) {
            let promise = sentence(*code).is_some_and(|sentence| sentence.contains("sent again"));
            assert!(!promise, "{code}");
        }
    }
}
