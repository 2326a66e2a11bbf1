//! The sections of `config/default.toml`, where every setting is explained.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;
use switchboard_domain::{AccountKey, Channel, RoleId, Secret, TeamId};
use switchboard_queue::{Allowance, Lane};
use switchboard_workers::RoutingRules;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub host: String,
    pub port: u16,
    pub public_base_url: String,
    pub request_timeout_secs: u64,
    pub max_body_bytes: usize,
    pub header_timeout_secs: u64,
    pub max_header_bytes: usize,
    pub trust_forwarded_for: bool,
    pub cors_origins: Vec<String>,
    pub shutdown_grace_secs: u64,
    pub threads: usize,
}

impl Http {
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_secs)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mongo {
    pub uri: String,
    pub database: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    pub url: String,
    pub prefix: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    pub access_token_ttl_secs: u64,
    pub refresh_token_ttl_days: u64,
    pub secure_cookies: bool,
    pub argon2_memory_kib: u32,
    pub argon2_passes: u32,
    pub argon2_lanes: u32,
    pub argon2_concurrency: usize,
    pub directory_ttl_millis: u64,
    pub refresh_overlap_millis: u64,
}

impl Auth {
    pub fn access_token_ttl(&self) -> Duration {
        Duration::from_secs(self.access_token_ttl_secs)
    }

    pub fn refresh_overlap(&self) -> Duration {
        Duration::from_millis(self.refresh_overlap_millis)
    }

    pub fn refresh_token_ttl(&self) -> Duration {
        Duration::from_secs(self.refresh_token_ttl_days * 24 * 60 * 60)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    pub email: bool,
    pub sms_account: String,
    pub sms_prefixes: Vec<String>,
}

impl Codes {
    /// The account that codes leave by as SMS.
    pub fn account(&self) -> Option<AccountKey> {
        let (channel, account_id) = self.sms_account.split_once('/')?;
        let channel: Channel = channel.parse().ok()?;
        let sends_sms = matches!(
            channel,
            Channel::Twilio | Channel::Vonage | Channel::Messagebird | Channel::Infobip
        );
        sends_sms.then(|| AccountKey {
            channel,
            account_id: account_id.to_owned(),
        })
    }
}

/// One of `[oidc.ID]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcProvider {
    pub name: String,
    pub issuer: String,
    pub client_id: String,
    #[serde(default = "no_secret")]
    pub client_secret: Secret,
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    pub email_domains: Vec<String>,
    pub role_claim: String,
    pub roles: Vec<ClaimedRole>,
    #[serde(default)]
    pub team_claim: Option<String>,
    #[serde(default)]
    pub teams: Vec<ClaimedTeam>,
    #[serde(default)]
    pub second_factor_amr: Vec<String>,
    #[serde(default)]
    pub second_factor_acr: Vec<String>,
    #[serde(default)]
    pub capacity: u32,
    #[serde(default = "a_day")]
    pub session_hours: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedRole {
    pub value: String,
    pub role_id: RoleId,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedTeam {
    pub value: String,
    pub team_id: TeamId,
}

fn no_secret() -> Secret {
    Secret::new("")
}

fn usual_scopes() -> Vec<String> {
    vec!["email".to_owned(), "profile".to_owned()]
}

fn a_day() -> u64 {
    24
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub sign_in_per_address: Count,
    pub sign_in_per_email: Count,
    pub password_reset: Count,
    pub second_factor_per_user: Count,
    pub codes_per_address: Count,
    pub codes_per_receiver: Count,
    pub codes_by_sms: Count,
    pub requests_per_minute_and_address: u32,
    pub requests_per_minute_and_caller: u32,
    pub webhooks_per_minute_and_account: u32,
}

/// So many within so many seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    pub count: u32,
    pub seconds: u64,
}

impl From<Count> for Allowance {
    fn from(Count { count, seconds }: Count) -> Self {
        Self {
            count,
            window: Duration::from_secs(seconds.max(1)),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    pub allow_private: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    pub smtp_url: Secret,
    pub from: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    pub account_ttl_secs: u64,
    pub unknown_accounts: usize,
    pub drain_interval_millis: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversations {
    pub reopen_within_secs: u64,
    pub default_queue: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    pub inactive_after_secs: u64,
    pub return_wait_secs: u64,
    pub disconnect_grace_secs: u64,
    pub shadow_hours: u32,
}

impl Routing {
    pub fn rules(&self) -> RoutingRules {
        let some = |secs: u64| (secs > 0).then(|| Duration::from_secs(secs));
        RoutingRules {
            inactive_after: some(self.inactive_after_secs),
            return_wait: Duration::from_secs(self.return_wait_secs),
            disconnect_grace: Duration::from_secs(self.disconnect_grace_secs),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    pub folder: PathBuf,
    pub max_bytes: usize,
    pub upload_timeout_secs: u64,
    pub link_secs: u64,
    pub provider_link_hours: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Live {
    pub ping_interval_secs: u64,
    pub ping_timeout_secs: u64,
    pub socket_buffer: usize,
    pub max_payload_bytes: usize,
    pub ip_connections: usize,
    pub stream_length: usize,
    pub replay_limit: usize,
    pub recheck_secs: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    pub token_ttl_days: u64,
    pub messages_per_minute: u32,
    pub message_burst: u32,
    pub ip_messages_per_minute: u32,
    pub ip_hellos_per_minute: u32,
    pub ip_connections: usize,
    pub files_per_minute: u32,
    pub ip_files_per_minute: u32,
    pub max_file_bytes: usize,
    pub max_frame_bytes: usize,
    pub ping_interval_secs: u64,
    pub idle_minutes: u64,
}

impl Chat {
    pub fn token_ttl(&self) -> Duration {
        Duration::from_hours(self.token_ttl_days * 24)
    }

    pub fn ping_interval(&self) -> Duration {
        Duration::from_secs(self.ping_interval_secs.max(1))
    }

    pub fn idle(&self) -> Duration {
        Duration::from_mins(self.idle_minutes)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    pub threads: usize,
    pub nice: u8,
    pub ingest_batch: usize,
    pub lease_secs: u64,
    pub max_attempts: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "a setting's name tells its unit")]
pub struct Health {
    pub live_silence_secs: u64,
    pub worker_silence_secs: u64,
    pub webhook_silence_secs: u64,
    pub max_oldest_job_secs: OldestJob,
}

impl Health {
    /// How long an account may get no webhook; `None`: for ever.
    pub fn webhook_silence(&self) -> Option<Duration> {
        (self.webhook_silence_secs > 0).then(|| Duration::from_secs(self.webhook_silence_secs))
    }
}

/// Seconds per lane.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldestJob {
    pub ingest: u64,
    pub ingest_large: u64,
    pub outbound: u64,
    pub routing: u64,
    pub timers: u64,
    pub bulk: u64,
}

impl OldestJob {
    pub fn of(&self, lane: Lane) -> Duration {
        Duration::from_secs(match lane {
            Lane::Ingest => self.ingest,
            Lane::IngestLarge => self.ingest_large,
            Lane::Outbound => self.outbound,
            Lane::Routing => self.routing,
            Lane::Timers => self.timers,
            Lane::Bulk => self.bulk,
        })
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Json,
    Pretty,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    pub enabled: bool,
}
