//! Discord's error codes: what each means for a send, and the sentence for the agent
//! (Discord, "Opcodes and Status Codes: JSON Error Codes").

use Class::{Final, NoAccess, Passing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Goes by itself.
    Passing,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

const SLOWER: &str = "Discord asks us to slow down here. The message will be sent again.";

pub(super) fn known(code: u64) -> Option<(Class, &'static str)> {
    Some(match code {
        10_003 => (
            Final,
            "Discord doesn't know this channel, or our bot may not see it.",
        ),
        10_004 => (Final, "Discord doesn't know this server, or our bot isn't in it."),
        10_008 | 160_002 => (
            Final,
            "The message that this one answers isn't there, or our bot may not read it.",
        ),
        10_013 => (Final, "Discord doesn't know this customer any more."),
        10_014 => (Final, "Discord doesn't know this emoji."),
        10_015 | 10_060 => (Final, "Discord doesn't know this sticker."),
        20_016 | 20_022 | 20_028 | 20_029 => (Passing, SLOWER),
        30_010 => (Final, "This message has all the reactions Discord allows."),
        40_001 | 50_014 | 50_025 => (
            NoAccess,
            "Discord refused the bot's token. It has to be renewed in the channel's settings.",
        ),
        40_002 => (NoAccess, "Discord wants the bot's owner to verify their account."),
        40_005 => (Final, "The file is too large for Discord."),
        50_001 => (Final, "Our bot may not see this channel on Discord."),
        50_006 => (Final, "The message is empty."),
        50_007 | 50_278 => (
            Final,
            "This customer takes no direct messages from our bot on Discord, or shares no server with it any more.",
        ),
        50_008 | 50_024 => (Final, "Discord takes no messages in this kind of channel."),
        50_013 => (
            Final,
            "Our bot lacks the permission to write in this Discord channel.",
        ),
        50_035 => (Final, "Discord can't read this message."),
        50_083 | 40_058 => (Final, "This thread on Discord is closed."),
        50_081 => (Final, "Discord can't use this sticker here."),
        90_001 => (
            Final,
            "This customer doesn't let our bot react to their messages.",
        ),
        130_000 => (
            Passing,
            "Discord has more to do than it can. The message will be sent again.",
        ),
        200_000 | 200_001 => (Final, "The Discord server's own rules blocked this message."),
        240_000 => (Final, "Discord blocked this message for a link in it."),
        _ => return None,
    })
}
