//! What an honest provider doesn't do.

use std::time::Duration;

use switchboard_tests::{eventually, http};

use super::{Browser, Sso};

const SOON: Duration = Duration::from_secs(30);

async fn fault(sso: &Sso, name: &str) {
    let url = format!("{}/fault/{name}", sso.provider.url);
    http().put(url).send().await.unwrap();
}

#[tokio::test]
async fn a_token_that_isnt_right_in_every_way_lets_nobody_in() {
    let sso = Sso::start("forger.mjs", "").await;
    for name in [
        "expired",
        "other-audience",
        "two-audiences",
        "other-issuer",
        "other-nonce",
        "no-nonce",
        "unsigned",
        "by-the-secret",
        "other-key",
        "changed",
        "no-token",
        "nonsense",
        "endless",
    ] {
        fault(&sso, name).await;
        assert_eq!(sso.refused("x").await, "sso_unproven", "{name}");
    }
    fault(&sso, "no-email-verified").await;
    assert_eq!(sso.refused("x").await, "sso_email_unverified");
    assert!(sso.user("forged@acme.test").await.is_null());
    fault(&sso, "none").await;
    let me = sso.let_in("x").await.get("/me").await.ok();
    assert_eq!(me["email"], "forged@acme.test");
}

#[tokio::test]
async fn new_keys_are_fetched_when_a_token_is_signed_with_one() {
    let sso = Sso::start("forger.mjs", "").await;
    sso.let_in("x").await;
    fault(&sso, "new-key").await;
    // Not more often than every few seconds, whatever comes.
    eventually("the new keys", SOON, async || {
        sso.sign_in(&mut Browser::new(), "").await == "signed-in"
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_says_it_is_another_isnt_believed_until_it_is_itself() {
    for name in ["other-name", "redirect"] {
        let sso = Sso::start("forger.mjs", "").await;
        fault(&sso, name).await;
        assert_eq!(sso.refused("x").await, "sso_unavailable", "{name}");
        fault(&sso, "none").await;
        eventually("a sign-in", SOON, async || {
            sso.sign_in(&mut Browser::new(), "").await == "signed-in"
        })
        .await;
    }
}

#[tokio::test]
async fn a_provider_inside_our_own_network_isnt_asked() {
    let sso = Sso::start_with("forger.mjs", "", |options| {
        options.with("SWITCHBOARD_OUTBOUND__ALLOW_PRIVATE", "false")
    })
    .await;
    assert_eq!(sso.refused("x").await, "sso_unavailable");
    assert!(sso.hub.logs().contains("address_not_allowed"));
}
