//! What waits for Redis is taken along in its order, and no more than can be held.

use switchboard_domain::Arrival;

use crate::world::{NODE, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_come_first_and_no_more_than_weigh_enough() {
    let world = World::new().await;
    let spool = &world.hub.store.spool;
    for nth in [3, 1, 2] {
        let arrival = Arrival::from_micros(1_760_000_000_000_000 + i64::from(nth));
        spool.put(arrival, NODE, vec![nth; 10]).await.unwrap();
    }
    let taken = async |limit, bytes| {
        let oldest = spool.oldest(limit, bytes).await.unwrap();
        let firsts = oldest.iter().map(|one| one.payload[0]);
        firsts.collect::<Vec<u8>>()
    };
    assert_eq!(taken(10, 1000).await, [1, 2, 3]);
    assert_eq!(taken(10, 20).await, [1, 2]);
    assert_eq!(taken(10, 1).await, [1], "one at least");
    assert_eq!(taken(2, 1000).await, [1, 2]);
}
