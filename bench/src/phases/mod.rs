//! What is measured: one file per phase, each printing a table.

pub(crate) mod ack;
pub(crate) mod drain;
pub(crate) mod e2e;
pub(crate) mod fanout;

use std::time::Duration;

use switchboard_domain::Clock;

use crate::{
    Failure,
    arguments::Target,
    body::Plan,
    generator::{self, Load, Posted},
    http,
    persisted::Persisted,
};

/// How long the hub may take, after a load, to have everything persisted.
const SETTLE: Duration = Duration::from_mins(1);

/// One load's own name, counter and start.
struct Run {
    name: String,
    host: String,
    since: i64,
    persisted: Persisted,
}

impl Run {
    fn start(target: &Target) -> Result<Self, Failure> {
        let micros = Clock::system().micros();
        let name = format!("b{micros:x}");
        Ok(Self {
            persisted: Persisted::open(target)?,
            host: http::locate(&target.base_url)?.0,
            since: micros / 1_000_000,
            name,
        })
    }

    fn post(&self, target: &Target, load: Load) -> Result<Posted, Failure> {
        let plan = Plan {
            target,
            host: &self.host,
            run: &self.name,
            since: self.since,
        };
        generator::post(&plan, load)
    }
}

/// The open loop's number of messages.
fn count_at(rate: f64, secs: u64) -> Result<u64, Failure> {
    if !(0.1..=20_000.0).contains(&rate) {
        return Err(Failure::new(format!(
            "{rate} a second is not between 0.1 and 20,000"
        )));
    }
    Ok((rate * secs as f64).ceil() as u64)
}
