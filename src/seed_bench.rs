//! What measurements need: teams, each with a number and a queue of its own, and agents who see all of their team's work.

use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Intent, Secret, Team, TeamId, User,
};
use switchboard_store::{Credentials, StoreError};

use crate::{
    app::{App, StartError},
    demo::queue,
};

/// The account that all webhooks come to; which number they are for is in their bodies.
const DOOR: &str = "wa-bench";
const PASSWORD: &str = "switchboard-bench";
/// The number of team `n` is this plus `n`.
const FIRST_NUMBER: u64 = 100_000_000_000_000;

/// Agents `agent-0@bench.test` and on, agent `i` in team `i % teams`; and `admin@bench.test`, who sees everything.
pub async fn sow(app: &App, agents: usize, teams: usize) -> Result<(), StartError> {
    account(app, DOOR, None, 0).await?;
    for n in 0..teams {
        let team = Team {
            id: team_id(n),
            name: format!("Team {n}"),
            branch_id: None,
        };
        app.store.teams.put_if_absent(&team).await?;
        app.store
            .queues
            .put_if_absent(&queue(team.id.as_str(), &team.name, vec![team.id.clone()]))
            .await?;
        account(app, &format!("{DOOR}-{n}"), Some(FIRST_NUMBER + n as u64), n).await?;
    }
    let hash = app.passwords.hash(Secret::new(PASSWORD)).await?;
    let user = |id: String, role: &str, team_ids, capacity| Credentials {
        user: User {
            email: format!("{id}@bench.test"),
            name: id.clone(),
            id: id.into(),
            role_id: role.into(),
            team_ids,
            branch_id: None,
            skills: Vec::new(),
            capacity,
            channel_limits: std::collections::BTreeMap::new(),
            auto_accept: true,
            enabled: true,
        },
        password_hash: hash.clone(),
    };
    let mut all: Vec<Credentials> = (0..agents)
        .map(|n| {
            user(
                format!("agent-{n}"),
                "team_lead",
                vec![team_id(n % teams)],
                100_000,
            )
        })
        .collect();
    all.push(user("admin".to_owned(), "super_admin", Vec::new(), 0));
    app.store.users.insert_absent(&all).await?;
    for n in 0..agents {
        app.store
            .presence
            .declare(&format!("agent-{n}").into(), Intent::Available, app.clock.now())
            .await?;
    }
    Ok(())
}

fn team_id(n: usize) -> TeamId {
    format!("team-{n}").into()
}

async fn account(app: &App, id: &str, number: Option<u64>, team: usize) -> Result<(), StartError> {
    let now = app.clock.now();
    let secrets = ["signing_secret", "access_token", "verify_token"];
    let account = ChannelAccount {
        key: AccountKey {
            channel: Channel::Whatsapp,
            account_id: id.to_owned(),
        },
        name: format!("Measured WhatsApp {id}"),
        settings: AccountSettings {
            // Nothing is sent while measuring; nothing could leave the machine.
            api_base_url: Some("http://127.0.0.1:9".to_owned()),
            provider_account_id: number.map(|number| number.to_string()),
            ..AccountSettings::default()
        },
        secrets: AccountSecrets(
            secrets
                .map(|name| (name.to_owned(), Secret::new("bench-app-secret")))
                .into(),
        ),
        team_id: Some(team_id(team)),
        branch_id: None,
        queue_id: Some(team_id(team).as_str().into()),
        enabled: true,
        created_at: now,
        updated_at: now,
    };
    match app.store.accounts.insert(&account).await {
        Err(StoreError::Duplicate) => Ok(()),
        other => Ok(other?),
    }
}
