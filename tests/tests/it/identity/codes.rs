//! One-time codes by e-mail and SMS: confirmed first, good once, for so many tries, and never without a limit.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use switchboard_tests::{
    Answer, Api, Hub, HubOptions, Isolated,
    api::{PASSWORD, items, text},
    eventually_some,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const SOON: Duration = Duration::from_secs(20);
const NUMBER: &str = "+4915112345642";

/// A hub that sends codes in both ways.
struct Sending {
    hub: Hub,
    /// What Twilio was asked to send.
    sent: Arc<Mutex<Vec<String>>>,
    corner: Isolated,
}

/// Twilio, as far as sending goes: takes a form, answers 201 with a SID.
async fn twilio(mut stream: TcpStream, sent: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    loop {
        let so_far = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                sent.lock().unwrap().push(body.to_owned());
                break;
            }
        }
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let body = r#"{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued"}"#;
    let answer = format!(
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await
}

impl Sending {
    async fn start(more: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sent = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let taken = Arc::clone(&taken);
                tokio::spawn(async move { twilio(stream, &taken).await });
            }
        });
        let corner = Isolated::new().await;
        let mut options = HubOptions::all(&corner)
            .with(
                "SWITCHBOARD_LIMITS__SIGN_IN_PER_ADDRESS",
                "{ count = 1000, seconds = 20 }",
            )
            .with("SWITCHBOARD_CODES__EMAIL", "true")
            .with("SWITCHBOARD_CODES__SMS_ACCOUNT", "twilio/codes")
            .with("SWITCHBOARD_CODES__SMS_PREFIXES", "[\"+49\"]");
        for (name, value) in more {
            options = options.with(name, value);
        }
        let hub = Hub::start(options).await;
        let admin = Api::sign_in(hub.url(), "admin@demo.test").await;
        let account = json!({
            "channel": "twilio", "account_id": "codes", "name": "Codes",
            "settings": { "api_base_url": url, "account_sid": format!("AC{}", "0".repeat(32)), "provider_account_id": "+15550100" },
            "secrets": { "signing_secret": "s", "access_token": "t" },
        });
        assert_eq!(admin.post("/channels", &account).await.status, 201);
        Self { hub, sent, corner }
    }

    fn stranger(&self) -> Api {
        Api::stranger(self.hub.url())
    }

    async fn sign_in(&self, who: &str, code: Option<&str>) -> Answer {
        let body = json!({ "email": format!("{who}@demo.test"), "password": PASSWORD, "totp": code });
        self.stranger().post("/auth/login", &body).await
    }

    async fn ask(&self, who: &str, method: &str) -> Answer {
        let body = json!({ "email": format!("{who}@demo.test"), "password": PASSWORD, "method": method });
        self.stranger().post("/auth/code", &body).await
    }

    fn letters(&self, who: &str) -> Vec<String> {
        let (logs, to) = (self.hub.logs(), format!("letter to {who}@demo.test: Your code"));
        logs.split(&to).skip(1).filter_map(first_code).collect()
    }

    fn messages(&self) -> Vec<String> {
        let sent = self.sent.lock().unwrap().clone();
        let bodies = sent
            .iter()
            .filter_map(|form| form.split("Body=").nth(1).map(str::to_owned));
        bodies.filter_map(|body| first_code(&body)).collect()
    }

    /// The nth code that came.
    async fn nth_letter(&self, who: &str, nth: usize) -> String {
        eventually_some("the letter", SOON, async || self.letters(who).get(nth).cloned()).await
    }

    async fn nth_message(&self, nth: usize) -> String {
        eventually_some("the message", SOON, async || self.messages().get(nth).cloned()).await
    }

    /// Confirms a way of somebody's.
    async fn set_up(&self, who: &str, method: &str) -> Api {
        let person = Api::sign_in(self.hub.url(), &format!("{who}@demo.test")).await;
        let before = (self.letters(who).len(), self.messages().len());
        let begun = person
            .post("/me/codes", &json!({ "method": method, "to": NUMBER }))
            .await;
        assert_eq!(begun.status, 202, "{}", begun.text);
        let code = if method == "email" {
            self.nth_letter(who, before.0).await
        } else {
            self.nth_message(before.1).await
        };
        // Not asked for before it is confirmed.
        self.sign_in(who, None).await.ok();
        let wrong = json!({ "method": method, "code": other(&code) });
        person.post("/me/codes/confirm", &wrong).await.error(422);
        let right = json!({ "method": method, "code": code });
        assert_eq!(person.post("/me/codes/confirm", &right).await.status, 204);
        person
    }
}

fn first_code(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    (digits.len() == 6).then_some(digits)
}

/// A code that it isn't.
fn other(code: &str) -> String {
    if code == "000000" { "000001" } else { "000000" }.to_owned()
}

#[tokio::test]
async fn a_code_that_was_sent_stands_in_for_the_app_once() {
    let sending = Sending::start(&[]).await;
    let person = sending.set_up("agent1", "email").await;
    let sms = json!({ "method": "sms", "to": NUMBER });
    assert_eq!(person.post("/me/codes", &sms).await.status, 202);
    let code = sending.nth_message(0).await;
    let right = json!({ "method": "sms", "code": code });
    assert_eq!(person.post("/me/codes/confirm", &right).await.status, 204);
    assert_eq!(person.post("/me/codes", &sms).await.error(409), "already_exists");
    let listed = person.get("/me/codes").await.ok();
    assert_eq!(items(&listed).len(), 2, "{listed}");
    let asked = sending.sign_in("agent1", None).await;
    assert_eq!(asked.error(401), "totp_required");
    assert_eq!(
        asked.body["error"]["details"]["methods"],
        json!([{ "method": "email", "to": "a…@demo.test" }, { "method": "sms", "to": "…42" }])
    );
    let letters = sending.letters("agent1").len();
    assert_eq!(sending.ask("agent1", "email").await.status, 202);
    let code = sending.nth_letter("agent1", letters).await;
    assert_eq!(
        sending.sign_in("agent1", Some(&other(&code))).await.error(401),
        "invalid_totp"
    );
    sending.sign_in("agent1", Some(&code)).await.ok();
    assert_eq!(
        sending.sign_in("agent1", Some(&code)).await.error(401),
        "invalid_totp"
    );

    let messages = sending.messages().len();
    assert_eq!(sending.ask("agent1", "sms").await.status, 202);
    let code = sending.nth_message(messages).await;
    let form = sending.sent.lock().unwrap().last().unwrap().clone();
    assert!(form.contains("To=%2B4915112345642"), "{form}");
    // At rest there is nothing to guess from, and the log says nothing.
    let database = sending.corner.database().await;
    let row = database
        .collection::<Document>("code_factors")
        .find_one(doc! { "to": NUMBER })
        .await
        .unwrap()
        .unwrap();
    assert!(!row.to_string().contains(&code), "{row}");
    // Only the one sent last is good.
    assert_eq!(sending.ask("agent1", "sms").await.status, 202);
    let newer = sending.nth_message(messages + 1).await;
    if newer != code {
        assert_eq!(
            sending.sign_in("agent1", Some(&code)).await.error(401),
            "invalid_totp"
        );
    }
    let (one, two) = tokio::join!(
        sending.sign_in("agent1", Some(&newer)),
        sending.sign_in("agent1", Some(&newer))
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401], "{} {}", one.text, two.text);

    assert_eq!(person.delete("/me/codes/sms").await.status, 204);
    person.delete("/me/codes/sms").await.error(404);
    assert_eq!(sending.ask("agent1", "sms").await.error(409), "not_offered");
    let log = "/audit-logs?action=user.code_factor_added";
    let admin = Api::sign_in(sending.hub.url(), "admin@demo.test").await;
    let entries = admin.get(log).await.ok();
    assert_eq!(items(&entries).len(), 2, "{entries}");
    // Lost: an administrator takes it all away.
    let path = format!("/users/{}/totp", person.user_id);
    assert_eq!(admin.delete(&path).await.status, 204);
    sending.sign_in("agent1", None).await.ok();
}

#[tokio::test]
async fn guessing_ends_after_a_few_tries_and_a_code_after_its_time() {
    let sending = Sending::start(&[(
        "SWITCHBOARD_LIMITS__SECOND_FACTOR_PER_USER",
        "{ count = 1000, seconds = 60 }",
    )])
    .await;
    sending.set_up("agent1", "email").await;
    let letters = sending.letters("agent1").len();
    sending.ask("agent1", "email").await;
    let code = sending.nth_letter("agent1", letters).await;
    for _ in 0..5 {
        sending.sign_in("agent1", Some(&other(&code))).await.error(401);
    }
    assert_eq!(
        sending.sign_in("agent1", Some(&code)).await.error(401),
        "invalid_totp"
    );

    sending.ask("agent1", "email").await;
    let code = sending.nth_letter("agent1", letters + 1).await;
    let factors = sending
        .corner
        .database()
        .await
        .collection::<Document>("code_factors");
    let past = mongodb::bson::DateTime::from_millis(0);
    factors
        .update_many(doc! {}, doc! { "$set": { "code.expires_at": past } })
        .await
        .unwrap();
    assert_eq!(
        sending.sign_in("agent1", Some(&code)).await.error(401),
        "invalid_totp"
    );
}

#[tokio::test]
async fn messages_cost_money_so_they_are_counted() {
    let sending = Sending::start(&[
        (
            "SWITCHBOARD_LIMITS__CODES_PER_ADDRESS",
            "{ count = 100, seconds = 3600 }",
        ),
        (
            "SWITCHBOARD_LIMITS__CODES_PER_RECEIVER",
            "{ count = 3, seconds = 3600 }",
        ),
        (
            "SWITCHBOARD_LIMITS__CODES_BY_SMS",
            "{ count = 4, seconds = 3600 }",
        ),
    ])
    .await;
    let two = Api::sign_in(sending.hub.url(), "agent2@demo.test").await;
    let begin = async |to: Value| two.post("/me/codes", &json!({ "method": "sms", "to": to })).await;
    // Only where this deployment sends, and only numbers.
    for odd in [
        json!("+18005550100"),
        json!("015112345642"),
        json!("+49"),
        json!(null),
        json!("+4915\n112345642"),
    ] {
        begin(odd.clone()).await.error(422);
    }
    for _ in 0..3 {
        assert_eq!(begin(json!(NUMBER)).await.status, 202);
    }
    // Enough for this number, whoever asks.
    let refused = begin(json!(NUMBER)).await;
    assert_eq!(refused.error(429), "too_many_attempts");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 60);
    // And for the whole deployment.
    assert_eq!(begin(json!("+4915112345643")).await.status, 202);
    assert_eq!(
        begin(json!("+4915112345644")).await.error(429),
        "too_many_attempts"
    );
    sending.nth_message(3).await;
    assert_eq!(sending.messages().len(), 4);
    // Nobody has one sent who hasn't the password, or hasn't confirmed the number.
    let body = json!({ "email": "agent2@demo.test", "password": "a guess", "method": "sms" });
    assert_eq!(
        sending.stranger().post("/auth/code", &body).await.error(401),
        "invalid_credentials"
    );
    assert_eq!(sending.ask("agent2", "sms").await.error(409), "not_offered");
}

#[tokio::test]
async fn a_role_that_demands_a_second_factor_takes_the_app_only() {
    let sending = Sending::start(&[]).await;
    sending.set_up("agent3", "sms").await;
    assert_eq!(sending.sign_in("agent3", None).await.error(401), "totp_required");
    let admin = Api::sign_in(sending.hub.url(), "admin@demo.test").await;
    let mut role = admin.get("/roles/agent").await.ok();
    role["require_totp"] = json!(true);
    let role = json!({ "name": role["name"], "grants": role["grants"], "require_totp": true });
    admin.put("/roles/agent", &role).await.ok();
    assert_eq!(sending.ask("agent3", "sms").await.error(409), "not_offered");
    let session = sending.sign_in("agent3", None).await.ok();
    assert_eq!(session["user"]["totp_setup_required"], true);
    assert!(!text(&session, "access_token").is_empty());
}

#[tokio::test]
async fn what_isnt_turned_on_isnt_offered() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let person = Api::sign_in(hub.url(), "agent1@demo.test").await;
    for method in ["email", "sms"] {
        let begun = person
            .post("/me/codes", &json!({ "method": method, "to": NUMBER }))
            .await;
        assert_eq!(begun.error(409), "not_offered");
    }
}
