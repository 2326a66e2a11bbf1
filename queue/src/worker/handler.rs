//! What a lane's worker does with a batch.

use std::{
    future::Future,
    marker::PhantomData,
    sync::Arc,
    task::{Context, Poll},
};

use apalis_core::{error::BoxDynError, task::Task};
use futures_util::future::BoxFuture;
use tokio::task::{JoinError, JoinHandle};
use tower::Service;

use crate::{Batch, Outcome};

/// Works off batches. Safe to run twice on the same job: a crash between the effect and the settling repeats it.
pub trait Handler<T>: Send + Sync + 'static {
    /// One outcome per job, in the batch's order. A job without one is retried.
    ///
    /// A panic settles nothing: the jobs come back after the lease, in the end one by one, so that the one that
    /// causes it is given up alone.
    fn handle(&self, batch: Batch<T>) -> impl Future<Output = Vec<Outcome>> + Send;
}

/// A [`Handler`] as the service apalis calls. Each batch is a Tokio task: batches run on all cores, and a panic ends
/// its batch, not the worker.
pub struct HandlerService<T, H> {
    handler: Arc<H>,
    payload: PhantomData<fn(T)>,
}

impl<T, H> HandlerService<T, H> {
    pub fn new(handler: &Arc<H>) -> Self {
        Self {
            handler: Arc::clone(handler),
            payload: PhantomData,
        }
    }
}

impl<T: Send + 'static, H: Handler<T>> Service<Task<Batch<T>>> for HandlerService<T, H> {
    type Response = Vec<Outcome>;
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<Vec<Outcome>, BoxDynError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, task: Task<Batch<T>>) -> Self::Future {
        let handler = Arc::clone(&self.handler);
        let mut batch = Owned(tokio::spawn(async move { handler.handle(task.args).await }));
        Box::pin(async move { (&mut batch.0).await.map_err(describe) })
    }
}

fn describe(error: JoinError) -> BoxDynError {
    match error.try_into_panic() {
        Ok(panic) => {
            let words = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            format!("the handler panicked: {}", words.unwrap_or_default()).into()
        }
        Err(error) => error.into(),
    }
}

/// A task that ends with whoever waits for it.
pub struct Owned<T>(pub JoinHandle<T>);

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
