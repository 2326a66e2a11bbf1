//! Postmark's error codes ("API overview": API error codes), and the sentence for the agent.

use Class::{Final, NoAccess, Passing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Goes by itself.
    Passing,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

pub(super) fn known(code: i64) -> Option<(Class, &'static str)> {
    let row = CODES.iter().find(|(codes, ..)| codes.contains(&code))?;
    Some((row.1, row.2))
}

type Row = (&'static [i64], Class, &'static str);

static CODES: &[Row] = &[
    (
        &[10],
        NoAccess,
        "Postmark refused the channel's server token. It has to be renewed in the channel's settings.",
    ),
    (
        &[100],
        Passing,
        "Postmark is under maintenance. The message will be sent again.",
    ),
    (
        &[400],
        Final,
        "Postmark doesn't know the channel's sender. Its signature or domain has to be set up there.",
    ),
    (
        &[401],
        Final,
        "The channel's sender isn't confirmed at Postmark yet.",
    ),
    (
        &[405],
        Final,
        "The Postmark account may send no more letters: its credits are used up.",
    ),
    (
        &[406],
        Final,
        "Postmark doesn't write to this customer any more: an earlier letter came back, or they complained.",
    ),
    (
        &[412, 413],
        Final,
        "The Postmark account isn't approved yet, and may write only within its own domain.",
    ),
    (
        &[1235],
        Final,
        "Postmark doesn't know the channel's message_stream.",
    ),
];
