//! The queues as people watch them: told when something changed, to consoles and to visitors who wait.

use std::{collections::HashMap, time::Duration};

use switchboard_domain::{
    Audience, Conversation, ConversationId, LiveEvent, LiveEventName, QueueId, QueueLive, QueuePosition,
    Room, Timestamp,
};
use switchboard_routing::{AgentState, QueueState, Snapshot, in_order, predicted_wait, stands_in};

use crate::{Hub, error::WorkError};

/// How often it is looked whether something changed.
pub const WATCH_EVERY: Duration = Duration::from_secs(2);
/// Conversations whose places are worked out.
const MOST: i64 = 10_000;

/// While nobody waits and nothing moves they are looked at this often: opening hours begin and end, queues are configured.
const LOOK_ANYWAY: Duration = Duration::from_secs(10);

/// What this process knows of its last look. Hearing the same twice does visitors no harm.
#[derive(Default)]
pub struct LastLook {
    at: Timestamp,
    moves: u64,
    /// What visitors were told, each of their place.
    places: HashMap<ConversationId, (u32, Option<u32>)>,
}

impl LastLook {
    fn still_holds(&self, moves: u64, now: Timestamp) -> bool {
        self.places.is_empty() && self.moves == moves && now.since(self.at) < LOOK_ANYWAY
    }
}

/// Queues and places at one instant.
pub struct Lines {
    pub queues: Vec<QueueLive>,
    pub places: Vec<QueuePosition>,
}

impl Hub {
    /// Every queue, and the place of everyone who waits.
    pub async fn lines(&self) -> Result<Lines, WorkError> {
        let now = self.clock.now();
        let mut snapshot = self.whole_snapshot(now, MOST).await?;
        self.add_paces(&mut snapshot.queues, now).await?;
        switchboard_routing::line_up(&mut snapshot);
        Ok(lines(&snapshot))
    }

    /// Tells what changed since it was told last. All agents and all they hold are read for it: only when it can have changed.
    pub(crate) async fn watch_queues(&self, last: &mut LastLook) -> Result<(), WorkError> {
        let now = self.clock.now();
        let moves = self.live.moves().await?;
        if last.still_holds(moves, now) {
            return Ok(());
        }
        let lines = self.lines().await?;
        let queues = self.store.queues.all().await?;
        let mut shown = Vec::new();
        for live in &lines.queues {
            if !self.store.queue_tellings.claim(live).await? {
                continue;
            }
            let teams = queues
                .iter()
                .find(|queue| queue.id == live.queue_id)
                .map(|queue| &queue.team_ids);
            let rooms = teams.into_iter().flatten().cloned().map(Room::Team);
            let audience = Audience([Room::Everything].into_iter().chain(rooms).collect());
            shown.push(
                LiveEvent::new(LiveEventName::QueueUpdated, now, audience, live).map_err(WorkError::from)?,
            );
        }
        shown.extend(self.tell_visitors(&lines.places, last, now).await?);
        if let Err(error) = self.show(&shown).await {
            last.places.clear();
            return Err(error.into());
        }
        (last.at, last.moves) = (now, moves);
        Ok(())
    }

    async fn tell_visitors(
        &self,
        places: &[QueuePosition],
        last: &mut LastLook,
        now: Timestamp,
    ) -> Result<Vec<LiveEvent>, WorkError> {
        let stands = |place: &QueuePosition| (place.position, place.predicted_wait_secs);
        let changed: Vec<&QueuePosition> = places
            .iter()
            .filter(|place| last.places.get(&place.conversation_id) != Some(&stands(place)))
            .collect();
        let ids: Vec<ConversationId> = changed
            .iter()
            .map(|place| place.conversation_id.clone())
            .collect();
        last.places = places
            .iter()
            .map(|place| (place.conversation_id.clone(), stands(place)))
            .collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rooms: HashMap<ConversationId, Room> = self
            .store
            .conversations
            .get_many(&ids)
            .await?
            .into_iter()
            .filter_map(|one: Conversation| Some((one.id.clone(), one.contact_room()?)))
            .collect();
        changed
            .into_iter()
            .filter_map(|place| Some((place, rooms.get(&place.conversation_id)?.clone())))
            .map(|(place, room)| {
                let audience = Audience(vec![room]);
                Ok(LiveEvent::new(LiveEventName::QueueUpdated, now, audience, place)?)
            })
            .collect()
    }
}

fn lines(snapshot: &Snapshot) -> Lines {
    let mut places = Vec::with_capacity(snapshot.items.len());
    let mut waiting: HashMap<&QueueId, (u32, Timestamp)> = HashMap::new();
    for item in in_order(&snapshot.items, snapshot.now) {
        let Some(state) = stands_in(item, &snapshot.queues, snapshot.now) else {
            continue;
        };
        let (count, oldest) = waiting.entry(&state.queue.id).or_insert((0, item.waiting_since));
        *count += 1;
        *oldest = item.waiting_since.min(*oldest);
        places.push(QueuePosition {
            conversation_id: item.conversation_id.clone(),
            queue_id: state.queue.id.clone(),
            position: *count,
            predicted_wait_secs: predicted_wait(state, *count - 1),
        });
    }
    let queues = snapshot.queues.iter().map(|state| {
        let (count, oldest) = waiting
            .get(&state.queue.id)
            .map_or((0, None), |(count, oldest)| (*count, Some(*oldest)));
        live(state, count, oldest, &snapshot.agents)
    });
    Lines {
        queues: queues.collect(),
        places,
    }
}

fn live(state: &QueueState, waiting: u32, oldest: Option<Timestamp>, agents: &[AgentState]) -> QueueLive {
    let staff = agents
        .iter()
        .filter(|agent| agent.online && agent.serves(&state.queue));
    let free = |agent: &&AgentState| agent.intent.is_routable() && agent.used() < agent.total;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    QueueLive {
        queue_id: state.queue.id.clone(),
        open: state.open,
        waiting,
        oldest_waiting_since: oldest,
        predicted_wait_secs: predicted_wait(state, waiting),
        staffed: count(staff.clone().count()),
        available: count(staff.filter(free).count()),
    }
}
