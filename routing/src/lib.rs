//! The assignment engine: who takes which conversation, and why.
//!
//! A pure function of a [`Snapshot`]: nothing here waits, reads a clock or a database, and the order of the input never
//! changes the answer. The caller gathers the snapshot, stores the reservations that come out and asks again when
//! something changed ([`next_wake`] says when time alone changes something).

mod calendar;
mod capacity;
mod classify;
mod condition;
mod decide;
mod eligible;
mod facts;
mod implies;
mod input;
mod keep;
mod lint;
mod measure;
mod order;
mod overflow;
mod pass;
mod rank;
mod replay;
mod requirements;
mod shadow;
mod simulate;
mod sla;
mod slot_ranges;
mod snapshot;
mod steps;
mod trace;
mod validate;
mod wake;

pub use calendar::{Calendar, CalendarFault};
pub use capacity::{reserve, reserve_over};
pub use classify::{Classification, RuleSet};
pub use condition::matches;
pub use decide::{Mode, Placement, Verdict, decide, stands_in, tried_queues};
pub use eligible::rejection;
pub use facts::Facts;
pub use implies::{implies, is_impossible};
pub use keep::KEEP_AFTER;
pub use lint::{Premises, is_within, lint, promises};
pub use order::{MAX_BOOST, OVERTAKE_BOUND, PROMOTE_AFTER, Place, WINDOW_RISE, in_order, line_up};
pub use overflow::predicted_wait;
pub use pass::{Pass, assign_pass};
pub use replay::{ReplayError, replay};
pub use requirements::holding;
pub use shadow::compare;
pub use simulate::{Conditions, simulate};
pub use sla::{SlaSubject, policy_of, sla_timers};
pub use snapshot::{AgentState, Item, LastAgent, QueueState, STICKY_FOR, Snapshot};
pub use steps::{Standing, standing};
pub use validate::{Known, rule_faults};
pub use wake::{next_change, next_wake};
