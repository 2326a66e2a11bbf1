//! One holder at a time, the next one soon after, and its note for whoever it is.

use std::time::Duration;

use crate::server::{Server, eventually};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn one_holds_it_until_it_is_given_up() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let (one, two) = (redis.lease("x"), redis.lease("x"));
    assert!(one.hold(LONG).await.unwrap());
    assert!(!two.hold(LONG).await.unwrap());
    assert!(one.hold(LONG).await.unwrap(), "held on to");
    assert!(redis.lease("y").hold(LONG).await.unwrap(), "another thing");
    two.release().await.unwrap();
    assert!(!two.hold(LONG).await.unwrap(), "only the holder gives it up");
    one.release().await.unwrap();
    assert!(two.hold(LONG).await.unwrap());
    assert!(!one.hold(LONG).await.unwrap());
}

#[tokio::test]
async fn a_holder_that_falls_silent_loses_it() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let (silent, next) = (redis.lease("x"), redis.lease("x"));
    assert!(silent.hold(Duration::from_millis(50)).await.unwrap());
    eventually("it runs out", async || next.hold(LONG).await.unwrap()).await;
    assert!(!silent.hold(LONG).await.unwrap());
}

#[tokio::test]
async fn a_note_is_the_holders_and_stays_for_the_next() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let (one, two) = (redis.lease("x"), redis.lease("x"));
    assert_eq!(one.note().await.unwrap(), None);
    assert!(!one.leave_note("too early", LONG).await.unwrap());
    one.hold(LONG).await.unwrap();
    assert!(one.leave_note("here I was", LONG).await.unwrap());
    one.release().await.unwrap();
    assert!(two.hold(LONG).await.unwrap());
    assert_eq!(two.note().await.unwrap().as_deref(), Some("here I was"));
    assert!(two.leave_note("and I here", LONG).await.unwrap());
    assert!(
        !one.leave_note("no, here", LONG).await.unwrap(),
        "not its own any more"
    );
    assert_eq!(two.note().await.unwrap().as_deref(), Some("and I here"));
    assert!(two.leave_note("", LONG).await.unwrap());
    assert_eq!(two.note().await.unwrap(), None);
}
