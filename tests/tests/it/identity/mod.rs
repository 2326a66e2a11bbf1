//! Who may do what, and what is remembered of it.

mod api_keys;
mod audit;
mod audited_routes;
mod browser;
mod codes;
mod connections;
mod limits;
mod masking;
mod matrix;
mod oidc;
mod passwords;
mod roles;
mod secrets;
mod sessions;
mod throttle;
mod totp;
