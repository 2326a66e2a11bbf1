//! Waiting for something to come true: poll with a deadline, never a bare sleep.

use std::time::{Duration, Instant};

/// Between two looks. Short enough that a fast test stays fast.
const PAUSE: Duration = Duration::from_millis(20);

/// Polls `look` until it is true. Panics with `what` when the deadline passes first.
pub async fn eventually(what: &str, deadline: Duration, mut look: impl AsyncFnMut() -> bool) {
    eventually_some(what, deadline, async || look().await.then_some(())).await;
}

/// Polls `look` until it finds something, and returns that. Panics with `what` when the deadline passes first.
pub async fn eventually_some<T>(
    what: &str,
    deadline: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < deadline, "not within {deadline:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn looks_again_until_found() {
        let mut looks = 0;
        let found = eventually_some("the third look", Duration::from_secs(5), async || {
            looks += 1;
            (looks == 3).then_some(looks)
        })
        .await;
        assert_eq!(found, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "not within 50ms: pigs fly")]
    async fn gives_up_at_the_deadline() {
        eventually("pigs fly", Duration::from_millis(50), async || false).await;
    }
}
