//! What it means that Discord closed the connection.

pub(super) enum Verdict {
    /// Come back and go on.
    Resume,
    /// Come back and begin anew.
    Identify,
    Stop(&'static str),
}

pub(super) fn verdict(code: Option<u16>) -> Verdict {
    match code {
        Some(4004) => {
            Verdict::Stop("Discord refused the bot's token. It has to be renewed in the channel's settings.")
        }
        Some(4010..=4011) => Verdict::Stop("The bot is in too many servers for one connection."),
        Some(4012) => Verdict::Stop("Discord no longer speaks this version of its gateway."),
        Some(4013) => Verdict::Stop("Discord doesn't know the events that were asked for."),
        Some(4014) => Verdict::Stop(
            "The bot may not read messages: the Message Content Intent has to be switched on in Discord's developer portal.",
        ),
        // A normal end, a wrong sequence, a session that has expired or wasn't there.
        Some(1000 | 1001 | 4003 | 4007 | 4009) => Verdict::Identify,
        _ => Verdict::Resume,
    }
}
