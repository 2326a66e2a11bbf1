//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the signing key; required |
//! | secrets | `previous_signing_secret` | accepted too, while the key is being changed |
//! | secrets | `access_token` | the access key; needed to send |
//! | settings | `api` | `conversations` (else), `sms`, or `bird` for the new platform |
//! | settings | `provider_account_id` | the channel's id; for `sms` our number or name |
//! | settings | `workspace_id` | for `bird` |
//! | settings | `public_base_url` | the origin MessageBird knows us by, since it signs the URL |
//! | settings | `api_base_url` | else `https://conversations.messagebird.com`, `https://rest.messagebird.com`, `https://api.bird.com` |

use reqwest::{RequestBuilder, Url};
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{
    FieldError, SendError,
    settings::{self, Faults, is_path_segment, text, unfit},
};

/// Which of MessageBird's interfaces the account sends through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    Conversations,
    Sms,
    Bird,
}

impl Api {
    pub fn of(settings: &AccountSettings) -> Option<Self> {
        match settings.other.get("api") {
            None | Some(Value::Null) => Some(Self::Conversations),
            Some(name) => Some(match name.as_str()? {
                "conversations" => Self::Conversations,
                "sms" => Self::Sms,
                "bird" => Self::Bird,
                _ => return None,
            }),
        }
    }

    pub fn base_url(self) -> &'static str {
        match self {
            Self::Conversations => "https://conversations.messagebird.com",
            Self::Sms => "https://rest.messagebird.com",
            Self::Bird => "https://api.bird.com",
        }
    }
}

pub(super) fn api(account: &ChannelAccount) -> Result<Api, SendError> {
    Api::of(&account.settings)
        .ok_or_else(|| unfit("The channel's setting `api` is not one of MessageBird's."))
}

/// The channel or number a message leaves by.
pub(super) fn sender(account: &ChannelAccount) -> Result<&str, SendError> {
    let sender = account.settings.provider_account_id.as_deref();
    sender.ok_or_else(|| unfit("The channel has no channel id or number to send from."))
}

fn segment<'a>(id: Option<&'a str>, message: &str) -> Result<&'a str, SendError> {
    id.filter(|id| is_path_segment(id)).ok_or_else(|| unfit(message))
}

/// Where messages go.
pub(super) fn messages(account: &ChannelAccount, api: Api) -> Result<Url, SendError> {
    let base = api.base_url();
    match api {
        Api::Conversations => settings::endpoint(&account.settings, base, &["v1", "send"]),
        Api::Sms => settings::endpoint(&account.settings, base, &["messages"]),
        Api::Bird => {
            let (workspace, channel) = (workspace(account)?, sender(account)?);
            let channel = segment(Some(channel), "The channel's id at Bird is not valid.")?;
            let path = ["workspaces", workspace, "channels", channel, "messages"];
            settings::endpoint(&account.settings, base, &path)
        }
    }
}

/// What to ask whether the access key is good.
pub(super) fn probe(account: &ChannelAccount, api: Api) -> Result<Url, SendError> {
    match api {
        Api::Bird => {
            let path = ["workspaces", workspace(account)?];
            settings::endpoint(&account.settings, api.base_url(), &path)
        }
        // Both older interfaces share the key, and the balance is kept here.
        Api::Sms | Api::Conversations => {
            settings::endpoint(&account.settings, Api::Sms.base_url(), &["balance"])
        }
    }
}

fn workspace(account: &ChannelAccount) -> Result<&str, SendError> {
    segment(
        text(&account.settings, "workspace_id"),
        "The channel has no valid workspace_id.",
    )
}

pub(super) fn authorise(request: RequestBuilder, token: &Secret) -> RequestBuilder {
    request.header(
        http::header::AUTHORIZATION,
        format!("AccessKey {}", token.expose()),
    )
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut faults = Faults::default();
    faults.basics(settings, secrets, "MessageBird's signing key");
    let api = Api::of(settings);
    faults.unless(
        api.is_some(),
        "settings.api",
        "One of conversations, sms and bird is needed.",
    );
    if secrets.access_token().is_some() {
        faults.unless(
            settings.provider_account_id.is_some(),
            "settings.provider_account_id",
            "To send, the channel's id or a number of ours is needed.",
        );
        faults.unless(
            api != Some(Api::Bird) || text(settings, "workspace_id").is_some_and(is_path_segment),
            "settings.workspace_id",
            "To send through Bird, the workspace's id is needed.",
        );
    }
    faults.into_result()
}
