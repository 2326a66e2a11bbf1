//! For the tests of the channels that carry SMS: accounts as their counterparts describe them, requests signed for
//! them, a provider that misbehaves, and what holds for all of them.

pub mod fuzzing;
pub mod outcomes;
mod provider;

use std::{collections::BTreeMap, fs, path::PathBuf};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, header::CONTENT_TYPE};
use serde::Deserialize;
use switchboard_connectors::{
    Connector, Event, Inbound, Outgoing, RawRequest, Rejected, Verified, http_client,
};
use switchboard_domain::{AccountKey, AccountSecrets, ChannelAccount, Content, MessageId, Secret, Timestamp};

pub use fuzzing::{assert_survives, mutate};
pub use outcomes::{assert_files_stay_home, assert_usual, failure};
pub use provider::{Provider, Reply, answer};

pub const URL: &str = "https://hub.example.com/webhooks/channel/account-1";

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(connector: &dyn Connector, api_base_url: &str) -> ChannelAccount {
    let (settings, secrets) = connector.counterpart().account(api_base_url);
    ChannelAccount {
        key: AccountKey {
            channel: connector.channel(),
            account_id: "account-1".to_owned(),
        },
        name: "Test".to_owned(),
        settings,
        secrets,
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: received_at(),
        updated_at: received_at(),
    }
}

pub fn with_secret(connector: &dyn Connector, secret: &str) -> ChannelAccount {
    let mut account = account(connector, "http://127.0.0.1:1");
    account.secrets = AccountSecrets([("signing_secret".to_owned(), Secret::new(secret))].into());
    account
}

pub fn request(url: &str, headers: &[(&str, &str)], body: &[u8]) -> RawRequest {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    RawRequest {
        method: Method::POST,
        url: url.to_owned(),
        query: url.split_once('?').map_or("", |(_, query)| query).to_owned(),
        headers: map,
        body: Bytes::copy_from_slice(body),
    }
}

/// The verdict on a body that the provider signed just now.
pub fn verify(connector: &dyn Connector, body: &[u8]) -> Result<Verified, Rejected> {
    let account = account(connector, "http://127.0.0.1:1");
    let mut request = request(URL, &[], body);
    let kind = if body.starts_with(b"{") {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    request.headers.insert(CONTENT_TYPE, kind.parse().unwrap());
    connector
        .counterpart()
        .sign(&account, &mut request, received_at());
    connector.verify(&account, request, received_at())
}

pub fn normalise(connector: &dyn Connector, body: &[u8]) -> Vec<Inbound> {
    connector.normalise(&verify(connector, body).unwrap(), received_at())
}

pub fn events(connector: &dyn Connector, body: &str) -> Vec<Event> {
    let inbound = normalise(connector, body.as_bytes());
    inbound.into_iter().map(|inbound| inbound.event).collect()
}

/// What the only message of a webhook says.
pub fn content_of(connector: &dyn Connector, body: &str) -> Content {
    match &events(connector, body)[..] {
        [Event::Message(message)] => message.content.clone(),
        other => panic!("{other:?}"),
    }
}

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: "+16505551234".to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

pub fn folder(connector: &dyn Connector, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(connector.channel().as_str())
        .join(name)
}

/// Real payloads: name and bytes, sorted by name.
pub fn inbound(connector: &dyn Connector) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder(connector, "fixtures/inbound"))
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let name = name.split('.').next().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// Every real payload becomes the events in its snapshot.
pub fn assert_snapshots(connector: &dyn Connector, count: usize) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder(connector, "snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let files = inbound(connector);
    assert_eq!(files.len(), count);
    settings.bind(|| {
        for (name, body) in files {
            insta::assert_json_snapshot!(name, normalise(connector, &body));
        }
    });
}

/// A signature that somebody published.
#[derive(Deserialize)]
pub struct Vector {
    pub name: String,
    pub scheme: String,
    #[serde(default)]
    pub url: Option<String>,
    pub secret: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub valid: bool,
    #[serde(default)]
    pub now: Option<i64>,
}

impl Vector {
    /// Whether the signature counts. Their bodies are often mere words, so a valid one may get no further than
    /// "malformed": what counts is on which side of the signature check it ends.
    pub fn passes(&self, connector: &dyn Connector, account: &ChannelAccount, now: Timestamp) -> bool {
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let request = request(self.url.as_deref().unwrap_or(URL), &headers, self.body.as_bytes());
        matches!(
            connector.verify(account, request, now),
            Ok(_) | Err(Rejected::Malformed(_))
        )
    }
}

pub fn vectors(connector: &dyn Connector) -> Vec<Vector> {
    let text = fs::read(folder(connector, "fixtures/signatures.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// A refusal of something that must not even be tried: the account points nowhere.
pub async fn assert_refused(connector: &dyn Connector, message: &Outgoing) {
    let error = connector
        .send(&client(), &account(connector, "http://127.0.0.1:1"), message)
        .await
        .unwrap_err();
    assert_eq!(error.code, "invalid_message", "{error}: {message:?}");
}

/// What goes over the wire for this message, which the provider takes.
pub async fn sent(
    connector: &dyn Connector,
    change: impl Fn(&mut ChannelAccount),
    message: &Outgoing,
) -> provider::Request {
    let (status, body) = connector.counterpart().accepts();
    let mut provider = Provider::answering(status, "", body).await;
    let mut account = account(connector, &provider.url());
    change(&mut account);
    let receipt = connector.send(&client(), &account, message).await.unwrap();
    assert!(!receipt.provider_message_id.is_empty());
    provider.requests.recv().await.unwrap()
}
