//! The servers the other tests stand on do what those tests take for granted.

use std::time::Duration;

use mongodb::{
    Client, Collection,
    bson::{Document, doc},
    options::{Acknowledgment, WriteConcern},
};
use redis::AsyncCommands;
use switchboard_tests::{Isolated, Mongo, Valkey, eventually};

const SOON: Duration = Duration::from_secs(20);

async fn things(mongo: &Mongo) -> Collection<Document> {
    Client::with_uri_str(mongo.uri())
        .await
        .unwrap()
        .database("smoke")
        .collection("things")
}

async fn connect(valkey: &Valkey) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(valkey.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

#[tokio::test]
async fn valkey_keeps_what_it_acknowledged_through_sigkill() {
    let mut valkey = Valkey::start().await;
    let mut connection = connect(&valkey).await;
    for number in 0..1000 {
        let _: String = connection.xadd("lane", "*", &[("number", number)]).await.unwrap();
    }
    valkey.kill();
    assert!(
        connection.xlen::<_, u64>("lane").await.is_err(),
        "a killed server answers"
    );
    valkey.restart().await;
    let mut connection = connect(&valkey).await;
    assert_eq!(connection.xlen::<_, u64>("lane").await.unwrap(), 1000);

    valkey.restart_empty().await;
    assert_eq!(connect(&valkey).await.xlen::<_, u64>("lane").await.unwrap(), 0);
}

#[tokio::test]
async fn mongod_keeps_majority_writes_through_sigkill() {
    let mut mongo = Mongo::start().await;
    let collection = things(&mongo).await;
    let majority = WriteConcern::builder().w(Acknowledgment::Majority).build();
    let documents = (0..100).map(|number| doc! { "_id": number });
    collection
        .insert_many(documents)
        .write_concern(majority)
        .await
        .unwrap();
    mongo.kill();
    mongo.restart().await;
    assert_eq!(things(&mongo).await.count_documents(doc! {}).await.unwrap(), 100);
}

#[tokio::test]
async fn mongod_has_transactions_and_comes_back_from_a_step_down() {
    let mongo = Mongo::start().await;
    let collection = things(&mongo).await;
    collection.insert_one(doc! { "_id": "kept" }).await.unwrap();
    let mut session = collection.client().start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    collection
        .insert_one(doc! { "_id": "undone" })
        .session(&mut session)
        .await
        .unwrap();
    session.abort_transaction().await.unwrap();

    mongo.step_down(1).await;
    eventually("writes after the step-down", SOON, async || {
        collection.insert_one(doc! {}).await.is_ok()
    })
    .await;
    assert_eq!(
        collection.count_documents(doc! { "_id": "kept" }).await.unwrap(),
        1
    );
    assert_eq!(
        collection
            .count_documents(doc! { "_id": "undone" })
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn a_paused_valkey_hangs_and_then_answers() {
    let valkey = Valkey::start().await;
    let mut connection = connect(&valkey).await;
    valkey.pause();
    let mut waiting = connection.clone();
    let answer = tokio::time::timeout(Duration::from_millis(300), waiting.set::<_, _, ()>("key", 1));
    assert!(answer.await.is_err(), "a paused server answers");
    valkey.resume();
    eventually("an answer after the pause", SOON, async || {
        connection.set::<_, _, ()>("key", 2).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn isolated_corners_dont_meet_and_leave_nothing() {
    let (one, other) = (Isolated::new().await, Isolated::new().await);
    one.database()
        .await
        .collection("things")
        .insert_one(doc! { "mine": true })
        .await
        .unwrap();
    one.redis()
        .await
        .set::<_, _, ()>(format!("{}key", one.prefix), 1)
        .await
        .unwrap();
    assert_eq!(one.keys().await, [format!("{}key", one.prefix)]);
    assert!(other.keys().await.is_empty());
    assert!(
        other
            .database()
            .await
            .list_collection_names()
            .await
            .unwrap()
            .is_empty()
    );

    let (db, key) = (one.db.clone(), format!("{}key", one.prefix));
    drop(one);
    assert!(!other.redis().await.exists::<_, bool>(key).await.unwrap());
    let names = other
        .database()
        .await
        .client()
        .list_database_names()
        .await
        .unwrap();
    assert!(!names.contains(&db), "{db} is still there");
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let valkey = Valkey::start().await;
    let url = valkey.url();
    drop(valkey);
    let client = redis::Client::open(url).unwrap();
    assert!(client.get_multiplexed_async_connection().await.is_err());
}
