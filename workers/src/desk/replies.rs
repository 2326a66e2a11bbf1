//! What agents write.

use switchboard_connectors::{self as connectors, Capabilities};
use switchboard_domain::{
    Arrival, Audience, Author, Content, Conversation, Direction, LiveEventName, Message, MessageId,
    MessageStatus, Position, User,
};
use switchboard_queue::Lane;
use switchboard_store::Arrived;

use super::DeskError;
use crate::{Hub, error::WorkError, events, ingest::last_message, outbound::OutboundJob};

/// A reply as the agent wrote it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub content: Content,
    /// The message it answers, by the provider's id.
    pub reply_to: Option<String>,
    /// The same key in the same conversation is the same reply.
    pub idempotency_key: String,
}

/// A reply that is kept; `new` is false if it had been written before.
#[derive(Debug)]
pub struct Written {
    pub message: Message,
    pub new: bool,
}

impl Hub {
    /// Keeps the reply as `queued` and sends it on its way. Once kept it is never lost: should its job be, the sweep
    /// finds it.
    pub async fn reply(
        &self,
        conversation: &Conversation,
        author: &User,
        draft: Draft,
    ) -> Result<Written, DeskError> {
        let id = Message::outbound_id(&conversation.id, &draft.idempotency_key);
        if let Some(message) = self.store.messages.get(&id).await? {
            return Ok(Written { message, new: false });
        }
        self.check(conversation, &draft.content)?;
        let mut draft = draft;
        let capabilities = connectors::find(conversation.channel).capabilities();
        self.claim_files(capabilities, (conversation, author, &id), &mut draft.content)
            .await?;
        let message = self.message(conversation, author, id, draft, Direction::Outbound);
        let (message, new) = self.store.messages.insert_or_get(&message).await?;
        if new {
            self.announce_reply(conversation, &message).await?;
            self.producer
                .push(Lane::Outbound, &OutboundJob::Send { message_id: message.id.clone() })
                .await
                .or_else(|error| {
                    tracing::warn!(%error, message = %message.id, "the reply is kept; the sweep will send it");
                    Ok::<_, DeskError>(())
                })?;
        }
        Ok(Written { message, new })
    }

    /// A note among agents: kept and shown, never sent.
    pub async fn note(
        &self,
        conversation: &Conversation,
        author: &User,
        text: String,
    ) -> Result<Message, DeskError> {
        if text.trim().is_empty() {
            return Err(DeskError::Invalid("A note needs some text.".into()));
        }
        let draft = Draft {
            content: Content::Note { text },
            reply_to: None,
            idempotency_key: String::new(),
        };
        let message = self.message(
            conversation,
            author,
            MessageId::fresh(),
            draft,
            Direction::Internal,
        );
        let (message, _) = self.store.messages.insert_or_get(&message).await?;
        let created = events::message(
            LiveEventName::MessageCreated,
            Audience::of(conversation),
            &message,
            message.processed_at,
        )?;
        self.show(&[created]).await?;
        Ok(message)
    }

    fn check(&self, conversation: &Conversation, content: &Content) -> Result<(), DeskError> {
        let capabilities = connectors::find(conversation.channel).capabilities();
        check_content(capabilities, content).map_err(|fault| DeskError::Invalid(fault.to_owned()))?;
        let window = events::with_reply_window(conversation.clone()).reply_window_until;
        let open = window.is_none_or(|until| self.clock.now() < until);
        if !open && !matches!(content, Content::Template { .. }) {
            return Err(DeskError::ReplyWindowClosed);
        }
        Ok(())
    }

    fn message(
        &self,
        conversation: &Conversation,
        author: &User,
        id: MessageId,
        draft: Draft,
        direction: Direction,
    ) -> Message {
        let arrival = Arrival::from_micros(self.clock.micros());
        let now = arrival.received_at();
        Message {
            id,
            conversation_id: conversation.id.clone(),
            channel: conversation.channel,
            account_id: conversation.account_id.clone(),
            direction,
            content: draft.content,
            provider_message_id: None,
            reply_to: draft.reply_to,
            provider_at: now,
            received_at: now,
            processed_at: now,
            status: if direction == Direction::Outbound {
                MessageStatus::Queued
            } else {
                MessageStatus::Received
            },
            author: Author::Agent {
                id: author.id.clone(),
                name: author.name.clone(),
            },
            position: Position::new(now, arrival, 0),
            error: None,
            edited_at: None,
        }
    }

    /// Shows the reply in its conversation's row and thread; consoles know a message by its id, so twice is once.
    pub(crate) async fn announce_reply(
        &self,
        conversation: &Conversation,
        message: &Message,
    ) -> Result<(), WorkError> {
        let arrived = Arrived {
            conversation_id: conversation.id.clone(),
            last: last_message(message),
            unread: Vec::new(),
            last_inbound_at: None,
            activity_at: message.processed_at,
        };
        self.store.conversations.record(&[arrived]).await?;
        let audience = Audience::of(conversation);
        self.show(&[events::message(
            LiveEventName::MessageCreated,
            audience,
            message,
            message.processed_at,
        )?])
        .await?;
        Ok(())
    }
}

/// What can be known to fail before it is sent.
fn check_content(capabilities: &Capabilities, content: &Content) -> Result<(), &'static str> {
    match content {
        Content::Text { text } if text.trim().is_empty() => Err("A message needs some text."),
        Content::Text { text } if text.chars().count() > capabilities.max_text_chars => {
            Err("The text is longer than this channel allows.")
        }
        Content::Reaction { .. } if !capabilities.reactions => Err("This channel has no reactions."),
        Content::Template { .. } if !capabilities.templates => Err("This channel has no templates."),
        Content::Interactive { .. } if !capabilities.interactive => {
            Err("This channel has no buttons or lists.")
        }
        Content::Image(media)
        | Content::Audio(media)
        | Content::Video(media)
        | Content::Document(media)
        | Content::Sticker(media)
            if media.id.is_none() && media.url.is_none() && media.attachment_id.is_none() =>
        {
            Err("A file needs an attachment_id, an id or a url.")
        }
        Content::Image(media) | Content::Video(media) | Content::Document(media)
            if media
                .text
                .as_ref()
                .is_some_and(|text| text.chars().count() > capabilities.max_caption_chars) =>
        {
            Err("The text is longer than this channel allows beside a file.")
        }
        Content::Choice { .. }
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. }
        | Content::Deleted => Err("This kind of content can't be sent."),
        _ => Ok(()),
    }
}
