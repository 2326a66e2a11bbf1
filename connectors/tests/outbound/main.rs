//! In a process that may only reach public addresses, nothing of ours is asked, however its address is dressed up.
//!
//! A binary of its own: what it forbids, it forbids for the whole process.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use switchboard_connectors::{find, http_client, outbound};
use switchboard_domain::{AccountKey, AccountSettings, Channel, ChannelAccount, Timestamp};
use tokio::net::TcpListener;

fn account(api_base_url: &str) -> ChannelAccount {
    let (settings, secrets) = find(Channel::Telegram).counterpart().account(api_base_url);
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Telegram,
            account_id: "t".into(),
        },
        name: "t".into(),
        settings: AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            ..settings
        },
        secrets,
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: Timestamp::from_secs(0),
        updated_at: Timestamp::from_secs(0),
    }
}

#[tokio::test]
async fn our_own_network_is_out_of_reach() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let http = http_client().unwrap();
    let ask = async |host: &str| {
        let account = account(&format!("http://{host}:{port}"));
        find(Channel::Telegram).check_credentials(&http, &account).await
    };
    // Allowed, it is reached: the test would notice if nothing ever were.
    let _ = ask("127.0.0.1").await;
    assert_eq!(reached.load(Ordering::SeqCst), 1);

    outbound::only_to_public_addresses();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "a.localhost",
        "localhost.",
    ] {
        let error = ask(host).await.unwrap_err();
        assert!(
            ["address_not_allowed", "unreachable"].contains(&error.code.as_str()),
            "{host}: {error:?}"
        );
    }
    assert!(outbound::resolve("127.0.0.1", port).await.is_err());
    assert_eq!(reached.load(Ordering::SeqCst), 1, "something of ours was asked");
}
