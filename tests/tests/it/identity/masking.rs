//! Personal data masked for roles that say so: in every answer, pushed and searched for; and looked at, once that is
//! written down.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use switchboard_tests::{
    Api, Console, Desk, Hub, HubOptions, Isolated, Role,
    api::{answer, items, text},
    desk::{Customer, fresh_wamid, id, now},
    eventually,
};
use uuid::Uuid;

use crate::world::World;

const SOON: Duration = Duration::from_secs(20);

/// Somebody who sees everything, masked, and may do these things besides.
async fn masked(desk: &Desk, more: Value) -> (String, Api) {
    let id = format!("m{}", &Uuid::new_v4().simple().to_string()[..10]);
    let mut grants = json!({ "conversations.view": "all", "conversations.reply": "all" });
    grants
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let role = json!({ "id": id, "name": "Masked", "grants": grants, "mask_pii": true });
    let made = desk.admin.post("/roles", &role).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["mask_pii"], true);
    let holder = desk.hire(&id).await;
    (id, holder)
}

/// What WhatsApp tells of a customer who sends an address-book card and writes an address of theirs.
async fn write_cards(desk: &Desk, customer: &Customer) -> String {
    let id = fresh_wamid();
    let card = json!({
        "name": { "formatted_name": "Bob Brown", "first_name": "Bob" },
        "phones": [{ "phone": "+1 555 777 0002", "wa_id": "15557770002", "type": "CELL" }],
        "emails": [{ "email": "bob.brown@planted.example", "type": "HOME" }],
    });
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": desk.number.phone_number_id },
        "contacts": [{ "wa_id": customer.phone, "profile": { "name": "Customer" } }],
        "messages": [{
            "id": id, "from": customer.phone, "timestamp": (now().as_millis() / 1000).to_string(),
            "type": "contacts", "contacts": [card],
        }],
    });
    assert_eq!(desk.post(&desk.number.delivery(&value)).await.status, 200);
    id
}

/// What must not come through.
const PLANTED: [&str; 4] = [
    "bob.brown@planted",
    "ann.smith@planted",
    "15557770002",
    "+1 555 777 0002",
];

/// Everything that shows a conversation or its messages.
async fn read_all(reader: &Api, conversation: &str, phone: &str) -> String {
    let at = format!("/conversations/{conversation}");
    let mut seen = String::new();
    for path in [
        "/conversations".to_owned(),
        at.clone(),
        format!("{at}/messages"),
        format!("{at}/routing"),
        format!("/conversations?q={phone}"),
    ] {
        let answer = reader.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(answer.text.contains(conversation), "{path} shows nothing of it");
        seen += &answer.text;
    }
    seen
}

/// Everything that answers with a conversation or a note.
async fn do_all(desk: &Desk, reader: &Api, at: &str) -> String {
    let mut seen = String::new();
    let agent = desk.hire("agent").await;
    for (action, body) in [
        ("assign", json!({ "agent_id": agent.user_id })),
        ("labels", json!({ "labels": ["vip"] })),
        ("read", json!({})),
        ("transfer", json!({ "queue_id": "default" })),
        ("notes", json!({ "text": "wrote from bob.brown@planted.example" })),
        ("snooze", json!({ "until": "2100-01-01T00:00:00Z" })),
        ("resolve", json!({})),
        ("reopen", json!({})),
    ] {
        let answer = reader.post(&format!("{at}/{action}"), &body).await;
        assert!(answer.status < 300, "{action}: {}", answer.text);
        seen += &answer.text;
    }
    seen
}

#[tokio::test]
async fn nothing_shows_an_address_to_whoever_is_shown_them_masked() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let elsewhere = hub.node(Role::Serve, 1).url.clone();
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let more = json!({ "conversations.reassign": "all", "ops.view": "all", "routing.configure": "all" });
    let (_, reader) = masked(&desk, more).await;
    let reader = reader.at(&elsewhere);
    let console = Console::connect(&elsewhere, reader.token.as_deref().unwrap()).await;
    let plain = Console::connect(&elsewhere, desk.admin.token.as_deref().unwrap()).await;
    let start = console.cursor();

    let customer = desk.customer();
    desk.write(
        &customer,
        "my mail is ann.smith@planted.example, order 4711471147114711",
    )
    .await;
    let cards = write_cards(&desk, &customer).await;
    for console in [&console, &plain] {
        console
            .event("the card", |event| {
                event.is("message.created", "provider_message_id", &cards)
            })
            .await;
    }
    let conversation = id(&desk.conversation(&desk.admin, &customer).await);
    let at = format!("/conversations/{conversation}");
    let mut seen = read_all(&reader, &conversation, &customer.phone).await;
    seen += &do_all(&desk, &reader, &at).await;
    let reply = reader
        .reply(&conversation, "write to ann.smith@planted.example", "k")
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    seen += &reply.text;

    // What is pushed, as it happened and again.
    let again = Console::try_connect(
        &elsewhere,
        &json!({ "token": reader.token.as_deref().unwrap(), "cursor": start }),
    )
    .await
    .unwrap();
    for console in [&console, &again] {
        console
            .event("the reply", |event| {
                event.is("message.created", "id", &id(&reply.body))
            })
            .await;
        for event in console.events() {
            seen += &event.payload.to_string();
        }
    }
    for leak in PLANTED.iter().copied().chain([customer.phone.as_str()]) {
        assert!(!seen.contains(leak), "{leak} in {seen}");
    }
    let last_four = format!("•••{}", &customer.phone[customer.phone.len() - 4..]);
    for shown in [
        &last_four,
        "a•••@planted.example",
        "4711471147114711",
        "Bob Brown",
    ] {
        assert!(seen.contains(shown), "{shown} isn't in {seen}");
    }
    // Others see it as it is, from the same events.
    let told: String = plain
        .events()
        .iter()
        .map(|event| event.payload.to_string())
        .collect();
    for shown in PLANTED.iter().copied().chain([customer.phone.as_str()]) {
        assert!(told.contains(shown), "{shown} was masked for everybody");
    }
}

#[tokio::test]
async fn names_of_files_are_shown_without_addresses() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (_, reader) = masked(&desk, json!({})).await;
    let customer = desk.customer();
    desk.write(&customer, "hello").await;
    let conversation = desk.conversation(&desk.admin, &customer).await;
    let path = format!("/attachments?conversation_id={}", id(&conversation));
    let upload = desk.admin.request(reqwest::Method::POST, &path);
    let upload = upload
        .header("Content-Type", "text/plain")
        .header("X-File-Name", "ann.smith@planted.example.txt")
        .body("a file");
    let file = id(&answer(upload).await.ok());
    let path = format!("/attachments?ids={file}");
    let plain = desk.admin.get(&path).await.ok();
    assert_eq!(items(&plain)[0]["file_name"], "ann.smith@planted.example.txt");
    let masked = reader.get(&path).await.ok();
    assert_eq!(id(&items(&masked)[0]), file);
    assert!(!masked.to_string().contains("ann.smith@planted"), "{masked}");
}

#[tokio::test]
async fn a_role_that_masks_no_longer_shows_all_at_once() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (role, reader) = masked(&desk, json!({})).await;
    let console = Console::connect(world.url(), reader.token.as_deref().unwrap()).await;
    let customer = desk.customer();
    desk.write(&customer, "hello").await;
    let conversation = id(&desk.conversation(&desk.admin, &customer).await);
    let at = format!("/conversations/{conversation}");
    assert!(!reader.get(&at).await.text.contains(&customer.phone));
    let open = json!({ "name": "Open", "grants": { "conversations.view": "all" } });
    desk.admin.put(&format!("/roles/{role}"), &open).await.ok();
    eventually("the plain number", SOON, async || {
        reader.get(&at).await.text.contains(&customer.phone)
    })
    .await;
    // What an open console shows may be more, or less, than it may from now on.
    console
        .event("that all is to be fetched anew", |event| {
            event.name == "ready" && event.payload["refetch"] == true
        })
        .await;
    let again = "ann.smith@planted.example again";
    eventually("a message pushed in plain", SOON, async || {
        desk.write(&customer, again).await;
        let mut told = console.events().into_iter();
        told.any(|event| event.data().to_string().contains(again))
    })
    .await;
}

#[tokio::test]
async fn who_is_shown_no_numbers_finds_only_whole_ones() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (_, reader) = masked(&desk, json!({})).await;
    let customer = desk.customer();
    desk.write(&customer, "planted-words +15557770002").await;
    let conversation = id(&desk.conversation(&desk.admin, &customer).await);
    let finds = async |who: &Api, q: &str| {
        let list = who.get(&format!("/conversations?q={q}")).await.ok();
        items(&list).iter().any(|one| id(one) == conversation)
    };
    let phone = &customer.phone;
    let spaced = format!("%2B{} {}", &phone[..4], &phone[4..]);
    for whole in [phone, &format!("%2B{phone}"), &spaced] {
        assert!(finds(&reader, whole).await, "{whole} isn't found");
    }
    for part in [
        &phone[..phone.len() - 1],
        &phone[1..],
        "planted-words",
        "%2B1555777",
        ".%2B",
    ] {
        assert!(!finds(&reader, part).await, "{part} tells something");
    }
    assert!(finds(&desk.admin, &phone[1..]).await);
    let named = reader.get("/conversations?q=CUSTOM").await.ok();
    assert!(!items(&named).is_empty(), "names are still found");
}

#[tokio::test]
async fn a_look_is_written_down_and_never_what_was_seen() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (_, reader) = masked(&desk, json!({ "pii.unmask": "all" })).await;
    let (_, blind) = masked(&desk, json!({})).await;
    let customer = desk.customer();
    desk.write(&customer, "hello").await;
    let cards = write_cards(&desk, &customer).await;
    let conversation = id(&desk.conversation(&desk.admin, &customer).await);
    let at = format!("/conversations/{conversation}/unmask");
    assert_eq!(blind.post(&at, &json!({})).await.error(403), "forbidden");
    // Their own team's only, for who leads one.
    let lead = desk.hire("team_lead").await;
    assert_eq!(lead.post(&at, &json!({})).await.status, 200);
    let other = world.desk().await.hire("team_lead").await;
    assert_eq!(other.post(&at, &json!({})).await.status, 404);

    let thread = reader
        .get(&format!("/conversations/{conversation}/messages"))
        .await
        .ok();
    let card = items(&thread)
        .iter()
        .find(|one| one["provider_message_id"] == cards.as_str())
        .cloned()
        .unwrap();
    let reason = format!(
        "Customer of +{} or {} asked bob.brown@planted.example",
        customer.phone, customer.phone
    );
    let look = json!({ "reason": reason, "message_id": id(&card) });
    let answer = reader.post(&at, &look).await;
    let shown = answer.clone().ok();
    assert_eq!(
        shown["conversation"]["contact"]["external_id"],
        customer.phone.as_str()
    );
    assert_eq!(
        shown["customer"]["identities"][0]["external_id"],
        customer.phone.as_str()
    );
    assert!(shown["message"].to_string().contains("bob.brown@planted.example"));

    let entries = world.corner.database().await.collection::<Document>("audit_logs");
    let written = entries
        .find_one(doc! { "request_id": answer.header("x-request-id") })
        .await
        .unwrap()
        .expect("an entry");
    let written = written.to_string();
    for there in ["pii.unmasked", &conversation, &reader.user_id, &id(&card)] {
        assert!(written.contains(there), "{there} isn't in {written}");
    }
    for leak in [customer.phone.as_str(), "bob.brown", "Customer"] {
        assert!(!written.contains(leak), "{leak} in {written}");
    }
    // Nothing that can be counted through.
    let ids = text(&shown["customer"], "id");
    assert_ne!(
        ids,
        switchboard_domain::CustomerId::derived(&["customer", &format!("whatsapp:{}", customer.phone)])
            .to_string(),
        "an id that whoever tries all numbers can turn back"
    );
}

#[tokio::test]
async fn who_is_shown_it_masked_hands_out_no_role_that_isnt() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (_, hr) = masked(&desk, json!({ "users.manage": "all" })).await;
    let role = |mask: bool| {
        let id = format!("x{}", &Uuid::new_v4().simple().to_string()[..10]);
        json!({ "id": id, "name": "X", "grants": { "conversations.view": "all" }, "mask_pii": mask })
    };
    assert_eq!(
        hr.post("/roles", &role(false)).await.error(403),
        "beyond_your_role"
    );
    assert_eq!(hr.post("/roles", &role(true)).await.status, 201);
}
