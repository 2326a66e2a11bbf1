//! A console that watches everything, loses its connection now and then, and asks for what it missed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::json;
use switchboard_tests::{Api, Console, Event};
use tokio::{sync::mpsc, task::JoinHandle};

/// Between two looks at the connection.
const LOOK: Duration = Duration::from_millis(20);

pub struct Supervisor {
    seen: Arc<Mutex<Seen>>,
    cut: mpsc::UnboundedSender<()>,
    task: JoinHandle<()>,
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How often each message of the number came, by the provider's id.
    pub messages: HashMap<String, u32>,
    pub reconnects: u32,
    /// How often it was told to fetch everything anew.
    pub refetches: u32,
}

impl Supervisor {
    pub async fn watch(admin: &Api, account: &str) -> Self {
        let token = admin.token.clone().unwrap();
        let (url, account) = (admin.url.clone(), account.to_owned());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (cut, mut cuts) = mpsc::unbounded_channel();
        let mut console = Console::connect(&url, &token).await;
        let told = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut read = 0;
            loop {
                let events = console.events_after(read);
                read += events.len();
                note(&told, &events, &account);
                if console.is_closed() || cuts.try_recv().is_ok() {
                    let auth = json!({ "token": token, "cursor": last_cursor(&console, read) });
                    drop(console);
                    console = reconnect(&url, &auth).await;
                    read = 0;
                    lock(&told).reconnects += 1;
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        Self { seen, cut, task }
    }

    /// Drops its connection; it comes back by itself.
    pub fn cut(&self) {
        self.cut.send(()).unwrap();
    }

    pub fn seen(&self) -> Seen {
        assert!(!self.task.is_finished(), "the supervisor fell over");
        lock(&self.seen).clone()
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Of what was noted; what came after it comes again.
fn last_cursor(console: &Console, read: usize) -> String {
    let events = console.events();
    let cursor = |event: &Event| event.payload["cursor"].as_str().map(str::to_owned);
    events[..read].iter().rev().find_map(cursor).unwrap()
}

fn note(seen: &Mutex<Seen>, events: &[Event], account: &str) {
    let mut seen = lock(seen);
    for event in events {
        if event.name == "ready" && event.payload["refetch"] == true {
            seen.refetches += 1;
        }
        if event.is("message.created", "account_id", account)
            && let Some(id) = event.data()["provider_message_id"].as_str()
        {
            *seen.messages.entry(id.to_owned()).or_default() += 1;
        }
    }
}

async fn reconnect(url: &str, auth: &serde_json::Value) -> Console {
    loop {
        match Console::try_connect(url, auth).await {
            Ok(console) => return console,
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
