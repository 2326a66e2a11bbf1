//! What a lane's worker does with a batch.

use std::future::Future;

use crate::{Batch, Outcome};

/// Works off batches. Safe to run twice on the same job: a crash between the effect and the settling repeats it.
pub trait Handler<T>: Send + Sync + 'static {
    /// One outcome per job, in the batch's order. A job without one is retried.
    ///
    /// A panic settles nothing: the jobs come back after the lease, in the end one by one, so that the one that
    /// causes it is given up alone.
    fn handle(&self, batch: Batch<T>) -> impl Future<Output = Vec<Outcome>> + Send;
}
