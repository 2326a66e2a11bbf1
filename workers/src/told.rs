//! Words that were there before their agent.
//!
//! Who sees only what is theirs isn't told of a message that came while it was nobody's. When the conversation becomes
//! theirs they are told of what waits in it; and since a message may be stored at that very moment, ingest and routing
//! each claim the telling first, so that it is done once.

use std::{collections::HashMap, time::Duration};

use switchboard_domain::{
    Audience, Conversation, ConversationId, LiveEvent, LiveEventName, Message, Room, Timestamp, UserId,
};

use crate::{Hub, error::WorkError, events};

/// How long after a conversation was given to an agent either side may be the one to tell of a message. Longer than
/// clocks differ.
pub(crate) const BOTH_TELL: Duration = Duration::from_secs(2);

impl Hub {
    /// `message.created` for the agents alone, of what their customers wrote since they began to wait. What a batch
    /// brings that began well after the conversation was theirs is told by that batch.
    pub(crate) async fn tell_what_waited(
        &self,
        placed: &[(&Conversation, &UserId)],
        placed_after: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<LiveEvent>, WorkError> {
        let Some(since) = placed
            .iter()
            .filter_map(|(conversation, _)| conversation.waiting_since)
            .min()
        else {
            return Ok(Vec::new());
        };
        let agents: HashMap<&ConversationId, (&UserId, Option<Timestamp>)> = placed
            .iter()
            .map(|(conversation, agent)| (&conversation.id, (*agent, conversation.waiting_since)))
            .collect();
        let ids: Vec<ConversationId> = agents.keys().map(|id| (*id).clone()).collect();
        let waited: Vec<(Message, &UserId)> = self
            .store
            .messages
            .inbound_since(&ids, since)
            .await?
            .into_iter()
            .filter_map(|message| {
                let (agent, since) = agents.get(&message.conversation_id)?;
                let told_by_us = message.processed_at <= placed_after.plus(BOTH_TELL);
                (Some(message.processed_at) >= *since && told_by_us).then_some((message, *agent))
            })
            .collect();
        let claimed = self
            .claim(waited.iter().map(|(message, agent)| (message, *agent)))
            .await?;
        waited
            .iter()
            .zip(claimed)
            .filter(|(_, claimed)| *claimed)
            .map(|((message, agent), _)| {
                let audience = Audience(vec![Room::Agent((*agent).clone())]);
                events::message(LiveEventName::MessageCreated, audience, message, now)
            })
            .collect()
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
