//! Which accounts have a connection, to where and as whom.

use reqwest::Url;
use serde_json::Value;
use switchboard_domain::{AccountSettings, Channel, ChannelAccount, Secret};

/// Where a session begins; one that goes on has an address of its own.
const GATEWAY: &str = "wss://gateway.discord.gg";

/// What a connection is made with. If it changes, another connection is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub(super) token: Secret,
    base: String,
}

impl Access {
    /// None: this account is to have no connection.
    pub fn of(account: &ChannelAccount) -> Option<Self> {
        let wanted = account.settings.other.get("gateway").and_then(Value::as_bool);
        if account.key.channel != Channel::Discord || !account.enabled || wanted != Some(true) {
            return None;
        }
        let base = address(&account.settings).unwrap_or(GATEWAY);
        Some(Self {
            token: account.secrets.access_token()?.clone(),
            base: base.trim_end_matches('/').to_owned(),
        })
    }

    pub(super) fn begun_at(&self) -> &str {
        &self.base
    }

    /// Discord's word is taken for where to go on, unless the token would leave in the clear though the account's own
    /// address is a safe one.
    pub(super) fn resumed_at<'a>(&'a self, url: &'a str) -> &'a str {
        let safe = url.starts_with("wss://");
        let as_safe_as_ours = url.starts_with("ws://") && !self.base.starts_with("wss://");
        if safe || as_safe_as_ours {
            url.trim_end_matches('/')
        } else {
            &self.base
        }
    }
}

/// The account's own gateway, if it isn't Discord's.
fn address(settings: &AccountSettings) -> Option<&str> {
    settings.other.get("gateway_url").and_then(Value::as_str)
}

pub(in crate::discord) fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "ws" | "wss") && url.has_host())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard_domain::{AccountKey, AccountSecrets, Timestamp};

    use super::*;

    fn account(gateway: Value, token: &str) -> ChannelAccount {
        ChannelAccount {
            key: AccountKey {
                channel: Channel::Discord,
                account_id: "d".into(),
            },
            name: "D".into(),
            settings: AccountSettings {
                other: [("gateway".to_owned(), gateway)].into(),
                ..AccountSettings::default()
            },
            secrets: AccountSecrets([("access_token".to_owned(), Secret::new(token))].into()),
            team_id: None,
            branch_id: None,
            queue_id: None,
            enabled: true,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
        }
    }

    #[test]
    fn an_account_has_a_connection_if_it_asks_for_one_and_has_a_token() {
        let wanted = account(json!(true), "token");
        assert_eq!(Access::of(&wanted).unwrap().begun_at(), GATEWAY);
        assert_eq!(Access::of(&account(json!(true), "")), None);
        for gateway in [json!(false), json!(null), json!("true")] {
            assert_eq!(Access::of(&account(gateway, "token")), None);
        }
        let mut off = wanted.clone();
        off.enabled = false;
        assert_eq!(Access::of(&off), None);
        let mut other = wanted;
        other.key.channel = Channel::Slack;
        assert_eq!(Access::of(&other), None);
    }

    #[test]
    fn a_token_never_goes_from_a_safe_address_to_an_unsafe_one() {
        let mut account = account(json!(true), "token");
        let safe = Access::of(&account).unwrap();
        assert_eq!(safe.resumed_at("wss://b.discord.gg/"), "wss://b.discord.gg");
        for unsafe_or_none in ["ws://b.discord.gg", "", "https://b.discord.gg"] {
            assert_eq!(safe.resumed_at(unsafe_or_none), GATEWAY);
        }
        let own = json!("ws://127.0.0.1:9/");
        account.settings.other.insert("gateway_url".into(), own);
        let own = Access::of(&account).unwrap();
        assert_eq!(own.begun_at(), "ws://127.0.0.1:9");
        assert_eq!(own.resumed_at("ws://127.0.0.1:10"), "ws://127.0.0.1:10");
        assert_eq!(own.resumed_at("nonsense"), "ws://127.0.0.1:9");
    }
}
