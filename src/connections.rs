//! How many connections one address holds at a time, so that nobody takes them all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::auth::throttle::network;

/// The connections of one kind, by where they come from.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// One of an address's connections; dropping it gives it back.
#[derive(Debug)]
pub struct Connection {
    all: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// At most so many of each address; of IPv6, of each network.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: Mutex::default(),
        })
    }

    /// `None`: the address has as many as it may.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Connection> {
        let address = network(address);
        let mut held = self.held();
        if held.get(&address).is_some_and(|count| *count >= self.most) {
            return None;
        }
        *held.entry(address).or_default() += 1;
        let all = self.clone();
        Some(Connection { all, address })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut held = self.all.held();
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let all = Connections::new(2);
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = all.take(here).unwrap();
        let second = all.take(here).unwrap();
        assert!(all.take(here).is_none());
        assert!(all.take(there).is_some());
        drop(first);
        let third = all.take(here);
        assert!(third.is_some() && all.take(here).is_none());
        drop((second, third));
        assert!(all.held().is_empty());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let all = Connections::new(1);
        let _first = all.take("2001:db8::1".parse().unwrap()).unwrap();
        assert!(all.take("2001:db8::2".parse().unwrap()).is_none());
        assert!(all.take("2001:db8:0:1::1".parse().unwrap()).is_some());
    }
}
