//! A corner of one hub for one test: a number, a queue, a team and agents of its own, all made through the API.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use switchboard_domain::{Clock, Timestamp};
use uuid::Uuid;

use crate::{
    api::{Answer, Api, PASSWORD, answer, items, text},
    console::Console,
    http::http,
    poll::eventually_some,
    wa::{Number, SIGNATURE_HEADER, SignedWebhook, Text},
};

const SOON: Duration = Duration::from_secs(30);

/// Numbers of customers and ids of messages, one after the other.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// The number's signing secret; looked for in answers and logs.
pub const SIGNING_SECRET: &str = "planted-signing-secret-7f3a";
/// The number's access token.
pub const ACCESS_TOKEN: &str = "planted-access-token-91bc";
/// The number's verify token.
pub const VERIFY_TOKEN: &str = "planted-verify-token-55de";

/// A team with a number and a queue.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The demo's administrator.
    pub admin: Api,
    /// Names the team, the queue, the branch and the account.
    pub name: String,
    pub number: Number,
    http: reqwest::Client,
}

/// Somebody who writes to the number.
#[derive(Clone, Debug)]
pub struct Customer {
    pub phone: String,
}

impl Desk {
    /// `api_base_url` is where replies go; nobody need listen there if none are sent.
    pub async fn open(url: &str, api_base_url: &str) -> Self {
        let admin = Api::sign_in(url, "admin@demo.test").await;
        let name = format!("d{}", &Uuid::new_v4().simple().to_string()[..10]);
        let team = json!({ "name": name, "branch_id": name });
        admin.put(&format!("/teams/{name}"), &team).await.ok();
        let queue = json!({ "name": name, "team_ids": [name], "auto_accept": true, "any_agent": true });
        admin.put(&format!("/routing/queues/{name}"), &queue).await.ok();
        let account = json!({
            "channel": "whatsapp",
            "account_id": name,
            "name": name,
            "settings": { "api_base_url": api_base_url, "provider_account_id": name },
            "secrets": { "signing_secret": SIGNING_SECRET, "access_token": ACCESS_TOKEN, "verify_token": VERIFY_TOKEN },
            "team_id": name,
            "branch_id": name,
            "queue_id": name,
        });
        admin.post("/channels", &account).await.ok();
        let number = Number {
            app_secret: SIGNING_SECRET.into(),
            phone_number_id: name.clone(),
        };
        Self {
            admin,
            name,
            number,
            http: http(),
        }
    }

    pub fn url(&self) -> &str {
        &self.admin.url
    }

    /// A new member of the team, signed in.
    pub async fn hire(&self, role: &str) -> Api {
        let email = format!("{}@desk.test", Uuid::new_v4().simple());
        let user = json!({
            "email": email,
            "name": "Someone New",
            "password": PASSWORD,
            "role_id": role,
            "team_ids": if matches!(role, "agent" | "team_lead") { vec![&self.name] } else { Vec::new() },
            "branch_id": (role == "branch_manager").then_some(&self.name),
            "capacity": if role == "agent" { 5 } else { 0 },
            "auto_accept": true,
        });
        self.admin.post("/users", &user).await.ok();
        Api::sign_in(self.url(), &email).await
    }

    /// An agent with an open console, ready for work.
    pub async fn agent(&self) -> (Api, Console) {
        let agent = self.hire("agent").await;
        let console = sit_down(&agent).await;
        (agent, console)
    }

    pub fn customer(&self) -> Customer {
        Customer {
            phone: format!("49171{:07}", NEXT.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// The door of the number, at the node of [`Desk::url`].
    pub fn door(&self) -> String {
        format!("{}/webhooks/whatsapp/{}", self.url(), self.name)
    }

    pub async fn post(&self, webhook: &SignedWebhook) -> Answer {
        self.post_to(&self.door(), webhook).await
    }

    pub async fn post_to(&self, door: &str, webhook: &SignedWebhook) -> Answer {
        let request = self
            .http
            .post(door)
            .header("Content-Type", "application/json")
            .header(SIGNATURE_HEADER, &webhook.signature)
            .body(webhook.body.clone());
        answer(request).await
    }

    /// The customer writes; the message's provider id, once the hub has answered 200.
    pub async fn write(&self, customer: &Customer, body: &str) -> String {
        let id = fresh_wamid();
        let answer = self.post(&self.text(customer, &id, body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        id
    }

    /// What the customer writes, signed and not yet posted.
    pub fn text(&self, customer: &Customer, id: &str, body: &str) -> SignedWebhook {
        self.number.text(&Text {
            id,
            from: &customer.phone,
            name: "Customer",
            body,
            at: now(),
        })
    }

    /// The customer's conversation as `reader` sees it, waiting for it.
    pub async fn conversation(&self, reader: &Api, customer: &Customer) -> Value {
        self.conversation_that(reader, customer, |_| true).await
    }

    /// The same, waiting until it fits.
    pub async fn conversation_that(
        &self,
        reader: &Api,
        customer: &Customer,
        fits: impl Fn(&Value) -> bool,
    ) -> Value {
        let path = format!("/conversations?q={}", customer.phone);
        let what = format!("the conversation with {}", customer.phone);
        eventually_some(&what, SOON, async || {
            let list = reader.get(&path).await.ok();
            items(&list).iter().find(|one| fits(one)).cloned()
        })
        .await
    }

    /// A conversation of a new customer that `agent` has been given.
    pub async fn given_to(&self, agent: &Api) -> (Customer, Value) {
        let customer = self.customer();
        self.write(&customer, "hello").await;
        let mine = |one: &Value| one["assignee_id"] == agent.user_id.as_str();
        let conversation = self.conversation_that(agent, &customer, mine).await;
        (customer, conversation)
    }
}

/// Opens a console and declares the agent available.
pub async fn sit_down(agent: &Api) -> Console {
    let console = Console::connect(&agent.url, agent.token.as_deref().expect("signed in")).await;
    agent
        .put("/me/presence", &json!({ "status": "available" }))
        .await
        .ok();
    console
}

/// A provider message id nobody had before.
pub fn fresh_wamid() -> String {
    format!("wamid.{}", Uuid::new_v4().simple())
}

/// What the clock says.
pub fn now() -> Timestamp {
    Clock::system().now()
}

/// A time of the API; as text, two times don't compare.
#[track_caller]
pub fn time(object: &Value, field: &str) -> Timestamp {
    serde_json::from_value(object[field].clone())
        .unwrap_or_else(|error| panic!("{field} in {object}: {error}"))
}

/// The id of an object of the API.
#[track_caller]
pub fn id(object: &Value) -> String {
    text(object, "id")
}
