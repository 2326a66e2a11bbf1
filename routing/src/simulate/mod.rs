//! What would have become of conversations under other rules: the same engine, over a day's or a month's arrivals.
//!
//! Every conversation that waits belongs to a *group*: those that try the same queues with the same requirements in
//! force. Within a group age alone decides the order, so that a pass looks at the head of each group instead of at
//! everyone; a conversation changes its group when its age says so. The answers are those of [`crate::assign_pass`].
//!
//! An offer counts as accepted when it is made. Reply windows and refusals aren't simulated.

mod desk;
mod groups;
mod report;
mod run;

use switchboard_domain::{BusinessHours, Queue, Scenario, SimulationReport, SlaPolicy};

use crate::RuleSet;

/// Under what a scenario is played.
pub struct Conditions<'a> {
    pub rules: &'a RuleSet,
    pub queues: &'a [Queue],
    pub calendars: &'a [BusinessHours],
    pub policies: &'a [SlaPolicy],
}

/// Plays the scenario. `progress` is told how many conversations have arrived, now and then, and says whether to go on;
/// `None` if it didn't.
pub fn simulate(
    scenario: &Scenario,
    conditions: &Conditions<'_>,
    mut progress: impl FnMut(usize) -> bool,
) -> Option<SimulationReport> {
    let fates = run::play(scenario, conditions, &mut progress)?;
    Some(report::report(scenario, conditions, &fates))
}

/// What became of one conversation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fate {
    /// The queue it stood in when it came; by place in the conditions.
    pub first_queue: Option<usize>,
    pub given: Option<Given>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    pub queue: usize,
    /// By place in the scenario.
    pub agent: usize,
    pub at: switchboard_domain::Timestamp,
    pub overflowed: bool,
    /// The agent's units in use with it.
    pub used: u32,
}
