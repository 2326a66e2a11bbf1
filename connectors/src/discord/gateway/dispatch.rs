//! An event of the gateway, as it goes into the ingest lane.

use crate::Verified;

/// Under this name the stored dispatch tells who we are, so that our own messages are known.
pub const BOT_HEADER: &str = "x-discord-bot";

/// An event, as Discord wrote it. Only a [`super::Gateway`] makes one, of what came over the connection that Discord let
/// it open with the bot's token: that is the proof of where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    pub name: String,
    text: String,
    bot: Option<String>,
}

impl Dispatch {
    pub(super) fn new(name: &str, text: &str, bot: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            bot,
        }
    }

    /// About what somebody wrote. The others (`READY`, `RESUMED` …) are about the connection, and nobody keeps them.
    pub fn is_about_messages(&self) -> bool {
        self.name.starts_with("MESSAGE_")
    }

    pub fn verified(&self) -> Verified {
        let bot = self.bot.iter().map(|bot| (BOT_HEADER.to_owned(), bot.clone()));
        Verified::by_connection(bot.collect(), self.text.clone().into_bytes().into())
    }
}
