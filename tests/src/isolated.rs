//! A corner of shared servers for one test: a database and a key prefix nobody else uses.

use std::{env, sync::Arc, thread};

use mongodb::Client;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::{mongo::Mongo, scratch::Scratch, valkey::Valkey};

/// For test runs outside `make test`: one pair of servers per test process, which end with it.
static OWN: OnceCell<(Mongo, Valkey)> = OnceCell::const_new();

/// Addresses of real servers, and names on them that are this test's alone. What it wrote is removed when dropped.
///
/// The servers are those `MONGODB_URI` and `REDIS_URL` name (`make test` sets both), else ones this process starts.
#[derive(Debug)]
pub struct Isolated {
    pub mongo_uri: String,
    /// The database to use.
    pub db: String,
    pub redis_url: String,
    /// What every key must start with.
    pub prefix: String,
    /// Where files lie.
    pub files: Arc<Scratch>,
}

impl Isolated {
    pub async fn new() -> Self {
        let (mongo_uri, redis_url) = match (env::var("MONGODB_URI"), env::var("REDIS_URL")) {
            (Ok(mongo), Ok(redis)) => (mongo, redis),
            (mongo, redis) => {
                let own = OWN
                    .get_or_init(async || (Mongo::start().await, Valkey::start().await))
                    .await;
                (
                    mongo.unwrap_or_else(|_| own.0.uri()),
                    redis.unwrap_or_else(|_| own.1.url()),
                )
            }
        };
        Self::on(&mongo_uri, &redis_url)
    }

    /// On servers of the test's own.
    pub fn on(mongo_uri: &str, redis_url: &str) -> Self {
        let name = Uuid::new_v4().simple().to_string();
        Self {
            mongo_uri: mongo_uri.to_owned(),
            db: format!("test_{name}"),
            redis_url: redis_url.to_owned(),
            prefix: format!("t{}", &name[..16]),
            files: Arc::new(Scratch::new("files")),
        }
    }

    /// A driver's client and the test's database.
    pub async fn database(&self) -> mongodb::Database {
        Client::with_uri_str(&self.mongo_uri)
            .await
            .expect("MongoDB's address")
            .database(&self.db)
    }

    /// A new connection to Redis.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.redis_url.as_str()).expect("Redis's address");
        client
            .get_multiplexed_async_connection()
            .await
            .expect("a connection to Redis")
    }

    /// Every key under the prefix.
    pub async fn keys(&self) -> Vec<String> {
        let mut connection = self.redis().await;
        redis::cmd("KEYS")
            .arg(format!("{}*", self.prefix))
            .query_async(&mut connection)
            .await
            .expect("KEYS")
    }

    /// The live stream as it lies in Redis: each entry's id, and its fields and their values in turn.
    pub async fn live_stream(&self) -> Vec<(String, Vec<String>)> {
        let keys = self.keys().await;
        redis::cmd("XRANGE")
            .arg(keys.iter().find(|key| key.ends_with("{live}:events")))
            .arg(&["-", "+"])
            .query_async(&mut self.redis().await)
            .await
            .expect("XRANGE")
    }

    async fn remove(&self) {
        self.database()
            .await
            .drop()
            .await
            .expect("the test's database is dropped");
        let keys = self.keys().await;
        if !keys.is_empty() {
            let mut connection = self.redis().await;
            redis::cmd("UNLINK")
                .arg(keys)
                .exec_async(&mut connection)
                .await
                .expect("UNLINK");
        }
    }
}

impl Drop for Isolated {
    fn drop(&mut self) {
        // Dropping happens inside the test's own runtime, which can't be blocked on; hence a thread with another.
        thread::scope(|scope| {
            let removal = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(self.remove());
            });
            if removal.join().is_err() {
                eprintln!("{} and {}* couldn't be removed", self.db, self.prefix);
            }
        });
    }
}
