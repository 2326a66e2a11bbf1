//! The configuration: built-in defaults, a profile's file, the environment; anything unknown or unsafe stops the start.

mod retention;
mod sections;

use std::{collections::BTreeMap, path::PathBuf};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde::Deserialize;
use switchboard_domain::Secret;

pub use retention::Retention;
pub use sections::{
    Auth, Chat, Codes, Conversations, Demo, Files, Health, Http, Limits, Live, Log, LogFormat, Mail, Mongo,
    OidcProvider, Outbound, Redis, Routing, Webhooks, Work,
};

const DEFAULT: &str = include_str!("../config/default.toml");
const DEVELOPMENT: &str = include_str!("../config/development.toml");

/// What a deployment's secret must have at least, in bytes.
const SECRET_KEY_BYTES: usize = 32;

/// The settings of `config/default.toml`, which explains each.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub secret_key: Secret,
    pub previous_secret_keys: Vec<Secret>,
    pub http: Http,
    pub mongodb: Mongo,
    pub redis: Redis,
    pub auth: Auth,
    pub codes: Codes,
    pub oidc: BTreeMap<String, OidcProvider>,
    pub webhooks: Webhooks,
    pub conversations: Conversations,
    pub routing: Routing,
    pub files: Files,
    pub live: Live,
    pub limits: Limits,
    pub mail: Mail,
    pub outbound: Outbound,
    pub chat: Chat,
    pub work: Work,
    pub retention: Retention,
    pub health: Health,
    pub log: Log,
    pub demo: Demo,
}

/// Which built-in file lies under the deployment's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    Development,
    #[default]
    Production,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration is not right: {0}")]
    Invalid(Box<figment::Error>),
    #[error("{0}")]
    Unsafe(&'static str),
}

impl Config {
    /// Reads and checks the configuration. `file` is the deployment's own.
    pub fn load(profile: Profile, file: Option<PathBuf>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULT));
        if profile == Profile::Development {
            figment = figment.merge(Toml::string(DEVELOPMENT));
        }
        if let Some(path) = file {
            figment = figment.merge(Toml::file_exact(path));
        }
        // These two say where the configuration is, and are no part of it.
        let environment = Env::prefixed("SWITCHBOARD_")
            .ignore(&["profile", "config"])
            .split("__");
        let config: Self = figment
            .merge(environment)
            .extract()
            .map_err(|error| ConfigError::Invalid(Box::new(error)))?;
        config.check(profile)?;
        Ok(config)
    }

    fn check(&self, profile: Profile) -> Result<(), ConfigError> {
        let refuse = |when: bool, why| {
            if when {
                Err(ConfigError::Unsafe(why))
            } else {
                Ok(())
            }
        };
        refuse(
            self.secret_key.expose().len() < SECRET_KEY_BYTES,
            "secret_key is missing or shorter than 32 bytes; set SWITCHBOARD_SECRET_KEY, for instance to the output of `openssl rand -hex 32`",
        )?;
        refuse(
            self.previous_secret_keys
                .iter()
                .any(|key| key.expose().len() < SECRET_KEY_BYTES),
            "one of previous_secret_keys is shorter than 32 bytes",
        )?;
        refuse(
            self.http.max_body_bytes == 0 || self.http.request_timeout_secs == 0,
            "http.max_body_bytes and http.request_timeout_secs can't be 0",
        )?;
        refuse(
            self.files.max_bytes == 0 || self.files.upload_timeout_secs == 0,
            "files.max_bytes and files.upload_timeout_secs can't be 0",
        )?;
        let is_plain = |id: &String| {
            id.bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
        };
        refuse(
            !self.oidc.keys().all(is_plain),
            "the name of an OpenID provider is part of an address: [oidc.NAME] takes letters, digits, - and _",
        )?;
        refuse(
            self.oidc
                .values()
                .any(|provider| provider.email_domains.is_empty() || provider.roles.is_empty()),
            "an OpenID provider without email_domains or roles lets nobody in",
        )?;
        refuse(
            !self.codes.sms_account.is_empty() && self.codes.account().is_none(),
            "codes.sms_account is the twilio, vonage, messagebird or infobip account that codes leave by, as in \"twilio/main\"",
        )?;
        self.retention.check()?;
        if profile == Profile::Development {
            return Ok(());
        }
        refuse(
            self.oidc
                .values()
                .any(|provider| !provider.issuer.starts_with("https:")),
            "the issuer of an OpenID provider has to begin with https:",
        )?;
        let mut secrets = std::iter::once(&self.secret_key).chain(&self.previous_secret_keys);
        refuse(
            secrets.any(|key| DEVELOPMENT.contains(&format!("\"{}\"", key.expose()))),
            "secret_key is the one of the development profile, which everybody knows; set your own",
        )?;
        refuse(
            self.demo.enabled,
            "demo.enabled is for the development profile only: its passwords are public",
        )?;
        refuse(
            !self.auth.secure_cookies && self.http.public_base_url.starts_with("https:"),
            "auth.secure_cookies can't be off where the console is served over https",
        )
    }
}

#[cfg(test)]
#[expect(
    clippy::result_large_err,
    reason = "the size of figment's error is figment's choice"
)]
mod tests {
    use super::*;

    fn load(profile: Profile, variables: &[(&str, &str)], file: Option<&str>) -> Result<Config, ConfigError> {
        let mut result = None;
        figment::Jail::expect_with(|jail| {
            jail.clear_env();
            for (name, value) in variables {
                jail.set_env(name, value);
            }
            let path = file.map(|text| {
                jail.create_file("own.toml", text)
                    .map(|_| jail.directory().join("own.toml"))
            });
            result = Some(Config::load(profile, path.transpose()?));
            Ok(())
        });
        result.unwrap()
    }

    const KEY: (&str, &str) = ("SWITCHBOARD_SECRET_KEY", "0123456789abcdef0123456789abcdef");

    #[test]
    fn production_needs_a_secret_of_its_own() {
        assert!(load(Profile::Production, &[], None).is_err());
        assert!(load(Profile::Production, &[("SWITCHBOARD_SECRET_KEY", "short")], None).is_err());
        let known = "switchboard-development-secret-key-not-for-production";
        assert!(load(Profile::Production, &[("SWITCHBOARD_SECRET_KEY", known)], None).is_err());
        assert!(load(Profile::Production, &[KEY], None).is_ok());
        assert!(
            load(
                Profile::Production,
                &[KEY, ("SWITCHBOARD_DEMO__ENABLED", "true")],
                None
            )
            .is_err()
        );
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let file = "[http]\nport = 9000\nhost = \"0.0.0.0\"";
        let config = load(
            Profile::Production,
            &[KEY, ("SWITCHBOARD_HTTP__PORT", "9001")],
            Some(file),
        )
        .unwrap();
        assert_eq!((config.http.port, config.http.host.as_str()), (9001, "0.0.0.0"));
        assert_eq!(config.mongodb.database, "switchboard");
        assert_eq!(config.health.max_oldest_job_secs.ingest, 60);
    }

    #[test]
    fn a_providers_secret_may_come_apart_from_the_rest() {
        let provider = r#"
            [oidc.acme]
            name = "Acme"
            issuer = "https://login.acme.example"
            client_id = "hub"
            email_domains = ["acme.example"]
            role_claim = "groups"
            roles = [{ value = "support", role_id = "agent" }]
        "#;
        let secret = ("SWITCHBOARD_OIDC__ACME__CLIENT_SECRET", "not in the file");
        let config = load(Profile::Production, &[KEY, secret], Some(provider)).unwrap();
        let acme = &config.oidc["acme"];
        assert_eq!(acme.client_secret.expose(), secret.1);
        assert!(!format!("{config:?}").contains(secret.1));
        for (from, to) in [
            ("https:", "http:"),
            ("[\"acme.example\"]", "[]"),
            ("oidc.acme", "oidc.\"a.b\""),
            ("role_claim", "rôle_claim"),
        ] {
            let changed = provider.replace(from, to);
            assert!(load(Profile::Production, &[KEY], Some(&changed)).is_err(), "{to}");
        }
    }

    #[test]
    fn unknown_keys_are_refused_wherever_they_come_from() {
        assert!(load(Profile::Production, &[KEY, ("SWITCHBOARD_HTTP__PROT", "1")], None).is_err());
        assert!(load(Profile::Production, &[KEY], Some("[htpp]\nport = 1")).is_err());
        let error = load(Profile::Production, &[KEY], Some("[http]\nprot = 1"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("prot"), "{error}");
    }

    #[test]
    fn times_that_cant_be_kept_are_refused_with_a_sentence() {
        let load = |text: &str| load(Profile::Production, &[KEY], Some(&format!("[retention]\n{text}")));
        let times = load("event_log_days = 30\nconversations_days = 365").unwrap();
        let times = times.retention.times();
        let days = |count: u64| Some(std::time::Duration::from_hours(24 * count));
        assert_eq!((times.event_log, times.conversations), (days(30), days(365)));
        assert_eq!((times.deliveries, times.shadow_comparisons), (None, days(30)));
        for (text, word) in [
            ("event_log_days = -1", "event_log_days"),
            ("event_log_days = \"a month\"", "event_log_days"),
            ("orders_days = 20001", "20000"),
            ("conversations_days = 7", "8 or more"),
            ("audit_days = 30", "audit_days"),
        ] {
            let error = load(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn the_development_profile_starts_by_itself() {
        let config = load(Profile::Development, &[], None).unwrap();
        assert!(config.demo.enabled && !config.auth.secure_cookies);
    }

    #[test]
    fn the_example_is_accepted() {
        let example = include_str!("../config/production.example.toml");
        assert!(load(Profile::Production, &[KEY], Some(example)).is_ok());
    }
}
