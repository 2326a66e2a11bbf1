//! What an honest provider doesn't do.

use serde_json::json;
use switchboard_tests::http;

use super::{Browser, Sso};

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
