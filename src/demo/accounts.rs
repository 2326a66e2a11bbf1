//! One account of each channel, as its provider's counterpart would have it set up. Answers go to the demo's provider.

use switchboard_connectors::{self as connectors, Connector};
use switchboard_domain::{AccountKey, Channel, ChannelAccount, Secret};
use switchboard_store::StoreError;

use super::{BRANCH, TEAM, move_provider};
use crate::app::{App, StartError};

/// Fills in what isn't there; WhatsApp has its number already.
pub async fn sow(app: &App, provider: &str) -> Result<(), StartError> {
    for connector in connectors::all().filter(|connector| connector.channel() != Channel::Whatsapp) {
        let url = format!("{provider}/providers/{}", connector.channel());
        let account = account(app, connector, &url);
        match app.store.accounts.insert(&account).await {
            Err(StoreError::Duplicate) => move_provider(app, &account.key, &url).await?,
            other => other?,
        }
    }
    Ok(())
}

/// `<channel>-demo`, with the secret `demo-<channel>-secret` where the scheme's secret is any text.
fn account(app: &App, connector: &dyn Connector, url: &str) -> ChannelAccount {
    let channel = connector.channel();
    let (mut settings, mut secrets) = connector.counterpart().account(url);
    settings.other.insert("demo_provider".to_owned(), url.into());
    let secret = Secret::new(format!("demo-{channel}-secret"));
    let given = secrets.0.insert("signing_secret".to_owned(), secret);
    // A public key, or a key in Base64: then the counterpart's own has to do.
    if let (Err(_), Some(given)) = (connector.check_account(&settings, &secrets), given) {
        secrets.0.insert("signing_secret".to_owned(), given);
    }
    let now = app.clock.now();
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
