//! Many idle consoles: what they weigh, and what a push to all of them costs.

use std::{thread, time::Duration};

use super::{Run, count_at};
use crate::{
    Failure,
    agents::Agents,
    arguments::{Fanout, Target},
    generator::Load,
    http,
    process::{self, Cpu},
    report::{self, figure},
    stats::Latencies,
};

const COLUMNS: [&str; 10] = [
    "consoles",
    "hub MB before",
    "with them",
    "KB each",
    "messages",
    "deliveries",
    "missing",
    "CPU-ms/1k deliveries",
    "p50 ms",
    "p99",
];
/// Until a crowd that has just connected counts as idle.
const REST: Duration = Duration::from_secs(8);
const QUIET: Duration = Duration::from_secs(5);

pub(crate) fn run(target: &Target, fanout: &Fanout) -> Result<(), Failure> {
    let tokens = http::tokens(target)?;
    let run = Run::start(target)?;
    let before = process::hub_memory(target)?;
    let agents = Agents::connect(&target.base_url, &tokens, fanout.clients as usize, &run.name)?;
    thread::sleep(REST);
    let with_them = process::hub_memory(target)?;
    let secs = (fanout.pushes as f64 / fanout.rate).ceil();
    count_at(fanout.rate, 1)?;
    let load = Load {
        count: fanout.pushes,
        rate: Some(fanout.rate),
        duplicate_every: 0,
        patience: Duration::from_secs_f64(secs) + Duration::from_secs(30),
    };
    let cpu = Cpu::now(target)?;
    let posted = run.post(target, load)?;
    let wanted = fanout.clients * posted.accepted;
    agents.wait_for(wanted, QUIET);
    let cpu = Cpu::now(target)?.since(cpu);
    let (deliveries, lost_consoles) = agents.finish()?;
    if lost_consoles > 0 {
        eprintln!("{lost_consoles} consoles lost their connection");
    }
    let mut latencies = Latencies::with_capacity(deliveries.len());
    for delivery in &deliveries {
        if let Some(due) = posted.due.get(delivery.index as usize) {
            latencies.add(delivery.at.saturating_duration_since(*due));
        }
    }
    let latency = latencies.summary();
    let delivered = deliveries.len() as u64;
    report::head("Consoles", &COLUMNS);
    report::row(&[
        fanout.clients.to_string(),
        figure(before),
        figure(with_them),
        figure((with_them - before) * 1000.0 / fanout.clients as f64),
        posted.accepted.to_string(),
        delivered.to_string(),
        wanted.saturating_sub(delivered).to_string(),
        figure(cpu.per(delivered).hub * 1000.0),
        figure(latency.p50),
        figure(latency.p99),
    ]);
    Ok(())
}
