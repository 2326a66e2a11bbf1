//! Where requests may go whose address somebody chose: not into the deployment's own network, unless that is allowed.
//!
//! A name is resolved here, what isn't public is left out, and the connection is made to what remains: so a name that
//! answers differently the second time (DNS rebinding) gains nothing. Redirects aren't followed (`http_client`).
//! Which addresses aren't public: the registries of special-purpose addresses (RFC 6890, IANA).

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use tokio::net::lookup_host;

/// One policy for the whole process; set once, before anything is sent.
static PUBLIC_ONLY: AtomicBool = AtomicBool::new(false);

/// From now on nothing is sent to an address that isn't public.
pub fn only_to_public_addresses() {
    PUBLIC_ONLY.store(true, Ordering::Relaxed);
}

/// Whether somebody could have this address on the Internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4 in other clothes: mapped, translated (RFC 6052), 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => embedded(high, low),
        [0x2001, 0xdb8 | 0x0..=0x1ff, ..] => false,
        // Only this eighth is in use for unicast at all.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn may_reach(ip: IpAddr) -> bool {
    !PUBLIC_ONLY.load(Ordering::Relaxed) || is_public(ip)
}

/// Whether the address itself, if it is one and no name, may be reached. Names are looked at when they are resolved.
pub fn may_ask(url: &Url) -> bool {
    match url.host_str().map(|host| host.trim_matches(['[', ']'])) {
        None => false,
        Some(host) => match host.parse::<IpAddr>() {
            Ok(ip) => may_reach(ip),
            Err(_) => !(PUBLIC_ONLY.load(Ordering::Relaxed) && is_local_name(host)),
        },
    }
}

/// RFC 6761, 6.3: names that never leave the machine.
fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// The addresses of a host that may be reached.
pub async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let host = host.trim_matches(['[', ']']);
    let found: Vec<SocketAddr> = lookup_host((host, port))
        .await?
        .filter(|address| may_reach(address.ip()))
        .collect();
    if found.is_empty() {
        let why = "this host has no address that may be reached from here";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    Ok(found)
}

/// [`resolve`], for the HTTP client.
pub(crate) struct Guard;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = resolve(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_anybody_could_have_is_public() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for ip in [
            "1.1.1.1",
            "157.240.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2a00::1",
        ] {
            assert!(public(ip), "{ip}");
        }
        let inside = [
            "127.0.0.1",
            "127.8.9.10",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "100::1",
        ];
        for ip in inside {
            assert!(!public(ip), "{ip}");
        }
        assert!(public("::ffff:1.1.1.1") && public("64:ff9b::101:101"));
    }

    #[test]
    fn addresses_are_recognised_however_they_are_written() {
        // The URL standard turns all of these into the same four bytes, or refuses them.
        for url in [
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://user@127.0.0.1:80/",
            "http://[::ffff:7f00:1]/",
            "http://①②⑦.0.0.1/",
        ] {
            let url = Url::parse(url).unwrap();
            let host = url.host_str().unwrap().trim_matches(['[', ']']);
            assert!(!is_public(host.parse().unwrap()), "{url}");
        }
        assert!(
            is_local_name("LOCALHOST.")
                && is_local_name("a.localhost")
                && !is_local_name("localhost.example")
        );
    }
}
