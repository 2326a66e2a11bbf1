//! Free loopback ports.

use std::net::{Ipv4Addr, TcpListener};

use uuid::Uuid;

/// Below the range the kernel takes for outgoing connections: otherwise a client that keeps trying a killed server can
/// come to hold that server's port, even connect to itself, and the server can't return.
const FIRST: u16 = 10_000;
const LAST: u16 = 19_999;

/// A port on 127.0.0.1 nobody listens on now. Each call starts looking at a random place, so that tests in parallel don't meet.
pub fn free_port() -> u16 {
    let span = u128::from(LAST - FIRST) + 1;
    let start = u16::try_from(Uuid::new_v4().as_u128() % span).unwrap();
    (0..=LAST - FIRST)
        .map(|step| FIRST + (start + step) % (LAST - FIRST + 1))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("no free port between 10000 and 19999")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_over_a_port_in_use() {
        let port = free_port();
        let _held = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert!((FIRST..=LAST).contains(&port));
        assert!((0..200).all(|_| free_port() != port));
    }
}
