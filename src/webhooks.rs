//! The door for providers: verify, make durable, acknowledge. Nothing else happens before the 200.

pub mod accounts;
pub mod arrivals;
pub mod door;
pub mod drain;

pub use accounts::AccountCache;
pub use arrivals::Arrivals;
