//! What a worker holds, and the leases on it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use switchboard_domain::Timestamp;
use tokio::time::Instant;

use super::HealthHandle;

/// Every batch a worker holds, from being read to being settled.
pub struct InFlight {
    batches: Mutex<Batches>,
    health: HealthHandle,
}

#[derive(Default)]
struct Batches {
    next: u64,
    held: BTreeMap<u64, Held>,
}

struct Held {
    ids: Vec<String>,
    taken_at: Timestamp,
    renewed: Instant,
}

/// A job of a batch, as far as settling it is concerned.
#[derive(Debug)]
pub struct Receipt {
    pub id: String,
    /// The attempt the handler is making, from 1.
    pub attempt: u32,
}

/// The hold on a batch. While it exists the batch is kept from other workers; when it is dropped, settled or not, it is
/// no longer.
pub struct Lease {
    number: u64,
    in_flight: Arc<InFlight>,
    pub receipts: Vec<Receipt>,
}

impl InFlight {
    pub fn new(health: HealthHandle) -> Self {
        Self {
            batches: Mutex::default(),
            health,
        }
    }

    /// Notes a batch that was read by a command sent at `asked`.
    pub fn hold(self: &Arc<Self>, receipts: Vec<Receipt>, taken_at: Timestamp, asked: Instant) -> Lease {
        let mut batches = self.batches();
        let number = batches.next;
        batches.next += 1;
        let held = Held {
            ids: receipts.iter().map(|receipt| receipt.id.clone()).collect(),
            taken_at,
            renewed: asked,
        };
        batches.held.insert(number, held);
        self.report(&batches);
        Lease {
            number,
            in_flight: Arc::clone(self),
            receipts,
        }
    }

    /// Everything held.
    pub fn ids(&self) -> Vec<String> {
        let batches = self.batches();
        batches
            .held
            .values()
            .flat_map(|held| held.ids.iter().cloned())
            .collect()
    }

    /// What is to be renewed: batches whose lease may have run out already are left out, because somebody else may
    /// have taken them over, and renewing would take them back.
    pub fn renewable(&self, lease: Duration) -> Vec<String> {
        let batches = self.batches();
        let current = batches
            .held
            .values()
            .filter(|held| held.renewed.elapsed() < lease);
        current.flat_map(|held| held.ids.iter().cloned()).collect()
    }

    /// Notes that what was renewable when `asked` has been renewed.
    pub fn renewed(&self, asked: Instant, lease: Duration) {
        for held in self.batches().held.values_mut() {
            if asked.saturating_duration_since(held.renewed) < lease {
                held.renewed = held.renewed.max(asked);
            }
        }
    }

    fn report(&self, batches: &Batches) {
        self.health.update(|health| {
            health.in_flight = batches.held.values().map(|held| held.ids.len()).sum();
            health.busy_since = batches.held.values().map(|held| held.taken_at).min();
        });
    }

    fn batches(&self) -> MutexGuard<'_, Batches> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut batches = self.in_flight.batches();
        batches.held.remove(&self.number);
        self.in_flight.report(&batches);
    }
}
