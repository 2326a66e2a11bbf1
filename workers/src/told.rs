//! Words that were there before their agent.
//!
//! Who sees only what is theirs isn't told of a message that came while it was nobody's. When the conversation becomes
//! theirs they are told of what waits in it; and since a message may be stored at that very moment, ingest and routing
//! each claim the telling first, so that it is done once.

use std::{collections::HashMap, time::Duration};

use switchboard_domain::{
    Audience, Conversation, ConversationId, LiveEvent, LiveEventName, Message, Room, Timestamp, UserId,
};

use crate::{Hub, error::WorkError, events, shown::Shown};

/// How long after a conversation was given to an agent either side may be the one to tell of a message. Longer than
/// clocks differ.
pub(crate) const BOTH_TELL: Duration = Duration::from_secs(2);

/// A conversation that has become an agent's.
pub(crate) struct Placed<'a> {
    pub conversation: &'a Conversation,
    pub agent: &'a UserId,
    pub at: Timestamp,
}

impl Hub {
    /// `message.created` for the agents alone, of what their customers wrote since they began to wait. What a batch
    /// brings that began well after the conversation was theirs is told by that batch.
    pub(crate) async fn tell_what_waited(
        &self,
        placed: &[Placed<'_>],
        now: Timestamp,
    ) -> Result<Vec<LiveEvent>, WorkError> {
        let waited = self.what_waited(placed).await?;
        let claimed = self
            .claim(waited.iter().map(|(message, agent)| (message, *agent)))
            .await?;
        let ours = waited.iter().zip(claimed).filter(|(_, claimed)| *claimed);
        ours.map(|((message, agent), _)| for_agent(message, agent, now))
            .collect()
    }

    /// The same, for those whom a worker that died may have claimed to tell: the live stream knows whom it has told.
    pub(crate) async fn tell_what_waited_untold(
        &self,
        placed: &[Placed<'_>],
        shown: &Shown,
        now: Timestamp,
    ) -> Result<Vec<LiveEvent>, WorkError> {
        let waited = self.what_waited(placed).await?;
        let untold = waited.iter().filter(|(message, agent)| {
            let rooms = shown.rooms(LiveEventName::MessageCreated, &message.id);
            let theirs = Room::Agent((*agent).clone()).to_string();
            rooms.is_none_or(|rooms| !rooms.contains(&theirs))
        });
        untold
            .map(|(message, agent)| for_agent(message, agent, now))
            .collect()
    }

    async fn what_waited<'a>(&self, placed: &[Placed<'a>]) -> Result<Vec<(Message, &'a UserId)>, WorkError> {
        let since = placed.iter().filter_map(|one| one.conversation.waiting_since);
        let Some(since) = since.min() else {
            return Ok(Vec::new());
        };
        let by_conversation: HashMap<&ConversationId, &Placed<'a>> =
            placed.iter().map(|one| (&one.conversation.id, one)).collect();
        let ids: Vec<ConversationId> = by_conversation.keys().map(|id| (*id).clone()).collect();
        let messages = self.store.messages.inbound_since(&ids, since).await?;
        Ok(messages
            .into_iter()
            .filter_map(|message| {
                let placed = by_conversation.get(&message.conversation_id)?;
                let told_by_us = message.processed_at <= placed.at.plus(BOTH_TELL);
                let waited = Some(message.processed_at) >= placed.conversation.waiting_since;
                (waited && told_by_us).then_some((message, placed.agent))
            })
            .collect())
    }

    /// Whether it is ours to tell each agent of each message.
    pub(crate) async fn claim(
        &self,
        tellings: impl Iterator<Item = (&Message, &UserId)>,
    ) -> Result<Vec<bool>, WorkError> {
        let names: Vec<String> = tellings
            .map(|(message, agent)| format!("{}:{agent}", message.id))
            .collect();
        Ok(self.live.claim(&names).await?)
    }
}

fn for_agent(message: &Message, agent: &UserId, now: Timestamp) -> Result<LiveEvent, WorkError> {
    let audience = Audience(vec![Room::Agent(agent.clone())]);
    events::message(LiveEventName::MessageCreated, audience, message, now)
}
