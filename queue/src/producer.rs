//! Putting jobs into lanes.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use switchboard_domain::Timestamp;

use crate::{
    Lane, QueueError, Redis,
    append::Appender,
    entry::PAYLOAD,
    lane::Keys,
    pipelines::pipelines,
    scripts::{CANCEL, SCHEDULE},
};

/// Jobs per pipeline in [`Producer::push_all`].
const CHUNK: usize = 500;

/// Appends jobs. Every call returns `Ok` only after Redis confirmed it; after an error the job may be there or not
/// (jobs are safe to run twice), and the caller decides: spool it, answer 503, try again.
#[derive(Clone)]
pub struct Producer {
    redis: Redis,
    appender: Appender,
    lanes: Arc<[(Keys, Arc<str>)]>,
}

impl Producer {
    /// Starts the appender, so it needs a Tokio runtime. Clone it rather than making many.
    pub fn new(redis: &Redis) -> Self {
        let lanes = Lane::ALL.iter().map(|lane| {
            let keys = redis.keys(*lane);
            let stream = keys.stream.as_str().into();
            (keys, stream)
        });
        Self {
            redis: redis.clone(),
            appender: Appender::start(redis),
            lanes: lanes.collect(),
        }
    }

    /// Appends one payload as it is. The hot path: concurrent callers share a pipeline.
    ///
    /// # Errors
    /// Within about a second if Redis stops answering, at once while it is known to be down.
    pub async fn push_bytes(&self, lane: Lane, payload: Bytes) -> Result<(), QueueError> {
        let (_, stream) = self.lane(lane);
        self.appender.append(Arc::clone(stream), payload).await
    }

    /// Appends one job as JSON.
    pub async fn push(&self, lane: Lane, job: &impl Serialize) -> Result<(), QueueError> {
        self.push_bytes(lane, serde_json::to_vec(job)?.into()).await
    }

    /// Appends jobs as JSON, in order, in pipelines of bounded size. After an error the first of them may be there.
    pub async fn push_all<T: Serialize>(&self, lane: Lane, jobs: &[T]) -> Result<(), QueueError> {
        let payloads: Vec<Bytes> = jobs
            .iter()
            .map(|job| serde_json::to_vec(job).map(Bytes::from))
            .collect::<Result<_, _>>()?;
        self.push_all_bytes(lane, &payloads).await
    }

    /// Like [`Self::push_all`], with payloads as they are.
    pub async fn push_all_bytes(&self, lane: Lane, payloads: &[Bytes]) -> Result<(), QueueError> {
        let (_, stream) = self.lane(lane);
        let mut connection = self.redis.commands();
        for chunk in pipelines(payloads, CHUNK, Bytes::len) {
            let mut pipeline = redis::Pipeline::with_capacity(chunk.len());
            for payload in chunk {
                pipeline
                    .cmd("XADD")
                    .arg(&**stream)
                    .arg("*")
                    .arg(PAYLOAD)
                    .arg(&**payload)
                    .ignore();
            }
            pipeline.exec_async(&mut connection).await?;
        }
        Ok(())
    }

    /// Sets the lane's timer `key`: `job` becomes ready at `at`. A timer of that key that hasn't fired yet is replaced;
    /// one that has fired is a job like any other and stays.
    pub async fn schedule(
        &self,
        lane: Lane,
        key: &str,
        at: Timestamp,
        job: &impl Serialize,
    ) -> Result<(), QueueError> {
        let payload = serde_json::to_vec(job)?;
        self.schedule_bytes(lane, key, at, &payload).await
    }

    /// Like [`Self::schedule`], with the payload as it is.
    pub async fn schedule_bytes(
        &self,
        lane: Lane,
        key: &str,
        at: Timestamp,
        payload: &[u8],
    ) -> Result<(), QueueError> {
        let (keys, _) = self.lane(lane);
        let mut connection = self.redis.commands();
        let () = SCHEDULE
            .key(&keys.delayed)
            .key(&keys.delayed_jobs)
            .arg(key)
            .arg(at.as_millis())
            .arg(payload)
            .invoke_async(&mut connection)
            .await?;
        Ok(())
    }

    /// Removes the lane's timer `key`; false if there is none, or it has fired.
    pub async fn cancel(&self, lane: Lane, key: &str) -> Result<bool, QueueError> {
        let (keys, _) = self.lane(lane);
        let mut connection = self.redis.commands();
        Ok(CANCEL
            .key(&keys.delayed)
            .key(&keys.delayed_jobs)
            .arg(key)
            .invoke_async(&mut connection)
            .await?)
    }

    fn lane(&self, lane: Lane) -> &(Keys, Arc<str>) {
        &self.lanes[lane as usize]
    }
}
