//! From a webhook's due time to the first screen that shows the message; and what got lost, doubled or misplaced.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use super::{Run, SETTLE, count_at};
use crate::{
    Failure,
    agents::{Agents, Delivery},
    arguments::{E2e, Target},
    generator::Load,
    http,
    process::Cpu,
    report::{self, figure},
    stats::Latencies,
};

const COLUMNS: [&str; 13] = [
    "rate/s",
    "p50 ms",
    "p99",
    "p99.9",
    "max",
    "messages",
    "lost",
    "duplicated",
    "out of order",
    "stored twice",
    "hub CPU-s/1k",
    "redis",
    "mongod",
];
/// Silence after which what's missing counts as lost.
const QUIET: Duration = Duration::from_secs(5);

pub(crate) fn run(target: &Target, e2e: &E2e) -> Result<(), Failure> {
    let tokens = http::tokens(target)?;
    report::head("Webhook to screen", &COLUMNS);
    for rate in &e2e.rates {
        measure(target, e2e, &tokens, *rate)?;
    }
    Ok(())
}

fn measure(target: &Target, e2e: &E2e, tokens: &[String], rate: f64) -> Result<(), Failure> {
    let run = Run::start(target)?;
    let agents = Agents::connect(&target.base_url, tokens, tokens.len(), &run.name)?;
    let load = Load {
        count: count_at(rate, e2e.secs)?,
        rate: Some(rate),
        duplicate_every: e2e.duplicate_every,
        patience: Duration::from_secs(e2e.secs + 60),
    };
    let before = Cpu::now(target)?;
    let posted = run.post(target, load)?;
    agents.wait_for(load.count, QUIET);
    // What comes twice comes a little later.
    run.persisted.wait_for(load.count, SETTLE)?;
    std::thread::sleep(Duration::from_millis(500));
    let cpu = Cpu::now(target)?.since(before).per(load.count);
    let (deliveries, lost_consoles) = agents.finish()?;
    if lost_consoles > 0 {
        eprintln!("{lost_consoles} consoles lost their connection");
    }
    let mut screens = Screens::judge(&deliveries, &posted.due, target.customers);
    let latency = screens.latencies.summary();
    let stored = run.persisted.count()?;
    report::row(&[
        figure(rate),
        figure(latency.p50),
        figure(latency.p99),
        figure(latency.p999),
        figure(latency.max),
        load.count.to_string(),
        screens.lost.to_string(),
        screens.duplicated.to_string(),
        screens.out_of_order.to_string(),
        stored.map_or("–".to_owned(), |stored| {
            stored.saturating_sub(load.count).to_string()
        }),
        figure(cpu.hub),
        figure(cpu.redis),
        figure(cpu.mongod),
    ]);
    Ok(())
}

struct Screens {
    /// To the first screen.
    latencies: Latencies,
    /// Messages no screen showed.
    lost: u64,
    /// Deliveries of a message to a screen that had it.
    duplicated: u64,
    /// Deliveries of a message older than one of the same customer that the screen had.
    out_of_order: u64,
}

impl Screens {
    fn judge(deliveries: &[Delivery], due: &[Instant], customers: u64) -> Self {
        let mut first: HashMap<u64, Instant> = HashMap::new();
        let mut shown = HashSet::new();
        let mut latest: HashMap<(usize, u64), u64> = HashMap::new();
        let (mut duplicated, mut out_of_order) = (0, 0);
        for delivery in deliveries {
            first.entry(delivery.index).or_insert(delivery.at);
            if !shown.insert((delivery.console, delivery.index)) {
                duplicated += 1;
                continue;
            }
            let newest = latest
                .entry((delivery.console, delivery.index % customers))
                .or_insert(delivery.index);
            if delivery.index < *newest {
                out_of_order += 1;
            }
            *newest = delivery.index.max(*newest);
        }
        let mut latencies = Latencies::with_capacity(due.len());
        let mut lost = 0;
        for (index, due) in due.iter().enumerate() {
            match first.get(&(index as u64)) {
                Some(at) => latencies.add(at.saturating_duration_since(*due)),
                None => lost += 1,
            }
        }
        Self {
            latencies,
            lost,
            duplicated,
            out_of_order,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found() {
        let start = Instant::now();
        let delivery = |console, index| Delivery {
            console,
            index,
            at: start + Duration::from_millis(index),
        };
        // Customers 0 and 1 in turn: message 5 is lost, 2 is shown twice to one screen, 0 comes after 4.
        let deliveries =
            [(0, 1), (0, 2), (0, 3), (0, 2), (1, 2), (0, 4), (0, 0)].map(|(c, i)| delivery(c, i));
        let mut screens = Screens::judge(&deliveries, &[start; 6], 2);
        assert_eq!(
            (screens.lost, screens.duplicated, screens.out_of_order),
            (1, 1, 1)
        );
        assert!((screens.latencies.summary().max - 4.0).abs() < 0.001);
    }
}
