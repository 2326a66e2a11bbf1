//! What isn't kept any longer goes, and nothing else.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use futures_util::{TryStreamExt, future::join_all};
use mongodb::{
    IndexModel,
    bson::{DateTime, Document, doc},
};
use switchboard_domain::{
    Attachment, Conversation, ConversationId, CustomerId, Retention, Timestamp, Visible,
};
use switchboard_queue::Lane;
use switchboard_tests::{eventually, wa::Text};
use switchboard_workers::files::NewFile;

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_hours(24);

/// The times of indexes by which documents expire, by collection and name.
async fn expiring(world: &World, collection: &str) -> BTreeMap<String, u64> {
    let rows = world.db.collection::<Document>(collection);
    // Nothing has been written there yet.
    let Ok(indexes) = rows.list_indexes().await else {
        return BTreeMap::new();
    };
    let indexes: Vec<IndexModel> = indexes.try_collect().await.unwrap();
    let options = indexes.into_iter().filter_map(|index| index.options);
    options
        .filter_map(|options| Some((options.name?, options.expire_after?.as_secs())))
        .collect()
}

#[tokio::test]
async fn what_expires_by_itself_follows_the_configuration() {
    let world = World::new().await;
    let migrate = async |event_log: Option<Duration>| {
        let retention = Retention {
            event_log,
            ..Retention::default()
        };
        world.hub.store.migrate(&retention).await.unwrap();
    };
    assert!(expiring(&world, "event_log").await.is_empty(), "kept for ever");
    // As earlier versions had it.
    let rows = world.db.collection::<Document>("event_log");
    let before = mongodb::options::IndexOptions::builder()
        .name("kept_ninety_days".to_owned())
        .expire_after(DAY * 90)
        .build();
    let before = IndexModel::builder()
        .keys(doc! { "received_at": 1 })
        .options(before);
    rows.create_index(before.build()).await.unwrap();
    for count in [90, 30, 365] {
        migrate(Some(DAY * count)).await;
        let one = BTreeMap::from([("kept".to_owned(), u64::from(count) * DAY.as_secs())]);
        assert_eq!(expiring(&world, "event_log").await, one);
    }
    migrate(None).await;
    assert!(expiring(&world, "event_log").await.is_empty());
    // Nodes that start at once get in nobody's way.
    join_all((0..4).map(|_| migrate(Some(DAY * 7)))).await;
    assert_eq!(expiring(&world, "event_log").await["kept"], 7 * DAY.as_secs());
}

/// The conversation of somebody who wrote.
async fn written(world: &World, from: &str) -> Conversation {
    let id = format!("wamid.{from}");
    let text = Text {
        id: &id,
        from,
        name: "Ann",
        body: "hello",
        at: world.hub.clock.now(),
    };
    world.post(&world.number.text(&text)).await;
    let key = Conversation::open_key(&World::key(), from);
    let conversations = &world.hub.store.conversations;
    eventually("the conversation", SOON, async || {
        conversations.open_of_contact(&key).await.unwrap().is_some() && world.is_idle().await
    })
    .await;
    conversations.open_of_contact(&key).await.unwrap().unwrap()
}

async fn upload(world: &World, conversation: Option<&ConversationId>, bytes: &'static str) -> Attachment {
    let file = NewFile {
        bytes: Bytes::from_static(bytes.as_bytes()),
        file_name: Some("a.txt".into()),
        mime_type: Some("text/plain".into()),
        conversation_id: conversation.cloned(),
        uploaded_by: Some("agent".into()),
    };
    world.hub.keep_file(file).await.unwrap()
}

/// Part of a message, so that it isn't an upload that was never sent.
async fn attached(world: &World, file: &Attachment) {
    let set = doc! { "$set": { "message_id": "m" } };
    let rows = world.db.collection::<Document>("attachments");
    rows.update_one(doc! { "_id": file.id.as_str() }, set)
        .await
        .unwrap();
}

async fn has_bytes(world: &World, file: &Attachment) -> bool {
    let sha256 = file.sha256.as_deref().unwrap();
    world.hub.files.bytes(sha256).await.is_ok()
}

async fn resolved(world: &World, id: &ConversationId) {
    world.hub.resolve(&Visible::Everything, id).await.unwrap();
}

async fn retain(world: &World, retention: &Retention, now: Timestamp) {
    let through = world.hub.retain(retention, now, || true).await.unwrap();
    assert!(through);
}

async fn left(world: &World, conversation: &Conversation) -> u64 {
    let id = conversation.id.as_str();
    let of_it = doc! { "$or": [{ "conversation_id": id }, { "_id": id }] };
    let mut left = 0;
    for name in world.db.list_collection_names().await.unwrap() {
        left += world.count(&name, of_it.clone()).await;
    }
    left
}

#[tokio::test]
async fn resolved_conversations_go_with_all_that_is_theirs_and_later_their_customers() {
    let world = World::new().await;
    let running = world.run();
    let (old, open) = (
        written(&world, "15550000001").await,
        written(&world, "15550000002").await,
    );
    let (own, shared) = (
        upload(&world, Some(&old.id), "bytes of the old one").await,
        upload(&world, Some(&old.id), "bytes of both").await,
    );
    let kept = upload(&world, Some(&open.id), "bytes of both").await;
    attached(&world, &kept).await;
    resolved(&world, &old.id).await;
    eventually("all is told", SOON, async || world.is_idle().await).await;
    running.stop().await;
    let now = world.hub.clock.now();
    let retention = Retention {
        conversations: Some(DAY * 30),
        customers: Some(DAY * 10),
        ..Retention::default()
    };
    retain(&world, &retention, now.plus(DAY * 29)).await;
    assert!(left(&world, &old).await > 2, "it isn't time yet");
    // Cut off after each step, and begun again.
    let later = now.plus(DAY * 31);
    while !world.hub.retain(&retention, later, || false).await.unwrap() {}
    assert_eq!(left(&world, &old).await, 0);
    assert!(left(&world, &open).await >= 2);
    assert!(!has_bytes(&world, &own).await && has_bytes(&world, &shared).await);
    let customer = |id: &CustomerId| {
        let id = id.clone();
        let customers = world.hub.store.customers.clone();
        async move { customers.get(&id).await.unwrap().is_some() }
    };
    assert!(
        customer(&old.customer_id).await,
        "customers have a time of their own"
    );
    retain(&world, &retention, later.plus(DAY * 11)).await;
    assert!(customer(&old.customer_id).await, "nobody finds them any more");
    retain(&world, &retention, later.plus(DAY * 13)).await;
    assert!(!customer(&old.customer_id).await);
    assert!(customer(&open.customer_id).await);
}

#[tokio::test]
async fn files_go_before_their_messages_and_uploads_that_nobody_sent_too() {
    let world = World::new().await;
    let conversation = ConversationId::fresh();
    let sent = upload(&world, Some(&conversation), "sent").await;
    attached(&world, &sent).await;
    let unsent = upload(&world, None, "never sent").await;
    // What a crash left between the bytes and their file.
    let lost = upload(&world, None, "of no file").await;
    let rows = world.db.collection::<Document>("attachments");
    rows.delete_one(doc! { "_id": lost.id.as_str() }).await.unwrap();
    let now = world.hub.clock.now();
    let unused = Retention {
        unused_files: Some(DAY * 7),
        ..Retention::default()
    };
    retain(&world, &unused, now.plus(DAY * 6)).await;
    assert!(has_bytes(&world, &unsent).await && has_bytes(&world, &lost).await);
    retain(&world, &unused, now.plus(DAY * 8)).await;
    assert!(!has_bytes(&world, &unsent).await && !has_bytes(&world, &lost).await);
    assert!(has_bytes(&world, &sent).await);
    let files = Retention {
        files: Some(DAY * 7),
        ..Retention::default()
    };
    retain(&world, &files, now.plus(DAY * 8)).await;
    assert!(!has_bytes(&world, &sent).await);
    let known = world.hub.store.attachments.get(&sent.id).await.unwrap().unwrap();
    assert_eq!(known.attachment.error.unwrap().code, "expired");
}

#[tokio::test]
async fn dead_letters_go_when_their_time_is_over() {
    let world = World::new().await;
    world.hub.producer.push(Lane::Bulk, &"not a job").await.unwrap();
    let running = world.run();
    let letters = world.hub.redis.dead_letters();
    let dead = async || letters.list(Lane::Bulk, None, 10).await.unwrap().len();
    eventually("the job is given up", SOON, async || dead().await == 1).await;
    running.stop().await;
    let retention = Retention {
        dead_letters: Some(DAY * 5),
        ..Retention::default()
    };
    let now = world.hub.clock.now();
    retain(&world, &retention, now.plus(DAY * 4)).await;
    assert_eq!(dead().await, 1);
    retain(&world, &retention, now.plus(DAY * 6)).await;
    assert_eq!(dead().await, 0);
}

#[tokio::test]
async fn identical_bytes_that_are_kept_while_others_are_removed_are_never_lost() {
    let world = World::new().await;
    for round in 0..40 {
        let bytes: &'static str = format!("round {round}").leak();
        let old = upload(&world, None, bytes).await;
        let rows = world.db.collection::<Document>("attachments");
        let long_ago = doc! { "$set": { "created_at": DateTime::from_millis(0) } };
        rows.update_one(doc! { "_id": old.id.as_str() }, long_ago)
            .await
            .unwrap();
        let retention = Retention {
            unused_files: Some(DAY * 1),
            ..Retention::default()
        };
        let now = world.hub.clock.now();
        let (new, ()) = tokio::join!(upload(&world, None, bytes), retain(&world, &retention, now));
        assert!(has_bytes(&world, &new).await, "lost in round {round}");
        assert!(world.hub.store.attachments.get(&old.id).await.unwrap().is_none());
    }
}
