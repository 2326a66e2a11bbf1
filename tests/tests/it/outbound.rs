//! Replies on their way out, against a provider that misbehaves: honest status, never twice, in order.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use switchboard_demo::{FakeGraph, FakeGraphOptions, Scripted};
use switchboard_tests::{
    Api, Console, Desk, Hub, HubOptions, Isolated, Role,
    api::items,
    desk::{ACCESS_TOKEN, SIGNING_SECRET, id},
    eventually, eventually_some,
};

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);
/// A provider that doesn't answer is given up after half a minute.
const SLOW: Duration = Duration::from_mins(1);

/// An agent in a conversation, and the provider its replies go to.
pub struct Talk {
    pub desk: Desk,
    pub graph: FakeGraph,
    pub agent: Api,
    pub console: Console,
    pub conversation: String,
    pub phone: String,
}

impl Talk {
    pub async fn at(url: &str) -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        // The desk needs the provider's address, and the provider the desk's; the second is only for its statuses.
        let scout = FakeGraph::start(anywhere, FakeGraphOptions::quiet(url))
            .await
            .unwrap();
        let address = scout.url().trim_start_matches("http://").parse().unwrap();
        drop(scout);
        let desk = Desk::open(url, &format!("http://{address}")).await;
        let options = FakeGraphOptions {
            webhook_path: format!("/webhooks/whatsapp/{}", desk.name),
            app_secret: SIGNING_SECRET.into(),
            access_token: ACCESS_TOKEN.into(),
            phone_number_id: desk.name.clone(),
            ..FakeGraphOptions::quiet(url)
        };
        let graph = eventually_some("the provider's port", SOON, async || {
            FakeGraph::start(address, options.clone()).await.ok()
        })
        .await;
        let (agent, console) = desk.agent().await;
        let (customer, conversation) = desk.given_to(&agent).await;
        Self {
            desk,
            graph,
            agent,
            console,
            conversation: id(&conversation),
            phone: customer.phone,
        }
    }

    /// A reply's id.
    async fn say(&self, text: &str) -> String {
        id(&self.agent.reply(&self.conversation, text, text).await.ok())
    }

    pub async fn message(&self, message: &str) -> Value {
        let path = format!("/conversations/{}/messages", self.conversation);
        let thread = self.agent.get(&path).await.ok();
        let found = items(&thread).iter().find(|one| id(one) == message).cloned();
        found.unwrap_or_else(|| panic!("no message {message} in {thread}"))
    }

    /// Waits until the message has the status; the message.
    pub async fn becomes(&self, message: &str, status: &str, within: Duration) -> Value {
        eventually_some(&format!("{message} becomes {status}"), within, async || {
            let found = self.message(message).await;
            (found["status"] == status).then_some(found)
        })
        .await
    }

    /// The statuses that the console was told of, in order.
    fn told(&self, message: &str) -> Vec<String> {
        let events = self.console.events();
        let of = events.iter().filter(|event| event.data()["id"] == message);
        of.filter_map(|event| event.data()["status"].as_str().map(str::to_owned))
            .collect()
    }

    /// How often the provider took a text.
    fn taken(&self, text: &str) -> usize {
        self.graph
            .messages()
            .iter()
            .filter(|sent| sent.text() == Some(text))
            .count()
    }

    /// The provider's id of a text it took.
    fn wamid(&self, text: &str) -> String {
        let sent = self.graph.messages();
        let sent = sent.iter().find(|sent| sent.text() == Some(text));
        sent.and_then(|sent| sent.wamid.clone())
            .unwrap_or_else(|| panic!("{text} wasn't sent"))
    }

    async fn report(&self, wamid: &str, status: &str, error: Option<u32>) {
        let posted = self.graph.post_status(wamid, status, error).await.unwrap();
        assert!(posted.accepted(), "{posted:?}");
    }
}

#[tokio::test]
async fn the_ticks_follow_the_providers_evidence_and_nothing_else() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let reply = talk.say("On its way.").await;
    let sent = talk.becomes(&reply, "sent", SOON).await;
    let wamid = talk.wamid("On its way.");
    assert_eq!(sent["provider_message_id"], wamid.as_str());
    let call = &talk.graph.sent()[0];
    assert_eq!(
        call.authorization.as_deref(),
        Some(format!("Bearer {ACCESS_TOKEN}").as_str())
    );
    assert_eq!(call.body["to"], talk.phone.as_str());

    // Read overtakes delivered: a tick never goes back.
    talk.report(&wamid, "read", None).await;
    talk.becomes(&reply, "read", SOON).await;
    talk.report(&wamid, "delivered", None).await;
    talk.report(&wamid, "sent", None).await;
    let second = talk.say("Anything else?").await;
    talk.becomes(&second, "sent", SOON).await;
    let wamid = talk.wamid("Anything else?");
    talk.report(&wamid, "delivered", None).await;
    talk.becomes(&second, "delivered", SOON).await;
    assert_eq!(talk.message(&reply).await["status"], "read");
    eventually("the console shows it", SOON, async || {
        talk.told(&second)
            .last()
            .is_some_and(|status| status == "delivered")
    })
    .await;
    assert_eq!(talk.told(&reply).last().map(String::as_str), Some("read"));
    assert_eq!(talk.told(&second).first().map(String::as_str), Some("queued"));
}

#[tokio::test]
async fn a_status_before_the_answer_is_kept_for_it() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    talk.graph.script([Scripted::StatusFirst]);
    let reply = talk.say("Quick.").await;
    talk.becomes(&reply, "sent", SOON).await;
    talk.report(&talk.wamid("Quick."), "delivered", None).await;
    talk.becomes(&reply, "delivered", SOON).await;
    assert_eq!(talk.taken("Quick."), 1);
}

#[tokio::test]
async fn a_provider_that_is_busy_is_asked_again_and_order_is_kept() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    talk.graph.script([Scripted::RateLimited, Scripted::RateLimited]);
    let first = talk.say("first").await;
    let second = talk.say("second").await;
    let third = talk.say("third").await;
    for reply in [&first, &second, &third] {
        talk.becomes(reply, "sent", SLOW).await;
    }
    let taken = talk.graph.messages();
    let order: Vec<&str> = taken.iter().filter_map(|sent| sent.text()).collect();
    assert_eq!(order, ["first", "second", "third"]);
    let refused = talk.graph.sent().iter().filter(|call| !call.accepted()).count();
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn what_the_provider_refuses_has_failed_with_a_sentence() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    talk.graph.script([
        Scripted::AcceptThenFail { code: 131_047 },
        Scripted::Error {
            code: 131_026,
            http: None,
        },
    ]);
    let late = talk.say("too late").await;
    let failed = talk.becomes(&late, "failed", SOON).await;
    assert!(
        failed["error"]["message"]
            .as_str()
            .is_some_and(|text| text.len() > 20),
        "{failed}"
    );
    assert_eq!(failed["error"]["code"], "131047");
    let refused = talk.say("to nobody").await;
    let failed = talk.becomes(&refused, "failed", SOON).await;
    assert_eq!(failed["error"]["code"], "131026");
    assert_eq!(
        (talk.taken("too late"), talk.taken("to nobody")),
        (1, 0),
        "tried again though it can't work"
    );
}

#[tokio::test]
async fn silence_is_uncertain_until_a_status_tells() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    talk.graph
        .script([Scripted::AcceptButCut, Scripted::AcceptButTimeout]);
    let cut = talk.say("cut").await;
    let unsure = talk.becomes(&cut, "uncertain", SLOW).await;
    assert!(
        unsure["error"]["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{unsure}"
    );
    let silent = talk.say("silent").await;
    talk.becomes(&silent, "uncertain", SLOW).await;
    assert_eq!(
        (talk.taken("cut"), talk.taken("silent")),
        (1, 1),
        "sent again although it may have arrived"
    );
    for (text, message) in [("cut", &cut), ("silent", &silent)] {
        talk.report(&talk.wamid(text), "delivered", None).await;
        let settled = talk.becomes(message, "delivered", SOON).await;
        assert_eq!(settled["provider_message_id"], talk.wamid(text).as_str());
        assert!(
            settled["error"].is_null(),
            "delivered, and still an error: {settled}"
        );
    }
}

#[tokio::test]
async fn a_text_longer_than_the_channel_takes_goes_out_as_several() {
    let world = World::shared().await;
    let talk = Talk::at(world.url()).await;
    let text = "A sentence with 👨\u{200d}👩\u{200d}👧\u{200d}👦 in it. ".repeat(300);
    assert!(text.chars().count() > 2 * 4096);
    let first = talk.agent.reply(&talk.conversation, &text, "long").await.ok();
    talk.becomes(&id(&first), "sent", SOON).await;
    let again = talk.agent.reply(&talk.conversation, &text, "long").await.ok();
    assert_eq!(id(&again), id(&first), "the same reply");
    let parts = async || {
        let taken = talk.graph.messages();
        let parts = taken.iter().filter_map(|sent| sent.text().map(str::to_owned));
        parts.collect::<Vec<String>>()
    };
    eventually("all of it is sent", SOON, async || parts().await.concat() == text).await;
    let parts = parts().await;
    assert!(parts.len() > 2 && parts.iter().all(|part| part.chars().count() <= 4096));
    let told = talk.console.events();
    let told = told.iter().filter(|event| event.name == "message.created");
    let ours = told.filter(|event| event.data()["direction"] == "outbound");
    assert_eq!(ours.count(), parts.len(), "the console shows each part once");

    let endless = "x".repeat(20 * 4096 + 1);
    let refused = talk.agent.reply(&talk.conversation, &endless, "endless").await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("20"))
    );
}

#[tokio::test]
async fn a_worker_killed_while_sending_never_sends_twice() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(1, 1)).await;
    let talk = Talk::at(hub.url()).await;
    // The provider has it, the worker waits for the answer and is killed.
    talk.graph.script([Scripted::AcceptButTimeout]);
    let reply = talk.say("once").await;
    eventually("the provider has it", SOON, async || talk.taken("once") == 1).await;
    hub.node(Role::Work, 0).restart().await;
    talk.becomes(&reply, "uncertain", Duration::from_secs(75)).await;
    assert_eq!(talk.taken("once"), 1, "sent twice");
    talk.report(&talk.wamid("once"), "delivered", None).await;
    talk.becomes(&reply, "delivered", SOON).await;
    // The one behind it goes out, too.
    let next = talk.say("next").await;
    talk.becomes(&next, "sent", SOON).await;
    assert_eq!((talk.taken("once"), talk.taken("next")), (1, 1));
}
