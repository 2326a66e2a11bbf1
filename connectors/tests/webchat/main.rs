//! Web chat: what visitors say as events, what agents may send, and what an account may be set to.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod events;
mod sending;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use switchboard_connectors::{Connector, Inbound, StoredRequest, Verified, find};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Secret, Timestamp,
};

fn connector() -> &'static dyn Connector {
    find(Channel::Webchat)
}

fn now() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

fn account(secrets: &[(&str, &str)]) -> ChannelAccount {
    let secrets = secrets
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Secret::new(*text)));
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Webchat,
            account_id: "shop".to_owned(),
        },
        name: "Shop".to_owned(),
        settings: AccountSettings::default(),
        secrets: AccountSecrets(secrets.collect()),
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: now(),
        updated_at: now(),
    }
}

fn settings(other: Value) -> AccountSettings {
    AccountSettings {
        other: serde_json::from_value::<BTreeMap<String, Value>>(other).unwrap(),
        ..AccountSettings::default()
    }
}

fn read(body: impl Into<Bytes>) -> Vec<Inbound> {
    let stored = StoredRequest {
        headers: Vec::new(),
        body: body.into(),
    };
    connector().normalise(&Verified::restore(stored), now())
}
