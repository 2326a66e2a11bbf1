//! Service levels as a pure function of what happened and a calendar.

use std::time::Duration;

use switchboard_domain::{
    Channel, OnReopen, QueueId, SlaEvent, SlaEventKind, SlaMetric, SlaPolicy, SlaState, SlaTimer, Timestamp,
};

use crate::Calendar;

/// What decides which policy a conversation is under.
#[derive(Clone, Debug)]
pub struct SlaSubject<'a> {
    pub queue_id: Option<&'a QueueId>,
    pub labels: &'a [String],
    pub channel: Channel,
}

/// The policy it is under: the first that applies, by order and id.
pub fn policy_of<'p>(policies: &'p [SlaPolicy], subject: &SlaSubject<'_>) -> Option<&'p SlaPolicy> {
    let applies = |policy: &&SlaPolicy| {
        let queue = policy.queue_ids.is_empty()
            || subject
                .queue_id
                .is_some_and(|queue| policy.queue_ids.contains(queue));
        let label =
            policy.labels.is_empty() || policy.labels.iter().any(|label| subject.labels.contains(label));
        let channel = policy.channels.is_empty() || policy.channels.contains(&subject.channel);
        policy.enabled && queue && label && channel
    };
    policies
        .iter()
        .filter(applies)
        .min_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)))
}

/// A stretch of time that counts; open at its end if nothing stopped it.
#[derive(Clone, Copy)]
struct Stretch {
    from: Timestamp,
    until: Option<Timestamp>,
}

/// One promise while its history is read.
struct Run {
    metric: SlaMetric,
    started_at: Timestamp,
    stretches: Vec<Stretch>,
    met_at: Option<Timestamp>,
}

impl Run {
    fn new(metric: SlaMetric, at: Timestamp) -> Self {
        Self {
            metric,
            started_at: at,
            stretches: vec![Stretch {
                from: at,
                until: None,
            }],
            met_at: None,
        }
    }

    fn stop(&mut self, at: Timestamp) {
        if let Some(last) = self.stretches.last_mut().filter(|last| last.until.is_none()) {
            last.until = Some(at);
        }
    }

    fn go_on(&mut self, at: Timestamp) {
        if self.stretches.last().is_some_and(|last| last.until.is_some()) {
            self.stretches.push(Stretch {
                from: at,
                until: None,
            });
        }
    }

    fn meet(&mut self, at: Timestamp) {
        self.stop(at);
        self.met_at = Some(at);
    }
}

/// What holds the time to resolution while the history is read.
#[derive(Default)]
struct Holds {
    snoozed: bool,
    customers_turn: bool,
}

/// Every promise of `policy` to a conversation to which `events` happened, as of `now`.
///
/// The events may come in any order. A reply is what answers: a note, or the customer writing twice, changes nothing.
/// Of next responses only the last is told, with "broken" if any of them was. A response's time never stands still.
pub fn sla_timers(
    policy: &SlaPolicy,
    calendar: &Calendar,
    events: &[SlaEvent],
    now: Timestamp,
) -> Vec<SlaTimer> {
    let mut events: Vec<SlaEvent> = events.iter().copied().filter(|event| event.at <= now).collect();
    events.sort_by_key(|event| (event.at, event.what));
    let runs = read(policy, &events);
    let mut timers: Vec<SlaTimer> = Vec::new();
    for run in runs {
        let Some(target) = target(policy, run.metric) else {
            continue;
        };
        let mut timer = timer(policy, calendar, &run, target, now);
        match timers.iter_mut().find(|known| known.metric == timer.metric) {
            Some(known) => {
                timer.breached |= known.breached && run.metric == SlaMetric::NextResponse;
                *known = timer;
            }
            None => timers.push(timer),
        }
    }
    timers.sort_by_key(|timer| timer.metric);
    timers
}

fn target(policy: &SlaPolicy, metric: SlaMetric) -> Option<u32> {
    match metric {
        SlaMetric::FirstResponse => policy.first_response_secs,
        SlaMetric::NextResponse => policy.next_response_secs,
        SlaMetric::Resolution => policy.resolution_secs,
    }
}

/// The promises that were begun, in the order they were.
fn read(policy: &SlaPolicy, events: &[SlaEvent]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut holds = Holds::default();
    let mut answered_once = false;
    for event in events {
        let at = event.at;
        let resolution = |runs: &[Run]| runs.iter().rposition(|run| run.metric == SlaMetric::Resolution);
        match event.what {
            SlaEventKind::CustomerWrote => {
                holds.customers_turn = false;
                let waits = runs
                    .iter()
                    .any(|run| run.metric != SlaMetric::Resolution && run.met_at.is_none());
                if !waits {
                    let metric = if answered_once {
                        SlaMetric::NextResponse
                    } else {
                        SlaMetric::FirstResponse
                    };
                    runs.push(Run::new(metric, at));
                }
                if resolution(&runs).is_none() {
                    runs.push(Run::new(SlaMetric::Resolution, at));
                }
            }
            SlaEventKind::AgentReplied => {
                answered_once = true;
                holds.customers_turn = true;
                meet_responses(&mut runs, at);
            }
            SlaEventKind::Snoozed => holds.snoozed = true,
            SlaEventKind::Woke => holds.snoozed = false,
            SlaEventKind::Resolved => {
                holds = Holds::default();
                // Whoever resolves without an answer has decided that none is due.
                meet_responses(&mut runs, at);
                if let Some(run) = resolution(&runs) {
                    runs[run].meet(at);
                }
                continue;
            }
            SlaEventKind::Reopened => match (resolution(&runs), policy.on_reopen) {
                (Some(run), OnReopen::Continue) => runs[run].met_at = None,
                (Some(_), OnReopen::Restart) => runs.push(Run::new(SlaMetric::Resolution, at)),
                (None, _) => {}
            },
        }
        if let Some(run) = resolution(&runs).filter(|run| runs[*run].met_at.is_none()) {
            let held = holds.snoozed && policy.pause_while_snoozed
                || holds.customers_turn && policy.pause_while_customers_turn;
            if held {
                runs[run].stop(at);
            } else {
                runs[run].go_on(at);
            }
        }
    }
    runs
}

fn meet_responses(runs: &mut [Run], at: Timestamp) {
    let open = runs
        .iter_mut()
        .filter(|run| run.metric != SlaMetric::Resolution && run.met_at.is_none());
    for run in open {
        run.meet(at);
    }
}

fn timer(policy: &SlaPolicy, calendar: &Calendar, run: &Run, target_secs: u32, now: Timestamp) -> SlaTimer {
    let elapsed: Duration = run
        .stretches
        .iter()
        .map(|stretch| calendar.open_between(stretch.from, stretch.until.unwrap_or(now)))
        .sum();
    let target = Duration::from_secs(u64::from(target_secs));
    let running = run.stretches.last().filter(|last| last.until.is_none());
    let state = match (run.met_at, running) {
        (Some(_), _) => SlaState::Met,
        (None, Some(_)) => SlaState::Running,
        (None, None) => SlaState::Paused,
    };
    let before: Duration = run
        .stretches
        .iter()
        .filter_map(|stretch| Some(calendar.open_between(stretch.from, stretch.until?)))
        .sum();
    let at = |part: Duration| {
        let since = running.filter(|_| state == SlaState::Running)?.from;
        calendar.after(since, part.saturating_sub(before))
    };
    SlaTimer {
        metric: run.metric,
        state,
        started_at: run.started_at,
        elapsed_secs: elapsed.as_secs(),
        target_secs,
        warns_at: at(target * u32::from(policy.warn_at_percent.min(100)) / 100),
        due_at: at(target),
        met_at: run.met_at,
        // At the very target it is still kept if answered, and broken if not.
        breached: if run.met_at.is_some() {
            elapsed > target
        } else {
            elapsed >= target
        },
    }
}
