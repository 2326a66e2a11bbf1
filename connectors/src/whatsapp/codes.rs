//! Meta's error codes: what each means for a send, and the sentence for the agent
//! (WhatsApp Cloud API, "Error codes"; Graph API, "Handling errors").

use Class::{Final, NoAccess, PairRate, Passing, TooFast};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Goes by itself.
    Passing,
    /// We sent too fast; Meta may tell for how long.
    TooFast,
    /// One recipient got too many at once.
    PairRate,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

pub(super) fn known(code: i64) -> Option<(Class, &'static str)> {
    // 200 to 299 are permissions, each for a part of the Graph API.
    let code = if (200..300).contains(&code) { 10 } else { code };
    let row = CODES.iter().find(|(codes, ..)| codes.contains(&code))?;
    Some((row.1, row.2))
}

/// Codes after whose sentence only Meta's own details tell which parameter is wrong.
pub(super) fn is_about_parameters(code: i64) -> bool {
    matches!(code, 100 | 131_008 | 131_009 | 132_000 | 132_012 | 135_000)
}

type Row = (&'static [i64], Class, &'static str);

static CODES: &[Row] = &[
    (
        &[0, 3, 10, 190, 131_005],
        NoAccess,
        "WhatsApp refused the channel's access token. It has to be renewed in the channel's settings.",
    ),
    (
        &[1, 2, 131_000, 131_016, 133_016],
        Passing,
        "WhatsApp has a fault of its own. The message will be sent again.",
    ),
    (
        &[131_057],
        Passing,
        "The WhatsApp account is under maintenance. The message will be sent again.",
    ),
    (
        &[131_053],
        Passing,
        "WhatsApp couldn't take in the attachment. The message will be sent again.",
    ),
    (
        &[4, 17, 32, 613, 80_007, 130_429, 131_048, 131_064],
        TooFast,
        "WhatsApp asks us to slow down. The message will be sent again.",
    ),
    (
        &[131_056],
        PairRate,
        "Too many messages to this customer at once. The message will be sent again.",
    ),
    (
        &[131_047],
        Final,
        "More than 24 hours have passed since the customer last wrote. Send an approved template instead.",
    ),
    (
        &[131_026],
        Final,
        "WhatsApp can't deliver to this customer: the number may not be on WhatsApp, or its app is too old.",
    ),
    (
        &[131_049],
        Final,
        "WhatsApp held the message back, since this customer got enough marketing. Wait at least a day.",
    ),
    (
        &[131_050],
        Final,
        "The customer no longer wants marketing messages from us.",
    ),
    (&[131_051], Final, "WhatsApp doesn't know this kind of message."),
    (&[131_052], Final, "WhatsApp couldn't fetch the attachment."),
    (
        &[131_030],
        Final,
        "The customer's number is not on the list that WhatsApp's test number may write to.",
    ),
    (
        &[131_062],
        Final,
        "WhatsApp can't send this kind of message to a customer whose number is hidden.",
    ),
    (
        &[100, 131_008, 131_009, 135_000],
        Final,
        "WhatsApp refused the message's content.",
    ),
    (&[131_021], Final, "Sender and recipient are the same number."),
    (&[368, 131_031], Final, "WhatsApp locked our account."),
    (
        &[131_037],
        Final,
        "WhatsApp has not approved our number's display name yet.",
    ),
    (
        &[131_042],
        Final,
        "WhatsApp sees a problem with our payment method.",
    ),
    (
        &[131_045],
        Final,
        "Our number's certificate is not valid at WhatsApp.",
    ),
    (
        &[130_472],
        Final,
        "WhatsApp didn't deliver: the customer's number is part of an experiment.",
    ),
    (
        &[130_497],
        Final,
        "Our account may not send messages to customers in this country.",
    ),
    (
        &[132_000],
        Final,
        "The number of the template's parameters is wrong.",
    ),
    (
        &[132_001],
        Final,
        "There is no such template in this language, or WhatsApp hasn't approved it.",
    ),
    (
        &[132_005],
        Final,
        "With its parameters filled in, the template is too long.",
    ),
    (
        &[132_007],
        Final,
        "The template's content breaks WhatsApp's policy.",
    ),
    (
        &[132_012],
        Final,
        "A parameter of the template is in the wrong form.",
    ),
    (
        &[132_015],
        Final,
        "WhatsApp paused the template for low quality. Choose another one.",
    ),
    (
        &[132_016],
        Final,
        "WhatsApp disabled the template for low quality. Choose another one.",
    ),
    (&[132_068], Final, "The flow is blocked."),
    (
        &[132_069],
        Final,
        "The flow is throttled: WhatsApp lets too many fail.",
    ),
    (&[133_010], Final, "Our number is not registered at WhatsApp."),
    (
        &[137_000],
        Final,
        "The customer's identity changed. It has to be confirmed before anything is sent.",
    ),
];
