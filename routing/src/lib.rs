//! The assignment engine: who takes which conversation, and why.
//!
//! A pure function of a [`Snapshot`]: nothing here waits, reads a clock or a database, and the order of the input never
//! changes the answer. The caller gathers the snapshot, stores the reservations that come out and asks again when
//! something changed ([`next_wake`] says when time alone changes something).

mod capacity;
mod classify;
mod condition;
mod decide;
mod eligible;
mod facts;
mod input;
mod order;
mod pass;
mod rank;
mod replay;
mod requirements;
mod slot_ranges;
mod snapshot;
mod steps;
mod trace;
mod wake;

pub use capacity::{reserve, reserve_over};
pub use classify::{Classification, RuleSet};
pub use condition::matches;
pub use decide::{Mode, Placement, Verdict, decide};
pub use eligible::rejection;
pub use facts::Facts;
pub use order::{MAX_BOOST, OVERTAKE_BOUND, PROMOTE_AFTER, Place, in_order};
pub use pass::{Pass, assign_pass};
pub use replay::{ReplayError, replay};
pub use requirements::holding;
pub use snapshot::{AgentState, Item, LastAgent, QueueState, STICKY_FOR, Snapshot};
pub use steps::{Standing, standing};
pub use wake::{next_change, next_wake};
