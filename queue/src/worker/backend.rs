//! The lane as a source of tasks for apalis.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::Task,
    worker::context::WorkerContext,
};
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::{
    LaneConfig, Link, handler::Owned, housekeeping::Housekeeping, intake::Intake, open::Opened,
    settle::SettleLayer,
};
use crate::{Batch, FromPayload};

/// One consumer of a lane. apalis asks it for a task only when a slot is free, and it asks the reader for a batch only
/// then; after a full batch the next one is fetched ahead, since there is likely more.
pub struct LaneBackend<T> {
    link: Arc<Link>,
    requests: Option<mpsc::Sender<()>>,
    /// A request is with the reader.
    asked: bool,
    feed: Option<Feed<T>>,
    closing: Option<BoxFuture<'static, ()>>,
    _housekeeping: Owned<()>,
}

struct Feed<T> {
    intake: Owned<()>,
    fresh: mpsc::Receiver<Opened<T>>,
    recovered: mpsc::Receiver<Opened<T>>,
}

/// A part of the worker ended by itself, which only a panic can cause; the worker is built anew.
#[derive(Debug, thiserror::Error)]
#[error("the lane's {0} ended")]
pub struct PartEnded(&'static str);

impl<T: FromPayload> LaneBackend<T> {
    pub fn open(link: &Arc<Link>) -> Self {
        let (requests, asked) = mpsc::channel(1);
        let (fresh_sender, fresh) = mpsc::channel(1);
        let (recovered_sender, recovered) = mpsc::channel(link.config.batch_size.max(1));
        let intake = Intake::new(link, asked, fresh_sender);
        let housekeeping = Housekeeping::new(link, recovered_sender);
        Self {
            link: Arc::clone(link),
            requests: Some(requests),
            asked: false,
            feed: Some(Feed {
                intake: Owned(tokio::spawn(intake.run())),
                fresh,
                recovered,
            }),
            closing: None,
            _housekeeping: Owned(tokio::spawn(housekeeping.run())),
        }
    }

    fn ask(&mut self) {
        if !self.asked
            && let Some(requests) = &self.requests
        {
            // Room for one, and only one is ever outstanding.
            self.asked = requests.try_send(()).is_ok();
        }
    }
}

impl<T: FromPayload> Backend for LaneBackend<T> {
    type Task = Task<Batch<T>>;
    type Error = PartEnded;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), PartEnded>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, PartEnded>>> {
        self.ask();
        let Some(feed) = &mut self.feed else {
            return Poll::Ready(None);
        };
        match feed.recovered.poll_recv(cx) {
            Poll::Ready(Some(batch)) => return Poll::Ready(Some(Ok(batch.task))),
            Poll::Ready(None) => return Poll::Ready(Some(Err(PartEnded("housekeeping")))),
            Poll::Pending => {}
        }
        let Some(batch) = ready!(feed.fresh.poll_recv(cx)) else {
            return Poll::Ready(Some(Err(PartEnded("reader"))));
        };
        self.asked = false;
        if batch.full {
            self.ask();
        }
        Poll::Ready(Some(Ok(batch.task)))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), PartEnded>> {
        if let Some(feed) = self.feed.take() {
            self.requests = None;
            self.closing = Some(Box::pin(close(Arc::clone(&self.link), feed)));
        }
        if let Some(closing) = &mut self.closing {
            ready!(closing.as_mut().poll(cx));
            self.closing = None;
        }
        Poll::Ready(Ok(()))
    }
}

/// Ends the reading and hands back what nobody began.
async fn close<T>(link: Arc<Link>, mut feed: Feed<T>) {
    link.stop_reading().await;
    // It may hold a last batch. A reader that panicked has none.
    let _ = (&mut feed.intake.0).await;
    let mut unbegun = Vec::new();
    while let Ok(batch) = feed.fresh.try_recv() {
        unbegun.push(batch);
    }
    while let Ok(batch) = feed.recovered.try_recv() {
        unbegun.push(batch);
    }
    let receipts = unbegun.iter().flat_map(|batch| &batch.lease.receipts);
    let ids: Vec<String> = receipts.map(|receipt| receipt.id.clone()).collect();
    if let Err(error) = link.hand_back(&ids).await {
        let (lane, jobs) = (link.config.lane.as_str(), ids.len());
        tracing::warn!(lane, jobs, %error, "jobs not handed back; they come back after their lease");
    }
}

impl<T: FromPayload> BackendConfig for LaneBackend<T> {
    type Args = Batch<T>;
    type Id = String;
    type Kind = Ephemeral;
    type Config = LaneConfig;
    type Layer = SettleLayer;

    fn config(&self) -> &LaneConfig {
        &self.link.config
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> SettleLayer {
        SettleLayer(Arc::clone(&self.link))
    }
}
