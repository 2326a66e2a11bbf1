//! A conversation for every message: the one that is open, one brought back, or a new one.

use std::collections::{HashMap, HashSet};

use switchboard_domain::{
    Audience, Contact, Conversation, ConversationId, ConversationStatus, Direction, Identity, Priority, Room,
    RoutingState, Timestamp, UserId,
};
use switchboard_store::{NewConversation, NewCustomer, OpenConversation, Reopened};

use super::gather::Incoming;
use crate::{Hub, error::WorkError};

/// Where the messages of a batch go, by open key.
#[derive(Default)]
pub struct Homes {
    pub open: HashMap<String, OpenConversation>,
    /// Opened by this batch, as they were made.
    pub created: HashMap<ConversationId, Conversation>,
    /// Brought back by this batch (resolved or snoozed before).
    pub returned: Vec<Conversation>,
}

impl Homes {
    pub fn needs_routing(&self) -> bool {
        !self.created.is_empty() || !self.returned.is_empty()
    }
}

impl Hub {
    /// Finds or makes the conversation of each fresh message.
    pub(super) async fn find_homes(
        &self,
        mut open: HashMap<String, OpenConversation>,
        fresh: &[&Incoming],
        now: Timestamp,
    ) -> Result<Homes, WorkError> {
        let mut homes = Homes::default();
        let snoozed = fresh.iter().filter_map(|message| open.get(&message.open_key));
        let snoozed: HashSet<ConversationId> = snoozed
            .filter(|home| home.status == ConversationStatus::Snoozed)
            .map(|home| home.id.clone())
            .collect();
        for id in snoozed {
            homes
                .returned
                .extend(self.store.conversations.wake(&id, now).await?);
        }
        self.reactivate(&mut homes, &mut open, fresh, now).await?;
        let mut homeless: HashMap<String, &Incoming> = HashMap::new();
        for message in fresh
            .iter()
            .filter(|message| !open.contains_key(&message.open_key))
        {
            homeless.entry(message.open_key.clone()).or_insert(message);
        }
        if !homeless.is_empty() {
            self.house(&mut homes, &mut open, homeless, now).await?;
        }
        homes.open = open;
        Ok(homes)
    }

    /// A customer who was silent has written: their conversation needs its agent's capacity again.
    async fn reactivate(
        &self,
        homes: &mut Homes,
        open: &mut HashMap<String, OpenConversation>,
        fresh: &[&Incoming],
        now: Timestamp,
    ) -> Result<(), WorkError> {
        let until = now.plus(self.rules.routing.return_wait);
        for message in fresh
            .iter()
            .filter(|message| message.direction == Direction::Inbound)
        {
            let Some(home) = open.get_mut(&message.open_key) else {
                continue;
            };
            if home.routing_state != RoutingState::Inactive {
                continue;
            }
            let returned = self.store.conversations.reactivate(&home.id, until, now).await?;
            home.routing_state = RoutingState::Waiting;
            homes.returned.extend(returned);
        }
        Ok(())
    }

    async fn house(
        &self,
        homes: &mut Homes,
        open: &mut HashMap<String, OpenConversation>,
        mut homeless: HashMap<String, &Incoming>,
        now: Timestamp,
    ) -> Result<(), WorkError> {
        let keys: Vec<String> = homeless.keys().cloned().collect();
        let reopened = self
            .store
            .conversations
            .reopen_recent(&keys, self.rules.reopen_within, now)
            .await?;
        if !reopened.is_empty() {
            let ids: Vec<ConversationId> = reopened.iter().map(|(_, one)| one.0.id.clone()).collect();
            self.store.assignments.end_wrap_ups_of(&ids, now).await?;
        }
        for (key, Reopened(conversation)) in reopened {
            homeless.remove(&key);
            open.insert(key, as_open(&conversation));
            homes.returned.push(conversation);
        }
        if homeless.is_empty() {
            return Ok(());
        }
        let new = self.new_conversations(&homeless, now).await?;
        let raced: HashSet<usize> = self
            .store
            .conversations
            .create(&new, now)
            .await?
            .into_iter()
            .collect();
        for (index, new) in new.iter().enumerate() {
            if !raced.contains(&index) {
                let conversation = new.conversation(now);
                let key = Conversation::open_key(&new.account, &new.contact.external_id);
                open.insert(key, as_open(&conversation));
                homes.created.insert(new.id.clone(), conversation);
            }
        }
        // Opened by somebody else between our look and our write: theirs is the one (P4).
        let missing: Vec<String> = homeless
            .into_keys()
            .filter(|key| !open.contains_key(key))
            .collect();
        open.extend(self.store.conversations.open_by_keys(&missing).await?);
        Ok(())
    }

    async fn new_conversations(
        &self,
        homeless: &HashMap<String, &Incoming>,
        now: Timestamp,
    ) -> Result<Vec<NewConversation>, WorkError> {
        let identity = |message: &Incoming| Identity {
            channel: message.account.key.channel,
            external_id: message.contact.external_id.clone(),
        };
        let wanted: HashMap<String, NewCustomer> = homeless
            .values()
            .map(|message| {
                let address = message.contact.address.as_ref();
                let customer = NewCustomer {
                    identity: identity(message),
                    aliases: message.contact.aliases.clone(),
                    name: message.contact.name.clone(),
                    phone: address.filter(|address| !address.contains('@')).cloned(),
                    email: address.filter(|address| address.contains('@')).cloned(),
                    language: message.language.clone(),
                };
                (customer.identity.key(), customer)
            })
            .collect();
        let customers = self.store.customers.find_or_create(&wanted, now).await?;
        let mut ordered: Vec<&&Incoming> = homeless.values().collect();
        ordered.sort_by(|a, b| a.position.cmp(&b.position));
        Ok(ordered
            .into_iter()
            .filter_map(|message| {
                let customer_id = customers.get(&identity(message).key())?.clone();
                Some(NewConversation {
                    id: ConversationId::fresh(),
                    account: message.account.key.clone(),
                    customer_id,
                    contact: Contact {
                        external_id: message.contact.external_id.clone(),
                        name: message.contact.name.clone(),
                        address: message.contact.address.clone(),
                    },
                    team_id: message.account.team_id.clone(),
                    branch_id: message.account.branch_id.clone(),
                    queue_id: message.account.queue_id.clone(),
                    priority: Priority::default(),
                })
            })
            .collect())
    }
}

/// Whose it is, or to whom it is offered.
pub fn agent(home: &OpenConversation) -> Option<&UserId> {
    home.assignee_id
        .as_ref()
        .or(home.offer.as_ref().map(|offer| &offer.agent_id))
}

/// Who may see what happens in an open conversation.
pub fn audience(home: &OpenConversation) -> Audience {
    let mut rooms = vec![Room::Everything];
    rooms.extend(home.team_id.clone().map(Room::Team));
    rooms.extend(home.branch_id.clone().map(Room::Branch));
    rooms.extend(home.assignee_id.clone().map(Room::Agent));
    rooms.extend(
        home.offer
            .as_ref()
            .map(|offer| Room::Agent(offer.agent_id.clone())),
    );
    Audience(rooms)
}

fn as_open(conversation: &Conversation) -> OpenConversation {
    OpenConversation {
        id: conversation.id.clone(),
        customer_id: conversation.customer_id.clone(),
        status: conversation.status,
        routing_state: conversation.routing_state,
        team_id: conversation.team_id.clone(),
        branch_id: conversation.branch_id.clone(),
        assignee_id: conversation.assignee_id.clone(),
        offer: conversation.offer.clone(),
        placed_at: None,
        unread: conversation.unread as usize,
    }
}
