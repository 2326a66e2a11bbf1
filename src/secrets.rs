//! `switchboard secrets rotate`: seals everything anew with the deployment's current secret.

use switchboard_domain::Clock;

use crate::{
    app::{StartError, open_hub},
    config::Config,
};

/// Safe to repeat, and while the hub runs: each value is replaced only if it is still the one that was opened.
pub async fn rotate(config: &Config) -> Result<(), StartError> {
    let store = open_hub(config, Clock::system()).await?.store;
    let accounts = store.accounts.seal_anew().await?;
    let factors = store.totp.seal_anew().await?;
    store.audit.seal_anew().await?;
    println!("Sealed anew: {accounts} channel accounts, {factors} second factors, the end of the audit log.");
    println!(
        "Once every node runs with the new secret and a day has passed, previous_secret_keys can be emptied."
    );
    Ok(())
}
