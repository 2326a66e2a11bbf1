//! Erasures that are cut off anywhere, and customers who go on writing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, DateTime, Document, doc};
use switchboard_domain::{Clock, Conversation, CustomerId, ErasureState, Timestamp};
use switchboard_queue::Outcome;
use switchboard_tests::{eventually, wa::Text};
use tokio::time::timeout;

use crate::world::World;

const SOON: Duration = Duration::from_mins(1);
const PHONE: &str = "15550007731";

async fn say(world: &World, words: &str) {
    let id = format!("wamid.{words}");
    let text = Text {
        id: &id,
        from: PHONE,
        name: "Planted Name",
        body: words,
        at: world.hub.clock.now(),
    };
    world.post(&world.number.text(&text)).await;
}

async fn open_conversation(world: &World) -> Option<Conversation> {
    let key = Conversation::open_key(&World::key(), PHONE);
    world.hub.store.conversations.open_of_contact(&key).await.unwrap()
}

async fn customer(world: &World) -> CustomerId {
    eventually("the conversation", SOON, async || {
        open_conversation(world).await.is_some() && world.is_idle().await
    })
    .await;
    open_conversation(world).await.unwrap().customer_id
}

/// Documents that say this somewhere.
async fn left(world: &World, trace: &str) -> Vec<String> {
    let mut left = Vec::new();
    for name in world.db.list_collection_names().await.unwrap() {
        let rows = world.db.collection::<Document>(&name);
        let mut rows = rows.find(doc! {}).await.unwrap();
        while let Some(row) = rows.try_next().await.unwrap() {
            let mut text = row.to_string();
            if let Some(Bson::Binary(body)) = row.get("body") {
                text += &String::from_utf8_lossy(&body.bytes);
            }
            if text.contains(trace) {
                left.push(format!("{name}: {text}"));
            }
        }
    }
    left
}

#[tokio::test]
async fn an_erasure_ends_wherever_it_is_cut_off() {
    let world = World::new().await;
    let running = world.run();
    for nth in 0..20 {
        say(&world, &format!("planted-words-{nth}")).await;
    }
    let id = customer(&world).await;
    running.stop().await;
    world
        .hub
        .store
        .erasures
        .request(&id, world.hub.clock.now())
        .await
        .unwrap();
    // A hub whose time can be moved on, so that nothing has to be waited for.
    let (ahead, mut hub) = (Arc::new(AtomicI64::new(0)), world.sibling().await);
    let (system, moved) = (Clock::system(), ahead.clone());
    hub.clock = Clock::from_fn(move || system.micros() + moved.load(Ordering::SeqCst));
    let (mut allowed, mut cut_off) = (Duration::ZERO, 0);
    loop {
        // Dropped in the middle, as a killed worker drops it; a little later each time.
        allowed += Duration::from_millis(1);
        match timeout(allowed, hub.erase_customer(&id)).await {
            Err(_) => cut_off += 1,
            Ok(Ok(Outcome::Done)) => break,
            Ok(Ok(Outcome::Postpone { delay })) => {
                let micros = i64::try_from(delay.as_micros()).unwrap();
                ahead.fetch_add(micros, Ordering::SeqCst);
                allowed = Duration::ZERO;
            }
            Ok(other) => panic!("{other:?}"),
        }
    }
    assert!(cut_off > 10, "it was cut off {cut_off} times only");
    for trace in [PHONE, "planted-words", "Planted Name"] {
        assert_eq!(left(&world, trace).await, Vec::<String>::new());
    }
    let erasure = world.hub.store.erasures.of(&id).await.unwrap().unwrap();
    assert_eq!(erasure.state, ErasureState::Erased);
    assert_eq!(
        (erasure.progress.messages, erasure.progress.messages_erased),
        (20, 20)
    );
}

/// What somebody said, and when it came.
async fn said(world: &World) -> Vec<(String, String, Timestamp)> {
    let rows = world.db.collection::<Document>("messages");
    let rows: Vec<Document> = rows.find(doc! {}).await.unwrap().try_collect().await.unwrap();
    let text = |row: &Document| {
        row.get_document("content")
            .unwrap()
            .get_str("text")
            .map(str::to_owned)
    };
    rows.iter()
        .filter_map(|row| {
            let at: &DateTime = row.get_datetime("received_at").unwrap();
            let conversation = row.get_str("conversation_id").unwrap().to_owned();
            Some((
                text(row).ok()?,
                conversation,
                Timestamp::from_millis(at.timestamp_millis()),
            ))
        })
        .collect()
}

#[tokio::test]
async fn whoever_goes_on_writing_while_they_are_erased_begins_anew_and_loses_nothing() {
    let world = World::new().await;
    let running = world.run();
    say(&world, "first words").await;
    let id = customer(&world).await;
    let mut posted = Vec::new();
    for nth in 0..300 {
        if nth == 100 {
            world.hub.request_erasure(&id).await.unwrap();
        }
        let words = format!("words {nth}");
        posted.push((words.clone(), world.hub.clock.now()));
        say(&world, &words).await;
        tokio::time::sleep(Duration::from_millis(5)).await; // as fast as somebody with several fingers
    }
    let erasures = &world.hub.store.erasures;
    eventually("the erasure's end", SOON, async || {
        let erasure = erasures.of(&id).await.unwrap();
        erasure.is_some_and(|erasure| erasure.state == ErasureState::Erased) && world.is_idle().await
    })
    .await;
    let cut = erasures.of(&id).await.unwrap().unwrap().cut_at.unwrap();
    let (said, anew) = (said(&world).await, open_conversation(&world).await.unwrap());
    assert_ne!(anew.customer_id, id);
    for (words, conversation, at) in &said {
        assert!(*at > cut, "{words} came before the cut, and is still there");
        assert_eq!(conversation, anew.id.as_str(), "{words}");
    }
    // Whoever looked right before the cut may have stored what came right after it.
    let after = cut.plus(Duration::from_millis(500));
    for (words, _) in posted.iter().filter(|(_, at)| *at > after) {
        assert!(said.iter().any(|(said, ..)| said == words), "{words} is lost");
    }
    assert_eq!(left(&world, "first words").await, Vec::<String>::new());
    running.stop().await;
}
