//! What agents write.

use switchboard_connectors::{self as connectors, Capabilities};
use switchboard_domain::{
    Arrival, Audience, Author, Content, Conversation, Direction, LiveEvent, LiveEventName, Message,
    MessageId, MessageStatus, Position, User,
};
use switchboard_queue::Lane;
use switchboard_store::{Arrived, StoreError};

use super::{DeskError, parts::parts};
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
    /// Keeps the reply as `queued` and sends it on its way; a text longer than the channel takes as several messages, of
    /// which the first is the answer. Once kept it is never lost: should its job be, the sweep finds it.
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
        let capabilities = connectors::find(conversation.channel).capabilities();
        self.check(conversation, capabilities, &draft.content)?;
        let mut draft = draft;
        self.claim_files(capabilities, (conversation, author, &id), &mut draft.content)
            .await?;
        let contents = parts(capabilities, draft.content).map_err(DeskError::Invalid)?;
        let arrival = Arrival::from_micros(self.clock.micros());
        let messages: Vec<Message> = contents
            .into_iter()
            .enumerate()
            .map(|(nth, content)| Message {
                id: Message::outbound_part_id(&conversation.id, &draft.idempotency_key, nth),
                position: Position::new(arrival.received_at(), arrival, nth),
                // What is quoted is quoted once.
                reply_to: draft.reply_to.clone().filter(|_| nth == 0),
                ..message(conversation, author, content, Direction::Outbound, arrival)
            })
            .collect();
        let new = self.store.messages.insert_together(&messages).await?;
        let first = if new {
            self.announce_replies(conversation, &messages).await?;
            self.send_soon(&messages).await;
            messages.into_iter().next()
        } else {
            self.store.messages.get(&id).await?
        };
        let message = first.ok_or(StoreError::Conflict)?;
        Ok(Written { message, new })
    }

    async fn send_soon(&self, messages: &[Message]) {
        let job = |message: &Message| OutboundJob::Send {
            message_id: message.id.clone(),
        };
        let jobs: Vec<OutboundJob> = messages.iter().map(job).collect();
        if let Err(error) = self.producer.push_all(Lane::Outbound, &jobs).await {
            tracing::warn!(%error, replies = jobs.len(), "replies are kept; the sweep will send them");
        }
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
        let arrival = Arrival::from_micros(self.clock.micros());
        let content = Content::Note { text };
        let message = message(conversation, author, content, Direction::Internal, arrival);
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

    fn check(
        &self,
        conversation: &Conversation,
        capabilities: &Capabilities,
        content: &Content,
    ) -> Result<(), DeskError> {
        check_content(capabilities, content).map_err(|fault| DeskError::Invalid(fault.to_owned()))?;
        let window = events::with_reply_window(conversation.clone()).reply_window_until;
        let open = window.is_none_or(|until| self.clock.now() < until);
        if !open && !matches!(content, Content::Template { .. }) {
            return Err(DeskError::ReplyWindowClosed);
        }
        Ok(())
    }

    /// Shows the replies in their conversation's row and thread; consoles know a message by its id, so twice is once.
    pub(crate) async fn announce_replies(
        &self,
        conversation: &Conversation,
        messages: &[Message],
    ) -> Result<(), WorkError> {
        let Some(last) = messages.last() else {
            return Ok(());
        };
        let arrived = Arrived {
            conversation_id: conversation.id.clone(),
            last: last_message(last),
            unread: Vec::new(),
            last_inbound_at: None,
            activity_at: last.processed_at,
        };
        self.store.conversations.record(&[arrived]).await?;
        let created: Result<Vec<LiveEvent>, WorkError> = messages
            .iter()
            .map(|message| {
                let (name, audience) = (LiveEventName::MessageCreated, Audience::of(conversation));
                events::message(name, audience, message, message.processed_at)
            })
            .collect();
        Ok(self.show(&created?).await?)
    }
}

fn message(
    conversation: &Conversation,
    author: &User,
    content: Content,
    direction: Direction,
    arrival: Arrival,
) -> Message {
    let now = arrival.received_at();
    Message {
        id: MessageId::fresh(),
        conversation_id: conversation.id.clone(),
        channel: conversation.channel,
        account_id: conversation.account_id.clone(),
        direction,
        content,
        provider_message_id: None,
        reply_to: None,
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

/// What can be known to fail before it is sent.
fn check_content(capabilities: &Capabilities, content: &Content) -> Result<(), &'static str> {
    if !capabilities.can_send {
        return Err("Nobody can be written to on this channel.");
    }
    match content {
        Content::Text { text } if text.trim().is_empty() => Err("A message needs some text."),
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
