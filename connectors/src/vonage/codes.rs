//! Vonage's error codes: what each means for a send or a status, and the sentence for the agent
//! (Messages API, "Messages API errors"; SMS API, "Delivery receipts").

use switchboard_domain::MessageError;

use super::payload::Problem;
use Class::{Final, NoAccess, Passing, TooFast};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Goes by itself.
    Passing,
    /// We sent too fast.
    TooFast,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

pub(super) fn known(code: &str) -> Option<(Class, &'static str)> {
    let code: u32 = code.parse().ok()?;
    let row = CODES.iter().find(|(codes, ..)| codes.contains(&code))?;
    Some((row.1, row.2))
}

/// For a message that Vonage took and then failed to deliver.
pub(super) fn message_error(problem: &Problem) -> MessageError {
    let code = problem.code();
    // The others promise another attempt, which there won't be.
    let sentence = code
        .and_then(known)
        .filter(|(class, _)| matches!(class, Final | NoAccess));
    let told = sentence.map(|(_, sentence)| sentence).or(problem.words());
    MessageError {
        code: code.unwrap_or("failed").to_owned(),
        message: told
            .unwrap_or("Vonage failed to deliver the message and gave no reason.")
            .to_owned(),
    }
}

type Row = (&'static [u32], Class, &'static str);

static CODES: &[Row] = &[
    (
        &[1000, 1241, 1242, 1250],
        TooFast,
        "Vonage asks us to slow down. The message will be sent again.",
    ),
    (
        &[1030, 1330],
        Passing,
        "Vonage has a fault of its own. The message will be sent again.",
    ),
    (
        &[1010, 1020, 1021, 1120, 1150],
        Final,
        "Vonage refused the message's content or our sender.",
    ),
    (
        &[1022, 1450, 1470],
        Final,
        "There is no such template, or it was filled in wrongly.",
    ),
    (
        &[1040, 1050],
        Final,
        "The customer's number or our sender is blocked at Vonage.",
    ),
    (
        &[1060],
        Final,
        "The Vonage account has no balance left, or its quota is used up.",
    ),
    (
        &[1070, 1080],
        NoAccess,
        "Vonage refused the channel's credentials or closed the account. Check the channel's settings.",
    ),
    (
        &[1170, 1240, 1300, 1430],
        Final,
        "The customer's number is not valid, or not on this network.",
    ),
    (
        &[1180, 1190, 1260],
        Final,
        "The customer's phone is switched off or can't be reached.",
    ),
    (
        &[1200, 1210, 1230, 1310, 1480],
        Final,
        "The customer's phone or network didn't take the message.",
    ),
    (&[1220], Final, "The network filtered the message as unwanted."),
    (&[1320, 1360], Final, "The message couldn't be delivered in time."),
    (
        &[1340],
        Final,
        "The time in which a free-form answer is allowed is over. Send an approved template instead.",
    ),
    (
        &[1380, 1620],
        Final,
        "Vonage couldn't fetch the attachment or doesn't take its kind or size.",
    ),
    (
        &[1400, 1410, 1420],
        Final,
        "Our sender can't write through this channel at Vonage.",
    ),
    (
        &[1460],
        Final,
        "Our number has sent all the messages it may send today.",
    ),
];

/// `err-code` of a delivery receipt.
pub(super) fn sms_sentence(code: &str) -> Option<&'static str> {
    Some(match code {
        "2" => "The customer's phone is switched off or out of reach.",
        "3" => "The customer's number doesn't exist any more.",
        "4" => "The customer's line is barred from receiving messages.",
        "5" => "The customer's number is moving to another carrier.",
        "6" | "50" | "51" | "52" => "The carrier filtered the message as unwanted.",
        "7" => "The customer's phone was busy.",
        "8" => "The carrier failed to deliver the message.",
        "9" => "The customer's number is not valid.",
        "10" => "The message itself was not valid.",
        "11" => "The carrier can't be reached.",
        "12" => "The customer's phone can't receive this kind of message.",
        "13" => "The customer's number is protected by age verification.",
        "14" => "The customer's carrier bars messages like this.",
        "15" => "Our account has no balance left for this message.",
        "39" | "41" => "Our sender is not allowed for the customer's network.",
        _ => return None,
    })
}
