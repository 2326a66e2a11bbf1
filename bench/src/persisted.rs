//! How many messages of a run are persisted: asked of MongoDB, or of a command.

use std::{
    future::IntoFuture,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use mongodb::{Client, Collection, bson::Document};

use crate::{Failure, arguments::Target};

/// Between two questions. Small against a drain, and rare enough not to be load.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) enum Persisted {
    Mongo {
        runtime: tokio::runtime::Runtime,
        messages: Collection<Document>,
        /// How many there were before.
        before: u64,
    },
    /// The command, and what it said before.
    Command(String, u64),
    Unknown,
}

impl Persisted {
    pub(crate) fn open(target: &Target) -> Result<Self, Failure> {
        if let Some(command) = &target.count_cmd {
            return Ok(Self::Command(command.clone(), ask(command)?));
        }
        let Some(uri) = &target.mongo else {
            return Ok(Self::Unknown);
        };
        // Whoever comes first decides; the driver needs one even for plain TCP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let client = runtime
            .block_on(Client::with_uri_str(uri))
            .map_err(|error| from_mongo(&error))?;
        let messages: Collection<Document> = client.database(&target.database).collection("messages");
        let before = runtime.block_on(messages.estimated_document_count().into_future());
        Ok(Self::Mongo {
            before: before.map_err(|error| from_mongo(&error))?,
            runtime,
            messages,
        })
    }

    /// `None` if nobody can say.
    pub(crate) fn count(&self) -> Result<Option<u64>, Failure> {
        match self {
            Self::Mongo {
                runtime,
                messages,
                before,
            } => {
                // From the collection's metadata: it costs nothing, and no server of ours has died on the way.
                let count = messages.estimated_document_count().into_future();
                let count = runtime.block_on(count).map_err(|error| from_mongo(&error))?;
                Ok(Some(count.saturating_sub(*before)))
            }
            Self::Command(command, before) => Ok(Some(ask(command)?.saturating_sub(*before))),
            Self::Unknown => Ok(None),
        }
    }

    /// Waits for `wanted` and says when they were there; `None` if nobody can say or patience ended.
    pub(crate) fn wait_for(&self, wanted: u64, patience: Duration) -> Result<Option<Instant>, Failure> {
        let deadline = Instant::now() + patience;
        while let Some(count) = self.count()? {
            let now = Instant::now();
            if count >= wanted {
                return Ok(Some(now));
            }
            if now > deadline {
                eprintln!(
                    "only {count} of {wanted} were persisted in {} s",
                    patience.as_secs()
                );
                break;
            }
            thread::sleep(PAUSE);
        }
        Ok(None)
    }
}

fn from_mongo(error: &mongodb::error::Error) -> Failure {
    Failure::new(format!("MongoDB doesn't say: {error}"))
}

fn ask(command: &str) -> Result<u64, Failure> {
    let output = Command::new("sh").args(["-c", command]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .map_err(|_| Failure::new(format!("`{command}` printed no number: {text:?}")))
}
