//! How fast webhooks are acknowledged.

use std::time::Duration;

use super::{Run, SETTLE, count_at};
use crate::{
    Failure,
    arguments::{Ack, Target},
    generator::Load,
    process::Cpu,
    report::{self, figure},
};

const COLUMNS: [&str; 11] = [
    "load",
    "acks/s",
    "p50 ms",
    "p99",
    "p99.9",
    "max",
    "not 200",
    "broken",
    "hub CPU-s/1k",
    "redis",
    "mongod",
];

pub(crate) fn run(target: &Target, ack: &Ack) -> Result<(), Failure> {
    report::head("Acknowledgement", &COLUMNS);
    let patience = Duration::from_mins(2);
    if ack.closed > 0 {
        let load = Load {
            count: ack.closed,
            rate: None,
            duplicate_every: 0,
            patience,
        };
        measure(
            target,
            &format!("closed, {} connections", target.connections),
            load,
        )?;
    }
    for rate in &ack.rates {
        let load = Load {
            count: count_at(*rate, ack.secs)?,
            rate: Some(*rate),
            duplicate_every: 0,
            patience,
        };
        measure(target, &format!("open, {rate}/s"), load)?;
    }
    Ok(())
}

/// CPU counts until everything is persisted: an acknowledgement that only puts work off isn't cheap.
fn measure(target: &Target, name: &str, load: Load) -> Result<(), Failure> {
    let run = Run::start(target)?;
    let before = Cpu::now(target)?;
    let mut posted = run.post(target, load)?;
    run.persisted.wait_for(posted.accepted, SETTLE)?;
    let cpu = Cpu::now(target)?.since(before).per(posted.requests);
    let latency = posted.latencies.summary();
    let answered = (posted.accepted + posted.refused) as f64;
    report::row(&[
        name.to_owned(),
        figure(answered / posted.took.as_secs_f64()),
        figure(latency.p50),
        figure(latency.p99),
        figure(latency.p999),
        figure(latency.max),
        posted.refused.to_string(),
        posted.broken.to_string(),
        figure(cpu.hub),
        figure(cpu.redis),
        figure(cpu.mongod),
    ]);
    Ok(())
}
