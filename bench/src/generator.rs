//! Posts webhooks: closed loop (as fast as they are answered) or open loop (when they are due).

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::{
    Failure,
    body::Plan,
    connection::{Connection, Heard},
    http,
    poller::Poller,
    stats::Latencies,
};

/// Between building the requests and the first due one.
const LEAD: Duration = Duration::from_millis(50);

/// What is to be posted.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) count: u64,
    /// Webhooks a second; `None` is the closed loop.
    pub(crate) rate: Option<f64>,
    /// One in so many is posted again a little later; zero: none.
    pub(crate) duplicate_every: u64,
    /// Then it's given up.
    pub(crate) patience: Duration,
}

/// What came of it.
pub(crate) struct Posted {
    pub(crate) started: Instant,
    pub(crate) took: Duration,
    pub(crate) latencies: Latencies,
    pub(crate) requests: u64,
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    /// Connections that broke with a request under way.
    pub(crate) broken: u64,
    /// When each message was due, by index.
    pub(crate) due: Vec<Instant>,
}

struct Generator<'a> {
    load: Load,
    address: SocketAddr,
    requests: &'a [Vec<u8>],
    /// The message of each slot: a duplicate has a slot of its own.
    slots: Vec<usize>,
    customers: usize,
    connections: Vec<Connection>,
    poller: Poller,
    started: Instant,
    last_answer: Instant,
    released: usize,
    done: usize,
    posted: Posted,
}

/// Builds and signs every request, then posts them.
pub(crate) fn post(plan: &Plan<'_>, load: Load) -> Result<Posted, Failure> {
    let (_, address) = http::locate(&plan.target.base_url)?;
    let requests = (0..load.count)
        .map(|index| plan.request(index))
        .collect::<Result<Vec<_>, _>>()?;
    let poller = Poller::new()?;
    let connections = (0..plan.target.connections as usize)
        .map(|id| Connection::open(address, id, &poller))
        .collect::<Result<Vec<_>, _>>()?;
    let slots = slots(load.count as usize, load.duplicate_every as usize);
    let started = Instant::now() + LEAD;
    let mut generator = Generator {
        load,
        address,
        requests: &requests,
        customers: plan.target.customers as usize,
        connections,
        poller,
        started,
        last_answer: started,
        released: 0,
        done: 0,
        posted: Posted {
            started,
            took: Duration::ZERO,
            latencies: Latencies::with_capacity(slots.len()),
            requests: slots.len() as u64,
            accepted: 0,
            refused: 0,
            broken: 0,
            due: Vec::new(),
        },
        slots,
    };
    generator.run()?;
    Ok(generator.finish())
}

/// Every message once, and some again half a period later.
fn slots(count: usize, duplicate_every: usize) -> Vec<usize> {
    let mut slots = Vec::with_capacity(count + count / duplicate_every.max(1));
    for index in 0..count {
        slots.push(index);
        if duplicate_every > 1 && index % duplicate_every == duplicate_every - 1 {
            slots.push(index - duplicate_every / 2);
        }
    }
    slots
}

impl Generator<'_> {
    fn due(&self, slot: usize) -> Instant {
        match self.load.rate {
            Some(rate) => self.started + Duration::from_secs_f64(slot as f64 / rate),
            None => self.started,
        }
    }

    fn run(&mut self) -> Result<(), Failure> {
        while self.done < self.slots.len() {
            let now = Instant::now();
            if now.saturating_duration_since(self.started) > self.load.patience {
                break;
            }
            while self.released < self.slots.len() && self.due(self.released) <= now {
                self.release(self.released)?;
                self.released += 1;
            }
            let wait = if self.released < self.slots.len() {
                self.due(self.released).saturating_duration_since(now)
            } else {
                Duration::from_millis(100)
            };
            for ready in self.poller.wait(wait)? {
                self.serve(ready.id, ready.readable, ready.writable)?;
            }
        }
        Ok(())
    }

    /// A customer's messages keep to one connection: their order is defined.
    fn release(&mut self, slot: usize) -> Result<(), Failure> {
        let index = self.slots[slot];
        let id = index % self.customers % self.connections.len();
        let connection = &mut self.connections[id];
        if connection.current.is_some() {
            connection.queue.push_back(slot);
        } else {
            connection.begin(slot, &self.requests[index], &self.poller)?;
        }
        Ok(())
    }

    fn serve(&mut self, id: usize, readable: bool, writable: bool) -> Result<(), Failure> {
        let connection = &mut self.connections[id];
        if writable && let Some((slot, _)) = connection.current {
            connection.write_on(&self.requests[self.slots[slot]], &self.poller)?;
        }
        if !readable {
            return Ok(());
        }
        let heard = connection.hear(self.address, &self.poller)?;
        let Some((slot, begun)) = connection.current else {
            return Ok(());
        };
        match heard {
            Heard::Nothing => return Ok(()),
            Heard::Answered(200) => self.posted.accepted += 1,
            Heard::Answered(_) => self.posted.refused += 1,
            Heard::Lost => self.posted.broken += 1,
        }
        connection.current = None;
        self.done += 1;
        let now = Instant::now();
        if !matches!(heard, Heard::Lost) {
            let from = if self.load.rate.is_some() {
                self.due(slot)
            } else {
                begun
            };
            self.posted.latencies.add(now.saturating_duration_since(from));
            self.last_answer = now;
        }
        let connection = &mut self.connections[id];
        if let Some(next) = connection.queue.pop_front() {
            connection.begin(next, &self.requests[self.slots[next]], &self.poller)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Posted {
        let mut due = vec![self.started; self.requests.len()];
        for slot in (0..self.slots.len()).rev() {
            due[self.slots[slot]] = self.due(slot);
        }
        self.posted.due = due;
        self.posted.took = self.last_answer.saturating_duration_since(self.started);
        // What was never answered counts as broken.
        self.posted.broken += (self.slots.len() - self.done) as u64;
        self.posted
    }
}

#[cfg(test)]
mod tests {
    use super::slots;

    #[test]
    fn duplicates_repeat_an_earlier_message() {
        assert_eq!(slots(3, 0), [0, 1, 2]);
        assert_eq!(slots(8, 4), [0, 1, 2, 3, 1, 4, 5, 6, 7, 5]);
    }
}
