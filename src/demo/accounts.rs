//! One account of each channel, as its provider's counterpart would have it set up. Answers go to the demo's provider.

use switchboard_connectors::{self as connectors, Connector};
use switchboard_domain::{AccountKey, Channel, ChannelAccount, Secret, Timestamp};
use switchboard_store::StoreError;

use super::{BRANCH, TEAM, move_provider};
use crate::app::{App, StartError};

/// Fills in what isn't there; WhatsApp has its number already.
pub async fn sow(app: &App, provider: &str) -> Result<(), StartError> {
    for connector in connectors::all().filter(|connector| connector.channel() != Channel::Whatsapp) {
        let url = format!("{provider}/providers/{}", connector.channel());
        let account = account(connector, &url, app.clock.now());
        match app.store.accounts.insert(&account).await {
            Err(StoreError::Duplicate) => move_provider(app, &account.key, &url).await?,
            other => other?,
        }
    }
    Ok(())
}

/// `<channel>-demo`, with the secret `demo-<channel>-secret` where the scheme's secret is any text.
fn account(connector: &dyn Connector, url: &str, now: Timestamp) -> ChannelAccount {
    let channel = connector.channel();
    let (mut settings, mut secrets) = connector.counterpart().account(url);
    settings.other.insert("demo_provider".to_owned(), url.into());
    let secret = Secret::new(format!("demo-{channel}-secret"));
    let given = secrets.0.insert("signing_secret".to_owned(), secret);
    // A public key, or a key in Base64: then the counterpart's own has to do.
    if let (Err(_), Some(given)) = (connector.check_account(&settings, &secrets), given) {
        secrets.0.insert("signing_secret".to_owned(), given);
    }
    ChannelAccount {
        key: AccountKey {
            channel,
            account_id: format!("{channel}-demo"),
        },
        name: format!("Demo {channel}"),
        settings,
        secrets,
        team_id: Some(TEAM.into()),
        branch_id: Some(BRANCH.into()),
        queue_id: None,
        enabled: true,
        created_at: now,
        updated_at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_could_work_and_the_readme_names_those_with_keys_of_their_own() {
        let mut own = Vec::new();
        for connector in connectors::all() {
            let account = account(connector, "http://127.0.0.1:1", Timestamp::from_secs(1));
            let faults = connector.check_account(&account.settings, &account.secrets);
            assert_eq!(faults, Ok(()), "{}", account.key);
            let secret = account.secrets.signing_secret().map(Secret::expose);
            if secret != Some(&format!("demo-{}-secret", connector.channel())) {
                own.push(connector.channel());
            }
        }
        assert_eq!(own, [Channel::Discord, Channel::Sendgrid, Channel::Custom]);
    }
}
