//! Who may do what, and what is remembered of it.

mod api_keys;
mod audit;
mod audited_routes;
mod passwords;
mod roles;
mod sessions;
mod throttle;
mod totp;
