//! The agents and queues of a simulation, as they stand at its moment.

use std::collections::{BTreeMap, HashMap, VecDeque};

use switchboard_domain::{BusinessHours, CalendarId, Intent, Queue, QueueId, Scenario, Timestamp};

use crate::{
    AgentState, Calendar, Item, QueueState,
    capacity::reserve,
    decide::tried,
    eligible::{Ask, weight},
    keep::{lacking, may_keep},
    overflow::Reached,
    rank::Candidate,
    steps::standing,
};

/// A queue's pace is what it gave in this time, as it is live.
const PACE_MILLIS: i64 = 15 * 60 * 1000;

pub(super) struct Desk {
    pub now: Timestamp,
    /// Sorted by id; `places` leads back to the scenario.
    pub agents: Vec<AgentState>,
    pub places: Vec<usize>,
    pub queues: Vec<QueueState>,
    /// The calendars that are open.
    pub open: Vec<CalendarId>,
    lane_of: HashMap<QueueId, usize>,
    /// By queue, then by agent.
    serves: Vec<Vec<bool>>,
    calendars: Vec<(CalendarId, Calendar)>,
    given: Vec<VecDeque<Timestamp>>,
    placed: u32,
}

/// A place found.
pub(super) struct Chosen {
    pub lane: usize,
    pub agent: usize,
    pub slots: Vec<u32>,
    pub overflowed: bool,
}

impl Desk {
    pub fn new(scenario: &Scenario, queues: &[Queue], calendars: &[BusinessHours]) -> Self {
        let mut places: Vec<usize> = (0..scenario.agents.len()).collect();
        places.sort_by(|&a, &b| scenario.agents[a].id.cmp(&scenario.agents[b].id));
        let agents: Vec<AgentState> = places.iter().map(|&place| agent(scenario, place)).collect();
        let serves = queues
            .iter()
            .map(|queue| agents.iter().map(|agent| agent.serves(queue)).collect());
        let known = calendars
            .iter()
            .filter_map(|hours| Some((hours.id.clone(), Calendar::new(hours).ok()?)));
        Self {
            now: Timestamp::default(),
            open: Vec::new(),
            serves: serves.collect(),
            lane_of: (0..)
                .zip(queues)
                .map(|(lane, queue)| (queue.id.clone(), lane))
                .collect(),
            queues: queues.iter().cloned().map(QueueState::from).collect(),
            calendars: known.collect(),
            given: vec![VecDeque::new(); queues.len()],
            agents,
            places,
            placed: 0,
        }
    }

    /// When some calendar next opens or closes.
    pub fn next_hours(&self) -> Option<Timestamp> {
        self.calendars
            .iter()
            .filter_map(|(_, calendar)| calendar.next_change(self.now))
            .min()
    }

    /// Opens and closes the queues by their hours.
    pub fn keep_hours(&mut self) {
        let open = self
            .calendars
            .iter()
            .filter(|(_, calendar)| calendar.is_open(self.now));
        self.open = open.map(|(id, _)| id.clone()).collect();
        for state in &mut self.queues {
            let hours = state.queue.business_hours_id.as_ref();
            let known = hours.filter(|id| self.calendars.iter().any(|(known, _)| known == *id));
            state.open = known.is_none_or(|id| self.open.contains(id));
        }
    }

    /// How fast the queues move; only where an overflow asks.
    pub fn keep_paces(&mut self) {
        let since = Timestamp::from_millis(self.now.as_millis() - PACE_MILLIS);
        for (state, given) in self.queues.iter_mut().zip(&mut self.given) {
            while given.front().is_some_and(|at| *at < since) {
                given.pop_front();
            }
            let count = u32::try_from(given.len()).unwrap_or(u32::MAX);
            state.pace_secs = (count > 0).then(|| (PACE_MILLIS / 1000) as u32 / count);
        }
    }

    pub fn tried(&self, item: &Item) -> Vec<Reached<usize>> {
        let find = |id: &QueueId| self.lane_of.get(id).copied();
        tried(item, self.now, &find, &|lane| &self.queues[lane])
    }

    /// The queue a newcomer enters, before any overflow.
    pub fn enters(&self, item: &Item) -> Option<usize> {
        let standing = standing(item, item.age(self.now));
        let known = standing.queues.into_iter().find_map(|id| self.lane_of.get(id));
        known.or_else(|| self.lane_of.get(&item.default_queue)).copied()
    }

    /// Those who are there and have room for something.
    pub fn open_agents(&self) -> Vec<usize> {
        let open = |&index: &usize| {
            let agent = &self.agents[index];
            agent.online && agent.kept_for.is_none() && agent.used() < agent.total
        };
        (0..self.agents.len()).filter(open).collect()
    }

    /// Whether any of `open` serves one of these queues.
    pub fn any_serves(&self, open: &[usize], lanes: &[usize]) -> bool {
        lanes
            .iter()
            .any(|&lane| open.iter().any(|&agent| self.serves[lane][agent]))
    }

    /// Who takes the item, as [`crate::decide()`] would say.
    pub fn choose(&self, item: &Item, open: &[usize]) -> Option<Chosen> {
        let ask = Ask::new(item, self.now);
        self.tried(item).into_iter().find_map(|reached| {
            let lane = reached.queue;
            let queue = &self.queues[lane].queue;
            let able = open.iter().copied().filter(|&agent| {
                self.serves[lane][agent] && ask.rejection(queue, &self.agents[agent]).is_none()
            });
            let best = able.min_by(|&a, &b| {
                let (a, b) = (&self.agents[a], &self.agents[b]);
                Candidate::new(&ask, queue, a).order(&Candidate::new(&ask, queue, b), queue.strategy)
            })?;
            let agent = &self.agents[best];
            Some(Chosen {
                lane,
                agent: best,
                slots: reserve(&agent.held, agent.total, weight(queue))?,
                overflowed: !reached.from.is_empty(),
            })
        })
    }

    pub fn take(&mut self, chosen: &Chosen, item: &Item) -> u32 {
        self.placed += 1;
        self.given[chosen.lane].push_back(self.now);
        let agent = &mut self.agents[chosen.agent];
        agent.take(&chosen.slots, item.facts.channel, self.now, self.placed);
        agent.used()
    }

    /// Keeps an agent for an item that nobody can take; whether it may at all.
    pub fn keep(&mut self, item: &Item, open: &[usize]) -> bool {
        let ask = Ask::new(item, self.now);
        let mut may = false;
        let mut nearest = None;
        for reached in self.tried(item) {
            let queue = &self.queues[reached.queue].queue;
            if !may_keep(&ask, queue) {
                continue;
            }
            may = true;
            let lack = |&agent: &usize| Some((lacking(&ask, queue, &self.agents[agent])?, agent));
            nearest = nearest.or_else(|| open.iter().filter_map(lack).min());
        }
        if let Some((_, agent)) = nearest {
            self.agents[agent].kept_for = Some(item.conversation_id.clone());
        }
        may
    }

    pub fn begin_pass(&mut self) {
        for agent in &mut self.agents {
            agent.kept_for = None;
            agent.turn = 0;
        }
        self.placed = 0;
    }
}

fn agent(scenario: &Scenario, place: usize) -> AgentState {
    let agent = &scenario.agents[place];
    let always = agent.shifts.is_empty();
    AgentState {
        user_id: agent.id.clone(),
        team_ids: agent.team_ids.clone(),
        skills: agent.skills.clone(),
        intent: Intent::Available,
        online: always,
        total: agent.capacity,
        held: [].into(),
        channel_limits: agent.channel_limits.clone(),
        held_per_channel: BTreeMap::new(),
        last_assigned_at: None,
        turn: 0,
        auto_accept: true,
        kept_for: None,
    }
}
