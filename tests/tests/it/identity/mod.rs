//! Who may do what, and what is remembered of it.

mod audit;
mod audited_routes;
mod roles;
mod sessions;
mod throttle;
