//! CPU time and memory of processes, from `/proc`.

use std::{fs, io};

use crate::arguments::Target;

/// CPU-seconds used so far by each part of the system.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cpu {
    pub(crate) hub: f64,
    pub(crate) redis: f64,
    pub(crate) mongod: f64,
}

impl Cpu {
    /// A process that isn't named counts as nothing.
    pub(crate) fn now(target: &Target) -> io::Result<Self> {
        Ok(Self {
            hub: sum(&target.hub_pid)?,
            redis: sum(target.redis_pid.as_slice())?,
            mongod: sum(target.mongod_pid.as_slice())?,
        })
    }

    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            hub: self.hub - earlier.hub,
            redis: self.redis - earlier.redis,
            mongod: self.mongod - earlier.mongod,
        }
    }

    pub(crate) fn per(self, count: u64) -> Self {
        let thousands = count.max(1) as f64 / 1000.0;
        Self {
            hub: self.hub / thousands,
            redis: self.redis / thousands,
            mongod: self.mongod / thousands,
        }
    }

    pub(crate) fn total(self) -> f64 {
        self.hub + self.redis + self.mongod
    }
}

fn sum(pids: &[u32]) -> io::Result<f64> {
    pids.iter().map(|pid| cpu_seconds(*pid)).sum()
}

/// User and system time, with that of children that ended.
fn cpu_seconds(pid: u32) -> io::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; the fields come after it, `utime` being the twelfth.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Resident memory of the hub's processes, in MB (1,000,000 bytes).
pub(crate) fn hub_memory(target: &Target) -> io::Result<f64> {
    target.hub_pid.iter().map(|pid| status_mb(*pid, "VmRSS:")).sum()
}

/// The highest it has been since [`reset_peak`].
pub(crate) fn hub_peak(target: &Target) -> io::Result<f64> {
    target.hub_pid.iter().map(|pid| status_mb(*pid, "VmHWM:")).sum()
}

/// Starts the peak anew; where that isn't allowed, it counts from the process's start.
pub(crate) fn reset_peak(target: &Target) {
    for pid in &target.hub_pid {
        if let Err(error) = fs::write(format!("/proc/{pid}/clear_refs"), "5") {
            eprintln!("the peak memory of {pid} counts from its start: {error}");
        }
    }
}

fn status_mb(pid: u32, field: &str) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line
        .and_then(|line| line.split_whitespace().next())
        .and_then(|kib| kib.parse::<f64>().ok())
        .unwrap_or(0.0);
    Ok(kib * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_time_and_memory_is_used() {
        let pid = std::process::id();
        let before = cpu_seconds(pid).unwrap();
        let mut rounds = 0_u64;
        // Ten ticks of work, however fast the machine is.
        while cpu_seconds(pid).unwrap() < before + 0.1 {
            rounds += 1;
            assert!(rounds < 100_000_000);
        }
        assert!(status_mb(pid, "VmHWM:").unwrap() >= status_mb(pid, "VmRSS:").unwrap());
        assert!(status_mb(pid, "VmRSS:").unwrap() > 0.5);
        assert!(cpu_seconds(u32::MAX).is_err());
    }
}
