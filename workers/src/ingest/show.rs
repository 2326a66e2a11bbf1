//! What consoles are told of a batch's messages.

use std::collections::{HashMap, HashSet};

use switchboard_domain::{
    Conversation, ConversationId, Direction, LiveEvent, LiveEventName, Message, Room, Timestamp, UserId,
};

use super::{
    apply::{Applied, last_message},
    gather::Gathered,
    homes,
};
use crate::{Hub, error::WorkError, events, told::BOTH_TELL};

impl Hub {
    /// Tells consoles, then wakes the router. Nothing is shown twice because a worker died.
    pub(super) async fn show_messages(
        &self,
        gathered: &Gathered,
        mut applied: Applied,
        now: Timestamp,
    ) -> Result<(), WorkError> {
        self.look_again(&mut applied, now).await?;
        let missed = self.missed_events(gathered, &applied, now).await?;
        let mut shown = missed.conversations;
        shown.extend(new_events(&applied, now)?);
        shown.extend(missed.messages);
        self.show(&shown).await?;
        if applied.homes.needs_routing() || missed.interrupted {
            self.wake_routing("a customer wrote").await?;
        }
        Ok(())
    }

    /// Reads again who may see the conversations that were nobody's when the batch began: whoever was given one since
    /// may have fetched it before its messages were stored, so that they have to be told of them. Whoever is given one
    /// from now on will find them there.
    ///
    /// One that was given to its agent shortly before may be told of by the router as well, which looks what is there
    /// at that moment: those, too, are claimed.
    async fn look_again(&self, applied: &mut Applied, now: Timestamp) -> Result<(), WorkError> {
        let mut given = just_given(applied, now);
        let nobodys: HashSet<String> = applied
            .stored
            .iter()
            .map(|(key, _)| key)
            .filter(|key| {
                let home = applied.homes.open.get(*key);
                home.is_some_and(|home| home.assignee_id.is_none())
            })
            .cloned()
            .collect();
        let keys: Vec<String> = nobodys.into_iter().collect();
        for (key, current) in self.store.conversations.open_by_keys(&keys).await? {
            let home = applied
                .homes
                .open
                .get_mut(&key)
                .filter(|home| home.id == current.id);
            if let Some(home) = home {
                if let Some(agent) = homes::agent(&current).filter(|agent| homes::agent(home) != Some(*agent))
                {
                    given.insert(key, agent.clone());
                }
                *home = current;
            }
        }
        let tellings: Vec<(&Message, &UserId)> = applied
            .stored
            .iter()
            .filter_map(|(key, message)| Some((message, given.get(key)?)))
            .collect();
        let claimed = self.claim(tellings.iter().copied()).await?;
        applied.told = tellings
            .iter()
            .zip(claimed)
            .filter(|(_, ours)| !ours)
            .map(|((message, _), _)| message.id.clone())
            .collect();
        Ok(())
    }
}

/// The agents who have only just been given the conversations of a batch, by the conversation's key.
fn just_given(applied: &Applied, now: Timestamp) -> HashMap<String, UserId> {
    let keys = applied.stored.iter().map(|(key, _)| key);
    keys.filter_map(|key| {
        let home = applied.homes.open.get(key)?;
        let at = home.placed_at?;
        (now <= at.plus(BOTH_TELL)).then(|| Some((key.clone(), homes::agent(home)?.clone())))?
    })
    .collect()
}

fn new_events(applied: &Applied, now: Timestamp) -> Result<Vec<LiveEvent>, WorkError> {
    let Applied {
        homes, stored, told, ..
    } = applied;
    let mut shown = Vec::with_capacity(stored.len() + homes.created.len() + homes.returned.len());
    let mut announced: HashSet<&ConversationId> = HashSet::new();
    for returned in &homes.returned {
        shown.push(events::conversation(
            LiveEventName::ConversationUpdated,
            returned,
            now,
        )?);
    }
    for (key, message) in stored {
        let Some(home) = homes.open.get(key) else { continue };
        if let Some(created) = homes.created.get(&home.id)
            && announced.insert(&home.id)
        {
            let first = first_look(created, stored);
            shown.push(events::conversation(
                LiveEventName::ConversationCreated,
                &first,
                now,
            )?);
        }
        let mut audience = homes::audience(home);
        audience.0.extend(Room::of_contact(message.channel, key));
        if told.contains(&message.id) {
            audience.0.retain(|room| !matches!(room, Room::Agent(_)));
        }
        shown.push(events::message(
            LiveEventName::MessageCreated,
            audience,
            message,
            now,
        )?);
    }
    Ok(shown)
}

/// A new conversation as the first console sees it: with what its customer has said so far.
fn first_look(created: &Conversation, stored: &[(String, Message)]) -> Conversation {
    let mut conversation = created.clone();
    let mine = stored
        .iter()
        .map(|(_, message)| message)
        .filter(|message| message.conversation_id == created.id);
    for message in mine {
        if message.direction == Direction::Inbound {
            conversation.unread += 1;
            conversation.last_inbound_at = conversation.last_inbound_at.max(Some(message.provider_at));
        }
        conversation.last_message = Some(last_message(message));
    }
    conversation
}
