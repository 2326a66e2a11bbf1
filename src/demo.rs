//! The demo (development profile only): people, a number and the provider to go with it.

mod accounts;

use std::{net::SocketAddr, sync::Arc};

use switchboard_demo::{FakeGraph, FakeGraphOptions};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Queue, Secret, Strategy, Team, User,
};
use switchboard_store::{Credentials, StoreError};
use tokio::net::TcpListener;

use crate::app::{App, StartError};

const PASSWORD: &str = "switchboard-demo";
const TEAM: &str = "support";
const BRANCH: &str = "main";
/// Who there is: the name before `@demo.test`, what they are called, their role.
const PEOPLE: [(&str, &str, &str); 9] = [
    ("admin", "Ada Admin", "super_admin"),
    ("ops", "Oscar Operations", "operations"),
    ("lead", "Lena Lead", "team_lead"),
    ("agent1", "Anna Agent", "agent"),
    ("agent2", "Ben Agent", "agent"),
    ("agent3", "Carla Agent", "agent"),
    ("agent4", "David Agent", "agent"),
    ("agent5", "Eva Agent", "agent"),
    ("branch", "Bruno Branch", "branch_manager"),
];

/// What to fill in.
#[derive(Clone, Copy, Debug)]
pub enum Seed {
    Demo,
    /// Agents who can take any number of conversations, in teams of equal size.
    Bench {
        agents: usize,
        teams: usize,
    },
}

/// Fills in what isn't there yet.
pub async fn sow(app: &App, seed: Seed) -> Result<(), StartError> {
    match seed {
        Seed::Demo => people(app).await,
        Seed::Bench { agents, teams } => crate::seed_bench::sow(app, agents, teams.max(1)).await,
    }
}

/// Seeds the demo, starts the provider on the next port, and tells the newcomer where to go.
pub async fn start(app: &Arc<App>, listener: &TcpListener) -> Result<FakeGraph, StartError> {
    let address = listener.local_addr()?;
    let hub = format!("http://127.0.0.1:{}", address.port());
    let graph = provider(address.port(), &hub).await?;
    people(app).await?;
    account(app, graph.url()).await?;
    accounts::sow(app, graph.url()).await?;
    println!("\n  Switchboard   {hub}");
    println!(
        "  The customer  {}   (a phone to write to the hub with)",
        graph.url()
    );
    println!(
        "  The shop      {}/shop   (a page of a company's, with the web chat on it)\n",
        graph.url()
    );
    println!(
        "  Sign in as    {}",
        PEOPLE.map(|(name, ..)| format!("{name}@demo.test")).join(", ")
    );
    println!("  Password      {PASSWORD}\n");
    Ok(graph)
}

/// On the next port; on any, if that is taken.
async fn provider(port: u16, hub: &str) -> std::io::Result<FakeGraph> {
    let options = FakeGraphOptions::demo(hub);
    let next = SocketAddr::from(([127, 0, 0, 1], port.checked_add(1).unwrap_or(0)));
    match FakeGraph::start(next, options.clone()).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            FakeGraph::start(SocketAddr::from(([127, 0, 0, 1], 0)), options).await
        }
        other => other,
    }
}

async fn people(app: &App) -> Result<(), StartError> {
    let team = Team {
        id: TEAM.into(),
        name: "Support".to_owned(),
        branch_id: Some(BRANCH.into()),
    };
    app.store.teams.put_if_absent(&team).await?;
    app.store
        .queues
        .put_if_absent(&queue(
            &app.config.conversations.default_queue,
            "Everything",
            vec![TEAM.into()],
        ))
        .await?;
    let hash = app.passwords.hash(Secret::new(PASSWORD)).await?;
    let credentials = PEOPLE.map(|(name, full_name, role)| Credentials {
        user: User {
            id: name.into(),
            email: format!("{name}@demo.test"),
            name: full_name.to_owned(),
            role_id: role.into(),
            team_ids: if matches!(role, "team_lead" | "agent") {
                vec![TEAM.into()]
            } else {
                Vec::new()
            },
            branch_id: (role == "branch_manager").then(|| BRANCH.into()),
            skills: Vec::new(),
            capacity: if role == "agent" { 5 } else { 0 },
            channel_limits: std::collections::BTreeMap::new(),
            auto_accept: true,
            enabled: true,
        },
        password_hash: hash.clone(),
    });
    Ok(app.store.users.insert_absent(&credentials).await?)
}

/// The demo's number. Its provider may have another port than last time.
async fn account(app: &App, graph: &str) -> Result<(), StartError> {
    let key = AccountKey {
        channel: Channel::Whatsapp,
        account_id: "wa-demo".to_owned(),
    };
    let options = FakeGraphOptions::demo("");
    let secrets = [
        ("signing_secret", options.app_secret.as_str()),
        ("access_token", options.access_token.as_str()),
        ("verify_token", "demo-verify"),
    ];
    let now = app.clock.now();
    let fresh = ChannelAccount {
        key: key.clone(),
        name: "Demo WhatsApp".to_owned(),
        settings: AccountSettings {
            api_base_url: Some(graph.to_owned()),
            provider_account_id: Some(options.phone_number_id),
            other: [("demo_provider".to_owned(), graph.into())].into(),
            ..AccountSettings::default()
        },
        secrets: AccountSecrets(
            secrets
                .map(|(name, text)| (name.to_owned(), Secret::new(text)))
                .into(),
        ),
        team_id: Some(TEAM.into()),
        branch_id: Some(BRANCH.into()),
        queue_id: None,
        enabled: true,
        created_at: now,
        updated_at: now,
    };
    match app.store.accounts.insert(&fresh).await {
        Err(StoreError::Duplicate) => move_provider(app, &key, graph).await,
        other => Ok(other?),
    }
}

/// Unless somebody pointed the account elsewhere.
async fn move_provider(app: &App, key: &AccountKey, graph: &str) -> Result<(), StartError> {
    let Some(mut account) = app.store.accounts.get(key).await? else {
        return Ok(());
    };
    let ours = account
        .settings
        .other
        .get("demo_provider")
        .and_then(|url| url.as_str().map(str::to_owned));
    if ours.is_some() && ours == account.settings.api_base_url {
        account.settings.api_base_url = Some(graph.to_owned());
        account
            .settings
            .other
            .insert("demo_provider".to_owned(), graph.into());
        account.updated_at = app.clock.now();
        app.store.accounts.replace(&account).await?;
    }
    Ok(())
}

pub fn queue(id: &str, name: &str, team_ids: Vec<switchboard_domain::TeamId>) -> Queue {
    Queue {
        id: id.into(),
        name: name.to_owned(),
        team_ids,
        strategy: Strategy::Balanced,
        offer_ttl_secs: 30,
        auto_accept: false,
        any_agent: true,
        weight: 1,
        wrap_up_secs: 0,
        business_hours_id: None,
        overflow: Vec::new(),
    }
}
