//! The work behind the screens: a worker per lane, the connections held to providers, and what people do at their desks.
//!
//! Every job is safe to run twice. Workers reach consoles only by appending to the live stream.

mod accounts;
mod bulk;
pub mod desk;
mod erasure;
mod error;
mod events;
pub mod files;
mod gateway;
mod hub;
mod ingest;
mod outbound;
mod retention;
mod routing;
mod rules;
mod run;
mod service_levels;
mod shown;
mod timers;
mod told;
mod trails;

pub use accounts::AccountDirectory;
pub use bulk::BulkJob;
pub use error::WorkError;
pub use events::with_reply_window;
pub use hub::Hub;
pub use ingest::{Ingest, IngestJob, Webhook, ingest_lane};
pub use outbound::OutboundJob;
pub use routing::Wake;
pub use rules::{HubRules, RoutingRules};
pub use run::{LaneSettings, Workers};
pub use timers::TimerJob;
pub use trails::Trails;
