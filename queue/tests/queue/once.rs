//! Used for one thing by all who ask, until it is forgotten.

use std::time::Duration;

use crate::server::{Server, eventually};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn it_is_good_for_one_purpose_however_often() {
    let server = Server::start().await;
    let (one, two) = (server.connect().await.once(), server.connect().await.once());
    assert!(one.take("x", "this", LONG).await.unwrap());
    assert!(two.take("x", "this", LONG).await.unwrap(), "the same again");
    assert!(!two.take("x", "that", LONG).await.unwrap());
    assert!(two.take("y", "that", LONG).await.unwrap(), "another thing");
    assert!(!one.take("y", "this", LONG).await.unwrap());
}

#[tokio::test]
async fn it_is_forgotten_in_time() {
    let server = Server::start().await;
    let once = server.connect().await.once();
    assert!(once.take("x", "this", Duration::from_millis(50)).await.unwrap());
    eventually("it is forgotten", async || {
        once.take("x", "that", LONG).await.unwrap()
    })
    .await;
}
