//! The rules in the shadow: what a pass looked at is decided once more under them, and only counted.
//!
//! It happens after the pass and apart from it. A pass hands over what it would have thrown away and never waits: when
//! too much is left to be compared, a look is dropped, and so is one that fails. What is compared is at most half of one
//! processor's time. A comparison is named by its decision, so that several workers and repetitions count it once.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use switchboard_domain::{
    AccountKey, Comparison, ConversationId, Field, QueueId, ShadowRun, ShadowRunId, ShadowState, TeamId,
    Timestamp,
};
use switchboard_routing::{Placement, RuleSet, Snapshot, compare, line_up};
use switchboard_store::{NewComparison, Routable};
use tokio::sync::mpsc;

use super::{
    gather::Gathered,
    setting::{Setting, open_at},
};
use crate::{Hub, accounts::Known, error::WorkError};

/// Passes that wait to be compared; each may hold thousands of conversations.
const MOST_LOOKS: usize = 8;
/// Waits that are counted of one pass; the others are of the next one.
const MOST_WAITS: usize = 1000;
/// Waits that are remembered as counted. Forgetting only repeats some.
const MOST_TOLD: usize = 50_000;

/// What a pass looked at, and what it decided for good.
pub struct Look {
    gathered: Gathered,
    placed: Vec<Placement>,
    lost: Vec<ConversationId>,
}

impl Look {
    /// `lost` were decided, but not reserved: somebody else decides them.
    pub fn new(gathered: Gathered, mut placed: Vec<Placement>, lost: &[ConversationId]) -> Self {
        placed.retain(|placement| !lost.contains(&placement.conversation_id));
        Self {
            gathered,
            placed,
            lost: lost.to_vec(),
        }
    }
}

/// The way to the task that compares.
pub struct Shadow(mpsc::Sender<Look>);

impl Shadow {
    /// The task ends when this is dropped.
    pub fn beside(hub: &Hub) -> Self {
        let (sender, looks) = mpsc::channel(MOST_LOOKS);
        tokio::spawn(compare_all(hub.clone(), looks));
        Self(sender)
    }

    pub fn hand_over(&self, look: Look) {
        if self.0.try_send(look).is_err() {
            metrics::counter!("switchboard_routing_shadow_dropped_total").increment(1);
        }
    }
}

async fn compare_all(hub: Hub, mut looks: mpsc::Receiver<Look>) {
    let mut told = Told::default();
    while let Some(look) = looks.recv().await {
        match hub.compare(look, &mut told).await {
            Ok(took) => tokio::time::sleep(took).await,
            Err(error) => tracing::warn!(%error, "a pass couldn't be compared with the rules in the shadow"),
        }
    }
}

/// The waits of a run that were counted already.
#[derive(Default)]
struct Told {
    run: Option<ShadowRunId>,
    waits: HashSet<(ConversationId, Timestamp)>,
}

impl Told {
    /// Those that wait on and weren't counted yet.
    fn new_waits(&mut self, run: &ShadowRun, look: &Look) -> Vec<(ConversationId, Timestamp)> {
        if self.run.as_ref() != Some(&run.id) || self.waits.len() > MOST_TOLD {
            self.run = Some(run.id.clone());
            self.waits.clear();
        }
        let gone = look.placed.iter().map(|placement| &placement.conversation_id);
        let gone: HashSet<&ConversationId> = gone.chain(&look.lost).collect();
        let waits = look.gathered.snapshot.items.iter();
        waits
            .filter(|item| !gone.contains(&item.conversation_id))
            .map(|item| (item.conversation_id.clone(), item.waiting_since))
            .filter(|wait| !self.waits.contains(wait))
            .take(MOST_WAITS)
            .collect()
    }
}

impl Hub {
    /// Counts what a pass decided against the run there is, if there is one; how long the deciding took.
    async fn compare(&self, look: Look, told: &mut Told) -> Result<Duration, WorkError> {
        let now = look.gathered.snapshot.now;
        let run = self.store.shadows.current().await?;
        let Some(run) = run.filter(|run| {
            run.state(look.gathered.rules_version, now) == ShadowState::Running && now >= run.started_at
        }) else {
            return Ok(Duration::ZERO);
        };
        let waits = told.new_waits(&run, &look);
        if look.placed.is_empty() && waits.is_empty() {
            return Ok(Duration::ZERO);
        }
        let Look { gathered, placed, .. } = look;
        let shadow = self.under(&run, &gathered).await?;
        let Gathered {
            snapshot, waiting, ..
        } = gathered;
        let ids: Vec<ConversationId> = waits.iter().map(|(id, _)| id.clone()).collect();
        let clock = self.clock.clone();
        let decided = tokio::task::spawn_blocking(move || {
            let began = clock.micros();
            let placed: Vec<&Placement> = placed.iter().collect();
            let waits: BTreeSet<&ConversationId> = ids.iter().collect();
            let comparisons = compare(&snapshot, &placed, &waits, &shadow);
            let took = u64::try_from(clock.micros() - began).unwrap_or(0);
            (comparisons, snapshot, Duration::from_micros(took))
        });
        // What went wrong in there has been logged where it did; it must not reach the worker.
        let Ok((comparisons, snapshot, took)) = decided.await else {
            return Ok(Duration::ZERO);
        };
        metrics::histogram!("switchboard_routing_shadow_seconds").record(took.as_secs_f64());
        let accounts = self.accounts.known(now).await?;
        let new = of_teams(comparisons, &snapshot, &waiting, &accounts);
        self.store.shadows.add(&run.id, &new).await?;
        told.waits.extend(waits);
        Ok(took)
    }

    /// The same instant, classified by the shadow's rules.
    async fn under(&self, run: &ShadowRun, gathered: &Gathered) -> Result<Snapshot, WorkError> {
        let live = &gathered.snapshot;
        let default = QueueId::from(self.rules.default_queue.as_str());
        let rules = RuleSet::new(run.rules.clone(), default);
        let open = if rules.asks(|field| *field == Field::Hours) {
            open_at(&self.store.business_hours.all().await?, live.now)
        } else {
            Vec::new()
        };
        let setting = Setting {
            now: live.now,
            version: run.base_version,
            rules,
            queues: live.queues.clone(),
            open,
        };
        let mut shadow = Snapshot {
            now: live.now,
            agents: live.agents.clone(),
            items: self.items(&gathered.waiting, &setting).await?,
            queues: live.queues.clone(),
        };
        if setting.counts_places() {
            line_up(&mut shadow);
        }
        Ok(shadow)
    }
}

/// Each comparison with the teams whose business it is.
fn of_teams(
    comparisons: Vec<Comparison>,
    snapshot: &Snapshot,
    waiting: &[Routable],
    accounts: &Known,
) -> Vec<NewComparison> {
    // Both are in the snapshot's order.
    let mut conversations = waiting.iter().map(|one| &one.conversation);
    let of_team = |comparison: Comparison| {
        let conversation = conversations.find(|one| one.id == comparison.conversation_id);
        let account = conversation.and_then(|one| {
            accounts.get(&AccountKey {
                channel: one.channel,
                account_id: one.account_id.clone(),
            })
        });
        let queues = &mut snapshot.queues.iter();
        let queue = queues.find(|state| state.queue.id == comparison.live.queue_id);
        let team_ids: BTreeSet<TeamId> = queue
            .into_iter()
            .flat_map(|state| state.queue.team_ids.iter().cloned())
            .chain(account.and_then(|account| account.team_id.clone()))
            .collect();
        NewComparison {
            comparison,
            team_ids: team_ids.into_iter().collect(),
        }
    };
    comparisons.into_iter().map(of_team).collect()
}
