//! The yardstick for acknowledgements: an axum handler that checks the HMAC, does one `XADD`, and nothing else.
//!
//! `REDIS_URL` and `PORT` say where; `GET /count` tells how many it has taken.

use std::{env, net::Ipv4Addr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use hmac::{Hmac, KeyInit, Mac};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use sha2::Sha256;
use tokio::net::TcpListener;

const STREAM: &str = "bare";
const SECRET: &[u8] = b"bench-app-secret";

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let port: u16 = env::var("PORT")?.parse()?;
    let redis = redis::Client::open(env::var("REDIS_URL")?)?;
    let redis = redis.get_multiplexed_async_connection().await?;
    let router = Router::new()
        .route("/webhook", post(take))
        .route("/count", get(count))
        .with_state(Arc::new(redis));
    axum::serve(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?, router).await?;
    Ok(())
}

async fn take(
    State(redis): State<Arc<MultiplexedConnection>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if !is_signed(&headers, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    let mut redis = redis.as_ref().clone();
    let added: Result<String, _> = redis.xadd(STREAM, "*", &[("p", &body[..])]).await;
    added.map_or(StatusCode::SERVICE_UNAVAILABLE, |_| StatusCode::OK)
}

fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let signature = headers.get("x-hub-signature-256");
    let signature = signature.and_then(|value| value.as_bytes().strip_prefix(b"sha256="));
    let signature = signature.and_then(|signature| hex::decode(signature).ok());
    let (Some(signature), Ok(mac)) = (signature, Hmac::<Sha256>::new_from_slice(SECRET)) else {
        return false;
    };
    mac.chain_update(body).verify_slice(&signature).is_ok()
}

async fn count(State(redis): State<Arc<MultiplexedConnection>>) -> Result<String, StatusCode> {
    let mut redis = redis.as_ref().clone();
    let count: Result<u64, _> = redis.xlen(STREAM).await;
    count
        .map(|count| count.to_string())
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}
