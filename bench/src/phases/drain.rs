//! A burst, posted as fast as it is acknowledged, until the last message is persisted.

use std::time::Duration;

use super::Run;
use crate::{
    Failure,
    arguments::{Drain, Target},
    generator::Load,
    process::{self, Cpu},
    report::{self, figure},
};

const COLUMNS: [&str; 11] = [
    "messages",
    "acks/s",
    "all persisted s",
    "messages/s",
    "persisted",
    "not 200",
    "hub CPU-s/1k",
    "redis",
    "mongod",
    "all",
    "hub peak MB",
];

pub(crate) fn run(target: &Target, drain: &Drain) -> Result<(), Failure> {
    let run = Run::start(target)?;
    if run.persisted.count()?.is_none() {
        return Err(Failure::new(
            "a drain's end can't be seen without --mongo or --count-cmd",
        ));
    }
    let patience = Duration::from_secs(drain.patience);
    process::reset_peak(target);
    let before = Cpu::now(target)?;
    let load = Load {
        count: drain.count,
        rate: None,
        duplicate_every: 0,
        patience,
    };
    let posted = run.post(target, load)?;
    let end = run.persisted.wait_for(posted.accepted, patience)?;
    let cpu = Cpu::now(target)?.since(before).per(posted.accepted);
    let took = end.map_or(f64::NAN, |end| end.duration_since(posted.started).as_secs_f64());
    report::head("Drain of a burst", &COLUMNS);
    report::row(&[
        posted.requests.to_string(),
        figure(posted.accepted as f64 / posted.took.as_secs_f64()),
        figure(took),
        figure(posted.accepted as f64 / took),
        run.persisted.count()?.unwrap_or_default().to_string(),
        (posted.refused + posted.broken).to_string(),
        figure(cpu.hub),
        figure(cpu.redis),
        figure(cpu.mongod),
        figure(cpu.total()),
        figure(process::hub_peak(target)?),
    ]);
    Ok(())
}
