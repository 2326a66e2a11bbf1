//! What a run comes to: per queue, per agent, and against what happened.

use std::{collections::BTreeMap, time::Duration};

use switchboard_domain::{
    AgentReport, Differences, Happened, Queue, QueueReport, Scenario, ScenarioConversation, SimulationReport,
    SlaPolicy, Timestamp, UserId, Waits,
};

use super::{Conditions, Fate, Given};
use crate::{Calendar, SlaSubject, policy_of};

/// Counters of one queue.
#[derive(Default)]
struct Tally {
    waits: Vec<u32>,
    overflowed: u32,
    unassigned: u32,
    breaches: u32,
    waits_then: Vec<u32>,
}

pub(super) fn report(scenario: &Scenario, conditions: &Conditions<'_>, fates: &[Fate]) -> SimulationReport {
    let mut tallies: Vec<Tally> = conditions.queues.iter().map(|_| Tally::default()).collect();
    let promises = Promises::new(conditions);
    let end = scenario
        .conversations
        .iter()
        .map(|one| one.at)
        .max()
        .unwrap_or_default();
    let mut report = SimulationReport {
        conversations: count(fates.len()),
        ..SimulationReport::default()
    };
    let mut waits = Vec::with_capacity(fates.len());
    for (one, fate) in scenario.conversations.iter().zip(fates) {
        let queue = fate.given.map(|given| given.queue).or(fate.first_queue);
        let late =
            queue.is_some_and(|queue| promises.is_late(one, &conditions.queues[queue], fate.given, end));
        report.breaches += u32::from(late);
        if let Some(tally) = queue.map(|queue| &mut tallies[queue]) {
            tally.breaches += u32::from(late);
            tally.unassigned += u32::from(fate.given.is_none());
        }
        let Some(given) = fate.given else {
            report.unassigned += 1;
            continue;
        };
        let wait = secs(given.at.since(one.at));
        waits.push(wait);
        tallies[given.queue].waits.push(wait);
        if given.overflowed {
            report.overflowed += 1;
            if let Some(first) = fate.first_queue {
                tallies[first].overflowed += 1;
            }
        }
    }
    report.assigned = count(waits.len());
    report.waits = spread(waits);
    report.differences = differences(scenario, conditions.queues, fates, &mut tallies);
    let compared = report.differences.is_some();
    report.queues = conditions
        .queues
        .iter()
        .zip(tallies)
        .map(|(queue, tally)| tally.report(queue, compared))
        .collect();
    report.agents = agents(scenario, fates, compared);
    report
}

impl Tally {
    fn report(self, queue: &Queue, compared: bool) -> QueueReport {
        QueueReport {
            queue_id: queue.id.clone(),
            assigned: count(self.waits.len()),
            overflowed: self.overflowed,
            unassigned: self.unassigned,
            breaches: self.breaches,
            waits: spread(self.waits),
            assigned_then: compared.then(|| count(self.waits_then.len())),
            waits_then: compared.then(|| spread(self.waits_then)),
        }
    }
}

fn differences(
    scenario: &Scenario,
    queues: &[Queue],
    fates: &[Fate],
    tallies: &mut [Tally],
) -> Option<Differences> {
    let mut found = Differences::default();
    let mut waits_then = Vec::new();
    for (one, fate) in scenario.conversations.iter().zip(fates) {
        let Some(then) = &one.happened else { continue };
        found.compared += 1;
        waits_then.push(then.waited_secs);
        let queue_then = queues
            .iter()
            .position(|queue| Some(&queue.id) == then.queue_id.as_ref());
        if let Some(queue) = queue_then {
            tallies[queue].waits_then.push(then.waited_secs);
        }
        found.other_queue += u32::from(fate.given.map(|given| given.queue) != queue_then);
        found.other_agent += u32::from(agent_now(scenario, fate) != Some(&then.agent_id));
        let wait = fate.given.map(|given| secs(given.at.since(one.at)));
        found.waited_longer += u32::from(wait.is_none_or(|wait| wait > then.waited_secs));
        found.waited_shorter += u32::from(wait.is_some_and(|wait| wait < then.waited_secs));
    }
    found.waits_then = spread(waits_then);
    (found.compared > 0).then_some(found)
}

fn agent_now<'s>(scenario: &'s Scenario, fate: &Fate) -> Option<&'s UserId> {
    fate.given.map(|given| &scenario.agents[given.agent].id)
}

fn agents(scenario: &Scenario, fates: &[Fate], compared: bool) -> Vec<AgentReport> {
    let mut reports: Vec<AgentReport> = scenario
        .agents
        .iter()
        .map(|agent| AgentReport {
            agent_id: agent.id.clone(),
            assigned: 0,
            worked_secs: 0,
            most_used: 0,
            assigned_then: compared.then_some(0),
        })
        .collect();
    let places: BTreeMap<&UserId, usize> = (0..)
        .zip(&scenario.agents)
        .map(|(place, agent)| (&agent.id, place))
        .collect();
    for (one, fate) in scenario.conversations.iter().zip(fates) {
        if let Some(given) = fate.given {
            let report = &mut reports[given.agent];
            report.assigned += 1;
            report.worked_secs += u64::from(one.handle_secs);
            report.most_used = report.most_used.max(given.used);
        }
        let then = one.happened.as_ref().map(|Happened { agent_id, .. }| agent_id);
        if let Some(place) = then.and_then(|agent| places.get(agent)) {
            let known = &mut reports[*place].assigned_then;
            *known = known.map(|count| count + 1);
        }
    }
    reports
}

struct Promises<'a> {
    policies: &'a [SlaPolicy],
    calendars: Vec<Calendar>,
}

impl<'a> Promises<'a> {
    fn new(conditions: &Conditions<'a>) -> Self {
        let calendar = |policy: &SlaPolicy| {
            let mut known = conditions.calendars.iter();
            let hours = known.find(|hours| Some(&hours.id) == policy.business_hours_id.as_ref());
            hours
                .and_then(|hours| Calendar::new(hours).ok())
                .unwrap_or_else(Calendar::always)
        };
        Self {
            policies: conditions.policies,
            calendars: conditions.policies.iter().map(calendar).collect(),
        }
    }

    /// Whether the first response came later than promised.
    fn is_late(
        &self,
        one: &ScenarioConversation,
        queue: &Queue,
        given: Option<Given>,
        end: Timestamp,
    ) -> bool {
        let subject = SlaSubject {
            queue_id: Some(&queue.id),
            labels: &one.labels,
            channel: one.channel,
        };
        let Some(policy) = policy_of(self.policies, &subject) else {
            return false;
        };
        let Some(target) = policy.first_response_secs else {
            return false;
        };
        let place = self.policies.iter().position(|known| known.id == policy.id);
        let Some(calendar) = place.map(|place| &self.calendars[place]) else {
            return false;
        };
        let replied = given.map(|given| {
            given
                .at
                .plus(Duration::from_secs(u64::from(one.first_reply_secs)))
        });
        calendar.open_between(one.at, replied.unwrap_or(end)) > Duration::from_secs(u64::from(target))
    }
}

fn spread(mut waits: Vec<u32>) -> Waits {
    waits.sort_unstable();
    // Nearest rank: the smallest that so many percent don't exceed.
    let at = |percent: usize| {
        let rank = (waits.len() * percent).div_ceil(100);
        waits.get(rank.saturating_sub(1)).copied().unwrap_or(0)
    };
    Waits {
        p50: at(50),
        p90: at(90),
        p99: at(99),
        max: waits.last().copied().unwrap_or(0),
    }
}

fn secs(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
