//! What a worker that died after its writes has left untold.

use std::collections::{HashMap, HashSet};

use switchboard_domain::{
    Audience, Conversation, ConversationId, LiveEvent, LiveEventName, Message, MessageId, Room, Timestamp,
};

use super::{apply::Applied, gather::Gathered};
use crate::{
    Hub,
    error::WorkError,
    events,
    shown::{SLACK, Shown},
};

/// Events that weren't shown when they should have been.
#[derive(Default)]
pub struct Missed {
    /// To come before the messages of theirs that this batch has stored.
    pub conversations: Vec<LiveEvent>,
    pub messages: Vec<LiveEvent>,
    /// Whether the batch was worked before, in part: the router may not have been woken either.
    pub interrupted: bool,
}

impl Hub {
    /// Nothing, unless some of the batch was handed out before.
    pub(super) async fn missed_events(
        &self,
        gathered: &Gathered,
        applied: &Applied,
        now: Timestamp,
    ) -> Result<Missed, WorkError> {
        let again = gathered.messages.iter().filter(|message| message.recovered);
        let (again, times): (HashSet<&MessageId>, Vec<Timestamp>) =
            again.map(|message| (&message.id, message.received_at)).unzip();
        let Some(oldest) = times.into_iter().min() else {
            return Ok(Missed::default());
        };
        let stored = applied.stored.iter().map(|(_, message)| message);
        let stored = stored.filter(|message| again.contains(&message.id));
        let of_stored = stored.map(|message| &message.conversation_id);
        let of_repeated = applied.repeated.iter().map(|message| &message.conversation_id);
        let ids: HashSet<&ConversationId> = of_stored.chain(of_repeated).collect();
        let ids: Vec<ConversationId> = ids.into_iter().cloned().collect();
        let shown = self.shown_since(oldest).await?;
        let conversations = self.store.conversations.get_many(&ids).await?;
        let mut missed = Missed {
            interrupted: true,
            ..Missed::default()
        };
        for conversation in &conversations {
            if let Some(name) = untold(conversation, applied, &shown, oldest) {
                missed
                    .conversations
                    .push(events::conversation(name, conversation, now)?);
            }
        }
        missed.messages = messages(&applied.repeated, &conversations, &shown, now)?;
        Ok(missed)
    }
}

/// What consoles have to be told of a conversation that the interrupted batch may have opened, or brought back.
fn untold(
    conversation: &Conversation,
    applied: &Applied,
    shown: &Shown,
    oldest: Timestamp,
) -> Option<LiveEventName> {
    let by_us = applied.homes.created.contains_key(&conversation.id)
        || applied.homes.returned.iter().any(|one| one.id == conversation.id);
    let since = oldest.minus(SLACK);
    if by_us {
        None
    } else if conversation.created_at >= since {
        let told = shown.has(LiveEventName::ConversationCreated, &conversation.id);
        (!told).then_some(LiveEventName::ConversationCreated)
    } else {
        // How it stands now, so that it does no harm to say it twice.
        let returned = conversation.waiting_since.is_some_and(|at| at >= since);
        returned.then_some(LiveEventName::ConversationUpdated)
    }
}

/// Of the messages that were stored before, those that aren't in the live stream: for the rooms that weren't told. The
/// router tells an agent alone of what waited for them: then the others still have to be told.
fn messages(
    repeated: &[Message],
    conversations: &[Conversation],
    shown: &Shown,
    now: Timestamp,
) -> Result<Vec<LiveEvent>, WorkError> {
    let audiences: HashMap<&ConversationId, Audience> = conversations
        .iter()
        .map(|conversation| (&conversation.id, Audience::of(conversation)))
        .collect();
    let everybody = Room::Everything.to_string();
    let mut missed = Vec::new();
    for message in repeated {
        let told = shown.rooms(LiveEventName::MessageCreated, &message.id);
        let Some(audience) = audiences.get(&message.conversation_id) else {
            continue;
        };
        if told.is_some_and(|rooms| rooms.contains(&everybody)) {
            continue;
        }
        let mut audience = audience.clone();
        if let Some(rooms) = told {
            audience.0.retain(|room| !rooms.contains(&room.to_string()));
        }
        missed.push(events::message(
            LiveEventName::MessageCreated,
            audience,
            message,
            now,
        )?);
    }
    Ok(missed)
}
