//! The snapshot that the engine decides on.

use std::collections::HashMap;

use switchboard_domain::{
    Conversation, ConversationId, Queue, QueueId, RoutingState, TeamId, Timestamp, UserId,
};
use switchboard_routing::{AgentState, Facts, Item, LastAgent, RuleSet, Snapshot, standing};
use switchboard_store::{Classified, Held, Routable};

use crate::{Hub, error::WorkError};

/// The most items one pass looks at while somebody is free.
const MOST_WAITING: i64 = 10_000;
/// And while nobody is: enough to explain.
const FEW_WAITING: i64 = 100;

/// A snapshot, and what came to light while it was made.
pub struct Gathered {
    pub snapshot: Snapshot,
    pub conversations: HashMap<ConversationId, Conversation>,
    /// Conversations that belong elsewhere than they stand.
    pub classified: Vec<Classified>,
    /// There are more than were read.
    pub more: bool,
}

impl Hub {
    /// Everything a pass looks at; `None` if nothing waits.
    pub(super) async fn gather(&self, now: Timestamp) -> Result<Option<Gathered>, WorkError> {
        let store = &self.store;
        let (users, presences, live, queues, rules) = tokio::try_join!(
            store.users.agents(),
            store.presence.all(now),
            store.assignments.live(),
            store.queues.all(),
            store.rules.all(),
        )?;
        let presences: HashMap<UserId, _> = presences
            .into_iter()
            .map(|known| (known.presence.user_id.clone(), known))
            .collect();
        let mut agents: Vec<AgentState> = users
            .iter()
            .map(|user| {
                let known = presences.get(&user.id);
                let mut agent = AgentState::new(user, known.map(|known| &known.presence));
                agent.last_assigned_at = known.and_then(|known| known.last_assigned_at);
                agent
            })
            .collect();
        load(&mut agents, live);
        let anybody = agents
            .iter()
            .any(|agent| agent.online && agent.intent.is_routable() && agent.used() < agent.total);
        let limit = if anybody { MOST_WAITING } else { FEW_WAITING };
        let waiting = store.conversations.waiting(limit).await?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let more = waiting.len() as i64 == limit;
        let rules = RuleSet::new(rules, QueueId::from(self.rules.default_queue.as_str()));
        let mut classified = Vec::new();
        let items = waiting
            .iter()
            .map(|one| item(one, &rules, &queues, now, &mut classified))
            .collect();
        Ok(Some(Gathered {
            snapshot: Snapshot {
                now,
                agents,
                queues: queues.into_iter().map(Into::into).collect(),
                items,
            },
            conversations: waiting
                .into_iter()
                .map(|one| (one.conversation.id.clone(), one.conversation))
                .collect(),
            classified,
            more,
        }))
    }
}

fn load(agents: &mut [AgentState], live: Vec<Held>) {
    let by_id: HashMap<UserId, usize> = agents
        .iter()
        .enumerate()
        .map(|(index, agent)| (agent.user_id.clone(), index))
        .collect();
    for held in live {
        let Some(index) = by_id.get(&held.assignment.agent_id) else {
            continue;
        };
        let agent = &mut agents[*index];
        *agent.held_per_channel.entry(held.channel).or_default() += held.assignment.weight;
        agent.held.extend(held.slots);
    }
}

/// A conversation as the engine sees it, by the rules as they are now.
fn item(
    one: &Routable,
    rules: &RuleSet,
    queues: &[Queue],
    now: Timestamp,
    moved: &mut Vec<Classified>,
) -> Item {
    let conversation = &one.conversation;
    let facts = facts(conversation);
    let mut classification = rules.classify(&facts);
    if classification.rule.is_none()
        && let Some(queue) = conversation
            .queue_id
            .clone()
            .filter(|id| queues.iter().any(|queue| queue.id == *id))
    {
        // No rule: the account's own queue, or where a person put it.
        classification.queue_id = queue.clone();
        classification.default_queue = queue;
    }
    let rule = classification.rule.clone();
    let mut item = Item::new(conversation.id.clone(), facts, one.waiting.since, classification);
    item.declined.clone_from(&one.waiting.declined);
    item.last_agent = one
        .last_agent_id
        .clone()
        .map(|agent| LastAgent::new(agent, one.waiting.since));
    let queue_id = standing(&item, item.age(now))
        .queues
        .first()
        .map_or(&item.default_queue, |queue| *queue)
        .clone();
    if conversation.queue_id.as_ref() != Some(&queue_id)
        || one.waiting.rule != rule
        || conversation.priority != item.priority
        || one.waiting.requirements != item.requirements
    {
        moved.push(Classified {
            conversation_id: conversation.id.clone(),
            team_id: team(conversation, queues, &queue_id),
            queue_id,
            priority: item.priority,
            requirements: item.requirements.clone(),
            rule,
        });
    }
    item
}

fn facts(conversation: &Conversation) -> Facts {
    let mut facts = Facts::new(conversation.channel, conversation.account_id.clone());
    facts.branch_id.clone_from(&conversation.branch_id);
    facts.labels.clone_from(&conversation.labels);
    facts.text = conversation
        .last_message
        .as_ref()
        .map(|last| last.preview.clone())
        .unwrap_or_default();
    facts
}

/// A conversation belongs to a team that serves its queue; it stays with the team it has if that is one of them.
fn team(conversation: &Conversation, queues: &[Queue], queue: &QueueId) -> Option<TeamId> {
    debug_assert_eq!(conversation.routing_state, RoutingState::Waiting);
    let teams = &queues.iter().find(|known| known.id == *queue)?.team_ids;
    match &conversation.team_id {
        Some(team) if teams.contains(team) => None,
        _ => teams.first().cloned(),
    }
}
