//! What it means that Discord closed the connection.

use crate::SendError;

pub(super) enum Verdict {
    /// Come back and go on.
    Resume,
    /// Come back and begin anew.
    Identify,
    Stop(SendError),
}

pub(super) fn verdict(code: Option<u16>) -> Verdict {
    let sentence = match code {
        Some(4004) => {
            let sentence = "Discord refused the bot's token. It has to be renewed in the channel's settings.";
            return Verdict::Stop(SendError::give_up("4004", sentence).with_token_rejected());
        }
        Some(4010..=4011) => "The bot is in too many servers for one connection.",
        Some(4012) => "Discord no longer speaks this version of its gateway.",
        Some(4013) => "Discord doesn't know the events that were asked for.",
        Some(4014) => {
            "The bot may not read messages: the Message Content Intent has to be switched on in Discord's developer portal, then the channel's settings have to be saved again."
        }
        // A normal end, a wrong sequence, a session that has expired or wasn't there.
        Some(1000 | 1001 | 4003 | 4007 | 4009) => return Verdict::Identify,
        _ => return Verdict::Resume,
    };
    Verdict::Stop(SendError::give_up(code.unwrap_or_default().to_string(), sentence))
}
