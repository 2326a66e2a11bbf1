//! `switchboard audit verify`: is the audit log as it was written?

use switchboard_domain::Clock;
use switchboard_store::AuditHead;

use crate::{
    app::{StartError, open_hub},
    audit::MARK,
    config::Config,
};

/// Says what it found; an error if anything is not as it was written. `kept`: an end of the chain that was kept elsewhere.
pub async fn run(config: &Config, kept: Option<AuditHead>) -> Result<(), StartError> {
    let hub = open_hub(config, Clock::system()).await?;
    let mut known: Vec<AuditHead> = kept.into_iter().collect();
    match hub.redis.mark(MARK).text().await {
        Ok(Some(text)) => known.push(text.parse()?),
        Ok(None) => {
            println!("Redis remembers no end of the chain; only the sealed one in MongoDB is compared.");
        }
        Err(error) => println!("Redis can't be asked for the end of the chain: {error}"),
    }
    let report = hub.store.audit.verify(&known).await?;
    for fault in &report.faults {
        println!("{fault}");
    }
    println!("{} entries", report.entries);
    if let Some(head) = &report.head {
        println!("head {head}");
    }
    if report.faults.is_empty() {
        println!("The audit log is as it was written.");
        Ok(())
    } else {
        Err("the audit log isn't as it was written".into())
    }
}
