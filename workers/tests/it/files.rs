//! Files of messages: fetched once, kept under their hash, shown when they are there, and named when they can't be had.

use std::{net::SocketAddr, time::Duration};

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use switchboard_connectors::StoredRequest;
use switchboard_demo::{FakeGraph, FakeGraphOptions};
use switchboard_domain::{
    AccountKey, Arrival, Attachment, AttachmentId, AttachmentState, Channel, ChannelAccount, Message,
    Timestamp,
};
use switchboard_queue::Lane;
use switchboard_tests::eventually_some;
use switchboard_workers::{BulkJob, IngestJob};

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot much of a picture";

async fn provider(world: &World, shape: impl FnOnce(&mut FakeGraphOptions)) -> FakeGraph {
    let mut options = FakeGraphOptions {
        access_token: "demo-token".into(),
        phone_number_id: "100000000000001".into(),
        ..FakeGraphOptions::quiet("http://127.0.0.1:9")
    };
    shape(&mut options);
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let graph = FakeGraph::start(anywhere, options).await.unwrap();
    world.account(Some(graph.url())).await;
    graph
}

/// A customer sends a file that the provider has under this id.
async fn customer_sends(world: &World, kind: &str, media: Value) {
    let mut message = json!({
        "from": "15550000001", "id": "wamid.file", "timestamp": "1760000000", "type": kind,
    });
    message[kind] = media;
    let contact = json!({ "profile": { "name": "Ann" }, "wa_id": "15550000001" });
    let value = json!({ "contacts": [contact], "messages": [message] });
    world.post(&world.number.delivery(&value)).await;
}

fn message_id() -> switchboard_domain::MessageId {
    Message::inbound_id(&World::key(), "wamid.file")
}

/// The message's file once it is settled, and the message that names it.
async fn settled(world: &World, id: &switchboard_domain::MessageId) -> (Attachment, Message) {
    eventually_some("the file is settled", SOON, async || {
        let message = world.hub.store.messages.get(id).await.unwrap()?;
        let file = message.content.files().first()?.attachment_id.clone()?;
        let known = world.hub.store.attachments.get(&file).await.unwrap()?.attachment;
        (known.state != AttachmentState::Pending && world.is_idle().await).then_some((known, message))
    })
    .await
}

/// How often consoles were told of the file.
async fn shown(world: &World, file: &AttachmentId) -> usize {
    let updates = world.shown("message.updated").await;
    let names = |data: &[u8]| {
        let message: Value = serde_json::from_slice(data).unwrap();
        let one = &message["content"]["attachment_id"];
        let of_letter = &message["content"]["attachments"][0]["attachment_id"];
        one == file.as_str() || of_letter == file.as_str()
    };
    updates.iter().filter(|entry| names(&entry.data)).count()
}

#[tokio::test]
async fn a_picture_is_fetched_once_though_its_job_runs_again() {
    let world = World::new().await;
    let graph = provider(&world, |_| {}).await;
    let id = graph.put_media("image/png", PNG);
    let running = world.run();
    // The provider says it is something else; the bytes know better.
    customer_sends(
        &world,
        "image",
        json!({ "id": id, "mime_type": "text/html", "caption": "look" }),
    )
    .await;
    let (file, message) = settled(&world, &message_id()).await;
    assert_eq!(file.state, AttachmentState::Stored);
    assert_eq!(file.mime_type.as_deref(), Some("image/png"));
    assert_eq!(file.size, Some(PNG.len() as u64));
    let sha256 = hex::encode(Sha256::digest(PNG));
    assert_eq!(file.sha256.as_deref(), Some(sha256.as_str()));
    assert_eq!(file.conversation_id, Some(message.conversation_id.clone()));
    assert_eq!(world.hub.files.bytes(&sha256).await.unwrap(), PNG);
    assert_eq!(shown(&world, &file.id).await, 1);

    let job = BulkJob::FetchFile {
        attachment_id: file.id.clone(),
    };
    world
        .hub
        .producer
        .push_all(Lane::Bulk, &[job.clone(), job])
        .await
        .unwrap();
    let (again, _) = settled(&world, &message_id()).await;
    assert_eq!(again, file);
    assert_eq!(graph.downloads(&id), 1);
    assert_eq!(world.count("attachments", doc! {}).await, 1);
    running.stop().await;
}

#[tokio::test]
async fn the_sweep_finds_a_file_whose_job_was_lost() {
    let world = World::new().await;
    let graph = provider(&world, |_| {}).await;
    let id = graph.put_media("image/png", PNG);
    let running = world.run();
    customer_sends(&world, "image", json!({ "id": id, "mime_type": "image/png" })).await;
    let (file, message) = settled(&world, &message_id()).await;
    running.stop().await;
    // As a crash between database and lane would leave it.
    let rows = world.db.collection::<Document>("attachments");
    let pending =
        doc! { "$set": { "state": "pending", "created_at": mongodb::bson::DateTime::from_millis(0) } };
    rows.update_one(doc! { "_id": file.id.as_str() }, pending)
        .await
        .unwrap();
    let messages = world.db.collection::<Document>("messages");
    let unlinked = doc! { "$unset": { "content.attachment_id": "" } };
    messages
        .update_one(doc! { "_id": message.id.as_str() }, unlinked)
        .await
        .unwrap();

    let running = world.run();
    let (again, _) = settled(&world, &message_id()).await;
    assert_eq!(
        (again.state, again.sha256),
        (AttachmentState::Stored, file.sha256)
    );
    assert_eq!(graph.downloads(&id), 2);
    running.stop().await;
}

#[tokio::test]
async fn what_the_provider_no_longer_has_is_said_in_a_sentence() {
    let world = World::new().await;
    let graph = provider(&world, |options| options.media_link_lifetime = Duration::ZERO).await;
    let id = graph.put_media("image/png", PNG);
    let running = world.run();
    customer_sends(&world, "image", json!({ "id": id, "mime_type": "image/png" })).await;
    let (file, _) = settled(&world, &message_id()).await;
    assert_eq!(file.state, AttachmentState::Failed);
    let error = file.error.unwrap();
    assert_eq!(error.code, "http_404");
    assert_eq!(error.message, "The provider doesn't have this file any more.");
    assert_eq!(shown(&world, &file.id).await, 1, "consoles are told");
    running.stop().await;
}

#[tokio::test]
async fn a_file_that_is_too_large_isnt_kept() {
    let world = World::new().await;
    let graph = provider(&world, |_| {}).await;
    let mut large = PNG.to_vec();
    large.resize(1024 * 1024 + 1, 0);
    let id = graph.put_media("image/png", large);
    let running = world.run();
    customer_sends(
        &world,
        "document",
        json!({ "id": id, "mime_type": "image/png", "filename": "a.png" }),
    )
    .await;
    let (file, _) = settled(&world, &message_id()).await;
    assert_eq!(file.state, AttachmentState::Failed);
    assert_eq!(file.error.unwrap().code, "too_large");
    assert_eq!(file.file_name.as_deref(), Some("a.png"));
    running.stop().await;
}

#[tokio::test]
async fn a_provider_that_is_away_is_asked_again() {
    let world = World::new().await;
    let graph = provider(&world, |_| {}).await;
    let id = graph.put_media("image/png", PNG);
    // Nobody listens there.
    world.account(Some("http://127.0.0.1:9")).await;
    let running = world.run();
    customer_sends(&world, "image", json!({ "id": id, "mime_type": "image/png" })).await;
    eventually_some("a second attempt waits", SOON, async || {
        let lane = world.hub.redis.lanes().stats(Lane::Bulk).await.unwrap();
        (lane.delayed > 0).then_some(())
    })
    .await;
    let rows = world.count("attachments", doc! { "state": "pending" }).await;
    assert_eq!(rows, 1, "given up though the provider may come back");
    world.account(Some(graph.url())).await;
    let (file, _) = settled(&world, &message_id()).await;
    assert_eq!(file.state, AttachmentState::Stored);
    running.stop().await;
}

fn letter() -> Value {
    json!({
        "FromFull": { "Email": "ann@customer.example", "Name": "Ann" },
        "From": "ann@customer.example",
        "To": "support@example.com",
        "Subject": "The form",
        "MessageID": "22c74902-a0c1-4511-804f2-341342852c90",
        "Date": "Wed, 11 Oct 2017 18:31:04 -0700",
        "TextBody": "Here it is.",
        "Headers": [],
        // "%PDF-1.7 form" and "a;b"
        "Attachments": [
            { "Name": "form.pdf", "ContentType": "application/octet-stream", "Content": "JVBERi0xLjcgZm9ybQ==", "ContentLength": 13 },
            { "Name": "list.csv", "ContentType": "text/html", "Content": "YTti", "ContentLength": 3 },
        ],
    })
}

/// Letters have their files within: nobody can be asked for them, the ledger has them.
#[tokio::test]
async fn files_of_a_letter_are_taken_out_of_its_webhook() {
    let world = World::new().await;
    let now = Timestamp::from_secs(1_760_000_000);
    let key = AccountKey {
        channel: Channel::Postmark,
        account_id: "pm".into(),
    };
    let connector = switchboard_connectors::find(Channel::Postmark);
    let (settings, secrets) = connector.counterpart().account("http://127.0.0.1:9");
    let account = ChannelAccount {
        key: key.clone(),
        name: "Mail".into(),
        settings,
        secrets,
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: now,
        updated_at: now,
    };
    world.hub.store.accounts.insert(&account).await.unwrap();
    world.hub.accounts.forget();
    let job = IngestJob {
        account: key.clone(),
        arrival: Arrival::from_micros(world.hub.clock.micros()),
        request: StoredRequest {
            headers: Vec::new(),
            body: letter().to_string().into(),
        },
    };
    world
        .hub
        .producer
        .push_bytes(Lane::Ingest, job.to_bytes())
        .await
        .unwrap();
    let running = world.run();
    let files = eventually_some("both files", SOON, async || {
        let page = world.db.collection::<Document>("attachments");
        let stored = page.count_documents(doc! { "state": "stored" }).await.unwrap();
        (stored == 2).then_some(())?;
        let one = page.find_one(doc! { "index": 0 }).await.unwrap()?;
        let other = page.find_one(doc! { "index": 1 }).await.unwrap()?;
        Some([one, other])
    })
    .await;
    assert_eq!(files[0].get_str("mime_type").unwrap(), "application/pdf");
    assert_eq!(files[0].get_str("file_name").unwrap(), "form.pdf");
    assert_eq!(files[1].get_str("mime_type").unwrap(), "text/csv");
    let bytes = world
        .hub
        .files
        .bytes(files[0].get_str("sha256").unwrap())
        .await
        .unwrap();
    assert_eq!(&bytes[..], b"%PDF-1.7 form");
    let id = files[0].get_str("message_id").unwrap().into();
    let message = world.hub.store.messages.get(&id).await.unwrap().unwrap();
    let named: Vec<&str> = message
        .content
        .files()
        .iter()
        .filter_map(|file| file.attachment_id.as_ref().map(AttachmentId::as_str))
        .collect();
    assert_eq!(
        named,
        [files[0].get_str("_id").unwrap(), files[1].get_str("_id").unwrap()]
    );
    running.stop().await;
}
