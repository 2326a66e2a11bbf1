//! What the Bot API's refusals mean. The code says little more than HTTP's; for the rest, the description's words count.

use std::time::Duration;

use serde::Deserialize;
use switchboard_domain::Secret;

use crate::{
    SendDecision, SendError,
    http_exchange::Answer,
    lenient::{Identifier, Maybe, Text},
};

/// A provider that asks for more gets this much and is asked again.
const MAX_PAUSE: u64 = 3600;

#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub ok: bool,
    #[serde(default)]
    error_code: Maybe<u16>,
    #[serde(default)]
    description: Maybe<Text>,
    #[serde(default)]
    parameters: Maybe<Parameters>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameters {
    retry_after: Maybe<u64>,
    migrate_to_chat_id: Maybe<Identifier>,
}

impl Refusal {
    pub fn moved_to(&self) -> Option<&Identifier> {
        self.parameters.0.as_ref()?.migrate_to_chat_id.0.as_ref()
    }

    fn retry_after(&self) -> Option<Duration> {
        let secs = self.parameters.0.as_ref()?.retry_after.0?;
        Some(Duration::from_secs(secs.min(MAX_PAUSE)))
    }
}

/// `token` is cut out of what Telegram says, should it ever repeat it.
pub(super) fn to_send_error(refusal: &Refusal, answer: &Answer, token: &Secret) -> SendError {
    let code = refusal.error_code.0.unwrap_or(answer.status.as_u16());
    let description = refusal.description.0.as_ref().map_or("", |text| text.0.as_str());
    let error = |decision, sentence: &str| SendError::new(decision, code.to_string(), sentence);
    match code {
        429 => {
            let pause = refusal
                .retry_after()
                .map_or(answer.retry_decision(), SendDecision::RetryAfter);
            error(
                pause,
                "Telegram asks us to slow down. The message will be sent again.",
            )
        }
        500..=599 => error(
            answer.retry_decision(),
            "Telegram has a fault of its own. The message will be sent again.",
        ),
        // To a token it doesn't know, Telegram says 404 if it doesn't even look like one.
        401 | 404 => error(
            SendDecision::GiveUp,
            "Telegram refused the channel's bot token. It has to be renewed in the channel's settings.",
        )
        .with_token_rejected(),
        _ => error(
            SendDecision::GiveUp,
            &sentence(&description.replace(token.expose(), "…")),
        ),
    }
}

/// The words Telegram uses, in lower case, and the sentence for the agent. The first that fits counts.
static SENTENCES: &[(&str, &str)] = &[
    (
        "bot was blocked by the user",
        "The customer blocked the bot. They have to start it again before we can write.",
    ),
    ("user is deactivated", "The customer's Telegram account is gone."),
    (
        "can't initiate conversation",
        "The customer has to write to the bot first.",
    ),
    ("bot was kicked", "The bot was removed from the group."),
    ("bot is not a member", "The bot is not in this group or channel."),
    ("have no rights to send", "The bot may not write in this group."),
    ("not enough rights", "The bot may not write in this group."),
    ("chat_write_forbidden", "The bot may not write in this group."),
    ("topic_closed", "The group's topic is closed."),
    (
        "chat not found",
        "Telegram doesn't know this chat: the customer has to write to the bot first.",
    ),
    (
        "peer_id_invalid",
        "Telegram doesn't know this chat: the customer has to write to the bot first.",
    ),
    (
        "upgraded to a supergroup",
        "The group has another id now; the customer's address has to be renewed.",
    ),
    ("message is too long", "The text is too long for Telegram."),
    ("caption is too long", "The caption is too long for Telegram."),
    ("text is empty", "The message is empty."),
    ("text must be non-empty", "The message is empty."),
    (
        "can't parse entities",
        "Telegram can't read the text's formatting.",
    ),
    (
        "failed to get http url content",
        "Telegram couldn't fetch the attachment from its address.",
    ),
    (
        "wrong type of the web page content",
        "The attachment is not of the kind it is sent as.",
    ),
    (
        "wrong file identifier",
        "Telegram doesn't know the attachment, or can't fetch it from its address.",
    ),
    ("wrong remote file", "Telegram doesn't know the attachment."),
    ("file is too big", "The attachment is too large for Telegram."),
    (
        "photo_invalid_dimensions",
        "The picture's width and height don't suit Telegram.",
    ),
    (
        "voice_messages_forbidden",
        "The customer takes no voice messages.",
    ),
    (
        "reaction_invalid",
        "Telegram doesn't allow this emoji as a reaction here.",
    ),
    (
        "message to react not found",
        "The message is gone, so nobody can react to it.",
    ),
    ("button_data_invalid", "A button's data is not valid."),
    (
        "business connection",
        "The bot is no longer connected to this business account.",
    ),
];

fn sentence(description: &str) -> String {
    let words = description.to_lowercase();
    match SENTENCES.iter().find(|(needle, _)| words.contains(needle)) {
        Some((_, sentence)) => (*sentence).to_owned(),
        None if description.is_empty() => "Telegram refused the message and gave no reason.".to_owned(),
        None => format!("Telegram refused the message: {description}"),
    }
}
