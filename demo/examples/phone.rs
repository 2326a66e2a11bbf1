//! The fake alone: `cargo run -p switchboard-demo --example phone -- http://127.0.0.1:8080 [127.0.0.1:8090]`.

use std::{io, net::SocketAddr};

use switchboard_demo::{FakeGraph, FakeGraphOptions};

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let hub = arguments
        .next()
        .unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let address: SocketAddr = arguments
        .next()
        .as_deref()
        .unwrap_or("127.0.0.1:8090")
        .parse()
        .map_err(io::Error::other)?;
    let fake = FakeGraph::start(address, FakeGraphOptions::demo(hub)).await?;
    println!("the customer's phone: {}", fake.url());
    tokio::signal::ctrl_c().await
}
