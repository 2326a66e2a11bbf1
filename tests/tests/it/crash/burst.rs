//! Many customers who write at once, as a provider delivers it: concurrently, again where we didn't say 200.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use switchboard_domain::Timestamp;
use switchboard_tests::{Customer, Desk, desk::fresh_wamid, eventually, wa::Text};
use tokio::task::JoinSet;

/// Connections that post.
const CONNECTIONS: usize = 32;
/// Every twentieth webhook is posted twice.
const TWICE: usize = 20;
/// A provider tries for days.
const PATIENCE: Duration = Duration::from_secs(90);

/// A burst on its way.
pub struct Burst {
    desk: Desk,
    customers: Vec<Customer>,
    ids: Vec<String>,
    next: AtomicUsize,
    accepted: AtomicUsize,
    refused: AtomicUsize,
}

/// What came of it.
#[derive(Debug)]
pub struct Posted {
    pub ids: HashSet<String>,
    /// Answers that weren't 200, all of them 503.
    pub refused: usize,
    pub slowest: Duration,
}

impl Burst {
    pub fn new(desk: &Desk, messages: usize, customers: usize) -> Arc<Self> {
        Arc::new(Self {
            desk: desk.clone(),
            customers: (0..customers).map(|_| desk.customer()).collect(),
            ids: (0..messages).map(|_| fresh_wamid()).collect(),
            next: AtomicUsize::new(0),
            accepted: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        })
    }

    /// Posts everything as fast as it is taken.
    pub fn start(self: &Arc<Self>) -> JoinSet<Duration> {
        let mut posting = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let burst = Arc::clone(self);
            posting.spawn(async move { burst.post().await });
        }
        posting
    }

    /// Waits until `share` percent were taken.
    pub async fn reached(&self, share: usize) {
        let wanted = self.ids.len() * share / 100;
        eventually(&format!("{share} % taken"), PATIENCE, async || {
            self.accepted.load(Ordering::Relaxed) >= wanted
        })
        .await;
    }

    pub async fn finish(&self, mut posting: JoinSet<Duration>) -> Posted {
        let mut slowest = Duration::ZERO;
        while let Some(ended) = posting.join_next().await {
            slowest = slowest.max(ended.unwrap());
        }
        Posted {
            ids: self.ids.iter().cloned().collect(),
            refused: self.refused.load(Ordering::Relaxed),
            slowest,
        }
    }

    /// One connection; the slowest answer.
    async fn post(&self) -> Duration {
        let mut slowest = Duration::ZERO;
        loop {
            let nth = self.next.fetch_add(1, Ordering::Relaxed);
            if nth >= self.ids.len() {
                return slowest;
            }
            let copies = 1 + usize::from(nth.is_multiple_of(TWICE));
            for _ in 0..copies {
                slowest = slowest.max(self.deliver(nth).await);
            }
            self.accepted.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Until it is taken.
    async fn deliver(&self, nth: usize) -> Duration {
        // Several in each second, and later ones earlier now and then: the provider's time decides the order.
        let second = (nth / 50) ^ 1;
        let webhook = self.desk.number.text(&Text {
            id: &self.ids[nth],
            from: &self.customers[nth % self.customers.len()].phone,
            name: "Customer",
            body: &format!("message {nth}"),
            at: Timestamp::from_secs(1_760_000_000 + i64::try_from(second).unwrap()),
        });
        let mut slowest = Duration::ZERO;
        let started = Instant::now();
        loop {
            let asked = Instant::now();
            let answer = self.desk.post(&webhook).await;
            slowest = slowest.max(asked.elapsed());
            if answer.status == 200 {
                return slowest;
            }
            assert_eq!(answer.error(503), "unavailable");
            assert!(
                !answer.header("retry-after").is_empty(),
                "503 without Retry-After"
            );
            assert!(started.elapsed() < PATIENCE, "not taken within {PATIENCE:?}");
            self.refused.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
