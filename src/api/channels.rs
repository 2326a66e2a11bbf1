//! Channel accounts: connecting a number, page or mailbox. Secrets go in and never come out.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_connectors::outbound;
use switchboard_domain::{
    AccountHealth, AccountKey, AccountSecrets, AccountSettings, AccountTrail, BranchId, Channel,
    ChannelAccount, Permission, QueueId, Secret, TeamId, Timestamp,
};
use utoipa::ToSchema;

use super::{List, fault};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
    json::{Json, Patch},
};

/// An account as the API shows it.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "`account_id` is its name everywhere outside"
)]
pub struct Account {
    channel: Channel,
    account_id: String,
    name: String,
    settings: AccountSettings,
    /// The names of the secrets that are set.
    secrets: Vec<String>,
    team_id: Option<TeamId>,
    branch_id: Option<BranchId>,
    queue_id: Option<QueueId>,
    enabled: bool,
    /// The address the provider posts to.
    webhook_url: String,
    health: AccountHealth,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Account {
    fn of(app: &App, account: ChannelAccount, trail: &AccountTrail) -> Self {
        let silence = app.config.health.webhook_silence();
        let health = trail.health(account.updated_at, silence, app.clock.now());
        let origin = app.public_origin(&account).to_owned();
        let AccountKey { channel, account_id } = account.key;
        Self {
            webhook_url: format!("{origin}/webhooks/{channel}/{account_id}"),
            health,
            channel,
            account_id,
            name: account.name,
            settings: account.settings,
            secrets: account
                .secrets
                .0
                .into_iter()
                .filter(|(_, secret)| !secret.is_empty())
                .map(|(name, _)| name)
                .collect(),
            team_id: account.team_id,
            branch_id: account.branch_id,
            queue_id: account.queue_id,
            enabled: account.enabled,
            created_at: account.created_at,
            updated_at: account.updated_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct NewAccount {
    channel: Channel,
    account_id: String,
    name: String,
    #[serde(default)]
    settings: AccountSettings,
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    secrets: AccountSecrets,
    team_id: Option<TeamId>,
    branch_id: Option<BranchId>,
    queue_id: Option<QueueId>,
}

/// Only what is given changes; a secret is replaced by name, and taken away by an empty text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    name: Option<String>,
    settings: Option<AccountSettings>,
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    secrets: Option<BTreeMap<String, Secret>>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    team_id: Patch<TeamId>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    branch_id: Patch<BranchId>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    queue_id: Patch<QueueId>,
    enabled: Option<bool>,
}

/// All channel accounts.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels", responses((status = 200, body = List<Account>)),
    security(("bearer" = [])))]
pub async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Answer<List<Account>>, ApiError> {
    caller.require_everywhere(Permission::ChannelsManage)?;
    let accounts = app.store.accounts.all().await?;
    let mut trails = app.store.account_trails.all().await?;
    let shown = |account: ChannelAccount| {
        let trail = trails.remove(&account.key.to_string()).unwrap_or_default();
        Account::of(&app, account, &trail)
    };
    Ok(Answer(List::whole(accounts.into_iter().map(shown).collect())))
}

/// One channel account.
#[utoipa::path(get, path = "/api/v1/channels/{channel}/{account_id}", tag = "channels",
    params(("channel" = String, Path), ("account_id" = String, Path)),
    responses((status = 200, body = Account), (status = 404)), security(("bearer" = [])))]
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((channel, account_id)): Path<(String, String)>,
) -> Result<Answer<Account>, ApiError> {
    caller.require_everywhere(Permission::ChannelsManage)?;
    let account = find(&app, &channel, account_id).await?;
    let trail = app.store.account_trails.of(&account.key).await?;
    Ok(Answer(Account::of(&app, account, &trail)))
}

/// Connects an account.
#[utoipa::path(post, path = "/api/v1/channels", tag = "channels", request_body = NewAccount,
    responses((status = 201, body = Account), (status = 409), (status = 422)), security(("bearer" = [])))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewAccount>,
) -> Result<(StatusCode, Answer<Account>), ApiError> {
    caller.require_everywhere(Permission::ChannelsManage)?;
    let now = app.clock.now();
    let account = ChannelAccount {
        key: AccountKey {
            channel: new.channel,
            account_id: new.account_id,
        },
        name: new.name,
        settings: new.settings,
        secrets: new.secrets,
        team_id: new.team_id,
        branch_id: new.branch_id,
        queue_id: new.queue_id,
        enabled: true,
        created_at: now,
        updated_at: now,
    };
    check(&app, &account).await?;
    let key = account.key.to_string();
    let what = Change::act("channel.created", "channel", &key).to(&Logged::of(&account));
    audit::change(&app, &caller, what, app.store.accounts.insert(&account)).await?;
    app.forget_account(&account.key);
    let trail = app.store.account_trails.of(&account.key).await?;
    Ok((StatusCode::CREATED, Answer(Account::of(&app, account, &trail))))
}

/// Changes an account.
#[utoipa::path(patch, path = "/api/v1/channels/{channel}/{account_id}", tag = "channels", request_body = AccountPatch,
    params(("channel" = String, Path), ("account_id" = String, Path)),
    responses((status = 200, body = Account), (status = 404), (status = 422)), security(("bearer" = [])))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((channel, account_id)): Path<(String, String)>,
    Json(patch): Json<AccountPatch>,
) -> Result<Answer<Account>, ApiError> {
    caller.require_everywhere(Permission::ChannelsManage)?;
    let before = find(&app, &channel, account_id).await?;
    let key = before.key.to_string();
    let set: Vec<String> = patch
        .secrets
        .iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    let what = Change::act("channel.changed", "channel", &key).from(&Logged::of(&before));
    let mut account = patch.apply(before);
    account.updated_at = app.clock.now();
    check(&app, &account).await?;
    let what = what.to(&Logged {
        secrets_set: set,
        ..Logged::of(&account)
    });
    let replaced = audit::change(&app, &caller, what, app.store.accounts.replace(&account)).await?;
    if !replaced {
        return Err(ApiError::not_found("channel account"));
    }
    app.forget_account(&account.key);
    let trail = app.store.account_trails.of(&account.key).await?;
    Ok(Answer(Account::of(&app, account, &trail)))
}

/// An account as the audit log shows it: of secrets the names.
#[derive(Serialize)]
struct Logged<'a> {
    name: &'a str,
    settings: &'a AccountSettings,
    secrets: Vec<&'a str>,
    /// Those given anew, also in the place of others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secrets_set: Vec<String>,
    team_id: &'a Option<TeamId>,
    branch_id: &'a Option<BranchId>,
    queue_id: &'a Option<QueueId>,
    enabled: bool,
}

impl<'a> Logged<'a> {
    fn of(account: &'a ChannelAccount) -> Self {
        Self {
            name: &account.name,
            settings: &account.settings,
            secrets: account.secrets.0.keys().map(String::as_str).collect(),
            secrets_set: Vec::new(),
            team_id: &account.team_id,
            branch_id: &account.branch_id,
            queue_id: &account.queue_id,
            enabled: account.enabled,
        }
    }
}

impl AccountPatch {
    fn apply(self, mut account: ChannelAccount) -> ChannelAccount {
        account.name = self.name.unwrap_or(account.name);
        account.settings = self.settings.unwrap_or(account.settings);
        account.team_id = self.team_id.over(account.team_id);
        account.branch_id = self.branch_id.over(account.branch_id);
        account.queue_id = self.queue_id.over(account.queue_id);
        account.enabled = self.enabled.unwrap_or(account.enabled);
        account.secrets.0.extend(self.secrets.unwrap_or_default());
        account.secrets.0.retain(|_, secret| !secret.is_empty());
        account
    }
}

pub(super) async fn find(app: &App, channel: &str, account_id: String) -> Result<ChannelAccount, ApiError> {
    let channel: Channel = channel.parse().map_err(|_| ApiError::not_found("channel"))?;
    let key = AccountKey { channel, account_id };
    app.store
        .accounts
        .get(&key)
        .await?
        .ok_or_else(|| ApiError::not_found("channel account"))
}

async fn check(app: &App, account: &ChannelAccount) -> Result<(), ApiError> {
    let id = &account.key.account_id;
    if id.is_empty()
        || id.len() > 64
        || !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    {
        return Err(fault(
            "account_id",
            "An account's id has 1 to 64 letters, digits, '-', '_' or '.'.",
        ));
    }
    if account.name.trim().is_empty() {
        return Err(fault("name", "An account needs a name."));
    }
    if let Some(queue) = &account.queue_id
        && app.store.queues.get(queue.as_str()).await?.is_none()
    {
        return Err(fault("queue_id", "There is no such queue."));
    }
    if let Some(team) = &account.team_id
        && app.store.teams.get(team.as_str()).await?.is_none()
    {
        return Err(fault("team_id", "There is no such team."));
    }
    if let Some(url) = account.settings.api_base_url.as_deref()
        && reqwest::Url::parse(url).is_ok_and(|url| !outbound::may_ask(&url))
    {
        return Err(fault(
            "settings.api_base_url",
            "This address isn't one that may be reached from here.",
        ));
    }
    switchboard_connectors::find(account.key.channel)
        .check_account(&account.settings, &account.secrets)
        .map_err(|faults| ApiError::invalid("The account couldn't work with these settings.", faults))
}
