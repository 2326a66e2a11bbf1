//! Who is let in, and as whom.

use std::time::Duration;

use serde_json::json;
use switchboard_tests::{
    Api, Console,
    api::{PASSWORD, text},
    eventually,
};

use super::{Browser, Sso, person};
use crate::identity::totp;

const GROUPS: &str = r#"scopes = ["email", "profile", "groups"]"#;

#[tokio::test]
async fn whoever_isnt_clearly_somebody_stays_out() {
    let sso = Sso::start("provider.mjs", GROUPS).await;
    let cases = [
        (
            "unverified",
            json!({ "email_verified": false }),
            "sso_email_unverified",
        ),
        (
            "silent",
            json!({ "email_verified": null }),
            "sso_email_unverified",
        ),
        ("nameless", json!({ "email": null }), "sso_email_unverified"),
        (
            "foreign",
            json!({ "email": "eve@elsewhere.test" }),
            "sso_email_foreign",
        ),
        ("roleless", json!({ "groups": ["cleaners"] }), "sso_no_role"),
        ("groupless", json!({ "groups": null }), "sso_no_role"),
        ("ghost", json!({ "groups": ["ghosts"] }), "sso_no_role"),
    ];
    for (subject, change, code) in cases {
        let mut claims = person(&format!("{subject}@acme.test"), &["support"]);
        claims
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        sso.person(subject, &claims).await;
        assert_eq!(sso.refused(subject).await, code, "{subject}");
        assert!(
            sso.user(&format!("{subject}@acme.test")).await.is_null(),
            "{subject}"
        );
    }
    let mut browser = Browser::new();
    assert_eq!(
        sso.sign_in(&mut browser, "refuse=1").await,
        "sign-in=sso_declined"
    );

    sso.person("bob", &person("bob@acme.test", &["support"])).await;
    let bob = sso.let_in("bob").await;
    let path = format!("/users/{}", bob.user_id);
    sso.admin.patch(&path, &json!({ "enabled": false })).await.ok();
    bob.get("/me").await.error(401);
    assert_eq!(sso.refused("bob").await, "sso_disabled");
}

#[tokio::test]
async fn while_the_provider_is_away_the_password_still_works() {
    let mut sso = Sso::start("provider.mjs", GROUPS).await;
    sso.provider.kill();
    let url = Browser::new().go(&sso.start_url(), None).await;
    assert_eq!(url.fragment(), Some("sign-in=sso_unavailable"));
    Api::sign_in(sso.hub.url(), "agent1@demo.test").await;
}

#[tokio::test]
async fn a_second_factor_is_the_providers_or_ours() {
    let more = format!(r#"{GROUPS}, second_factor_amr = ["mfa"]"#);
    let sso = Sso::start("provider.mjs", &more).await;
    sso.person("ann", &person("ann@acme.test", &["support"])).await;
    let grants = json!({ "conversations.view": "assigned", "conversations.reply": "assigned" });
    let role = json!({ "name": "Agent", "grants": grants, "require_totp": true });
    sso.admin.put("/roles/agent", &role).await.ok();
    // The provider says nothing: ours is asked for, and there is none yet.
    let ann = sso.let_in("ann").await;
    assert_eq!(ann.get("/me").await.ok()["totp_setup_required"], true);
    assert_eq!(ann.get("/conversations").await.error(403), "totp_setup_required");
    // It says that it has asked for one; that is good for this session.
    let mut browser = Browser::new();
    assert_eq!(
        sso.sign_in(&mut browser, "subject=ann&amr=pwd&amr=mfa").await,
        "signed-in"
    );
    let vouched = sso.me(&mut browser).await;
    assert_eq!(vouched.get("/me").await.ok()["totp_setup_required"], false);
    vouched.get("/conversations").await.ok();
    Console::connect(sso.hub.url(), vouched.token.as_deref().unwrap()).await;
    ann.get("/conversations").await.error(403);
}

#[tokio::test]
async fn where_the_provider_doesnt_vouch_the_app_is_asked_for() {
    let more = format!(r#"{GROUPS}, second_factor_amr = ["mfa"]"#);
    let sso = Sso::start("provider.mjs", &more).await;
    sso.person("ann", &person("ann@acme.test", &["support"])).await;
    let ann = sso.let_in("ann").await;
    let begun = ann.post("/me/totp", &json!({})).await.ok();
    let secret = text(&begun, "secret");
    let right = json!({ "code": totp::code(&secret, -1) });
    ann.post("/me/totp/confirm", &right).await.ok();
    let mut browser = Browser::new();
    assert_eq!(
        sso.sign_in(&mut browser, "subject=ann&amr=pwd").await,
        "second-factor"
    );
    assert_eq!(browser.cookie("switchboard_refresh"), None);
    let url = format!("{}/api/v1/auth/second-factor", sso.hub.url());
    let prove = json!({ "code": totp::code(&secret, 0) });
    assert_eq!(Browser::new().post(&url, &prove).await.error(401), "sso_expired");
    let asked = browser.post(&url, &json!({})).await;
    assert_eq!(asked.error(401), "totp_required");
    assert_eq!(
        asked.body["error"]["details"]["methods"],
        json!([{ "method": "totp" }])
    );
    let wrong = json!({ "code": "000000" });
    assert_eq!(browser.post(&url, &wrong).await.error(401), "invalid_totp");
    let mut kept = browser.clone();
    browser.post(&url, &prove).await.ok();
    sso.me(&mut browser).await.get("/conversations").await.ok();
    // The code is used up, so what was kept of the way leads nowhere.
    assert_eq!(kept.post(&url, &prove).await.error(401), "invalid_totp");
    let mut browser = Browser::new();
    assert_eq!(
        sso.sign_in(&mut browser, "subject=ann&amr=mfa").await,
        "signed-in"
    );
}

#[tokio::test]
async fn a_callback_is_good_once_and_only_in_the_browser_that_began() {
    let sso = Sso::start("provider.mjs", GROUPS).await;
    sso.person("ann", &person("ann@acme.test", &["support"])).await;
    let end = async |browser: &mut Browser, url: &str| {
        let url = browser.go(url, None).await;
        url.fragment().unwrap_or_default().to_owned()
    };
    let stale = "sign-in=sso_expired";
    let mut browser = Browser::new();
    let callback = browser
        .until_callback(&sso.start_url(), Some("subject=ann"))
        .await;
    // Sent to somebody else, who would be signed in as ann without noticing.
    assert_eq!(end(&mut Browser::new(), callback.as_str()).await, stale);
    // Another state, or none; the cookie of the attempt is gone with it.
    let mut other = browser.clone();
    let forged = callback.as_str().replace("state=", "state=x");
    assert_eq!(end(&mut other, &forged).await, stale);
    assert_eq!(end(&mut other, callback.as_str()).await, stale);
    // The right one, and then once more, with a cookie that was kept.
    let mut kept = browser.clone();
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (first, second) = tokio::join!(end(&mut one, callback.as_str()), end(&mut two, callback.as_str()));
    let mut ends = [first, second];
    ends.sort();
    assert_eq!(ends, [stale.to_owned(), "signed-in".to_owned()]);
    assert_eq!(end(&mut kept, callback.as_str()).await, stale);
    assert_eq!(kept.cookie("switchboard_refresh"), None);
    // Somebody who says they are the provider.
    let mut browser = Browser::new();
    let callback = browser
        .until_callback(&sso.start_url(), Some("subject=ann"))
        .await;
    let (url, _) = callback.as_str().split_once("&iss=").unwrap();
    let mixed = format!("{url}&iss=https%3A%2F%2Flogin.example");
    assert_eq!(end(&mut browser, &mixed).await, "sign-in=sso_declined");
    // Another sign-in has begun in this browser since.
    let mut browser = Browser::new();
    let callback = browser
        .until_callback(&sso.start_url(), Some("subject=ann"))
        .await;
    browser
        .until_callback(&sso.start_url(), Some("subject=ann"))
        .await;
    assert_eq!(end(&mut browser, callback.as_str()).await, stale);
}

#[tokio::test]
async fn an_account_becomes_its_owners_and_never_somebody_elses() {
    let sso = Sso::start("provider.mjs", GROUPS).await;
    let agent = Api::sign_in(sso.hub.url(), "agent1@demo.test").await;
    // Not without the provider's word for the address.
    let mut unverified = person("agent1@demo.test", &["support"]);
    unverified["email_verified"] = json!(false);
    sso.person("eve", &unverified).await;
    assert_eq!(sso.refused("eve").await, "sso_email_unverified");
    agent.get("/me").await.ok();

    sso.person("one", &person("agent1@demo.test", &["support"])).await;
    let one = sso.let_in("one").await;
    assert_eq!(one.user_id, agent.user_id);
    // Whoever had the password is out, and it is gone; nor does a letter bring it back.
    agent.get("/me").await.error(401);
    let login = json!({ "email": "agent1@demo.test", "password": PASSWORD });
    let stranger = Api::stranger(sso.hub.url());
    stranger.post("/auth/login", &login).await.error(401);
    let forgotten = json!({ "email": "agent1@demo.test" });
    assert_eq!(
        stranger.post("/auth/password-reset", &forgotten).await.status,
        202
    );
    stranger
        .post("/auth/password-reset", &json!({ "email": "agent2@demo.test" }))
        .await
        .ok();
    eventually("the other letter", Duration::from_secs(20), async || {
        sso.hub.logs().contains("letter to agent2@demo.test")
    })
    .await;
    assert!(!sso.hub.logs().contains("letter to agent1@demo.test"));
    let path = format!(
        "/audit-logs?action=user.identity_linked&object_id={}",
        one.user_id
    );
    let entries = sso.admin.get(&path).await.ok();
    assert_eq!(entries["items"][0]["actor"]["id"], "oidc:acme");

    // The address has passed to somebody else at the provider: the account hasn't.
    sso.person("two", &person("agent1@demo.test", &["leads"])).await;
    assert_eq!(sso.refused("two").await, "sso_account_taken");
    one.get("/me").await.ok();

    // A disabled account is nobody's to link.
    let user = sso.user("agent3@demo.test").await;
    let path = format!("/users/{}", text(&user, "id"));
    sso.admin.patch(&path, &json!({ "enabled": false })).await.ok();
    sso.person("three", &person("agent3@demo.test", &["support"]))
        .await;
    assert_eq!(sso.refused("three").await, "sso_disabled");
}

#[tokio::test]
async fn the_last_super_admin_stays_one_whatever_a_provider_says() {
    let sso = Sso::start("provider.mjs", GROUPS).await;
    sso.person("root", &person("admin@demo.test", &["support"])).await;
    assert_eq!(sso.refused("root").await, "last_super_admin");
    // Nothing has happened: they are still signed in, and their password is still theirs.
    sso.admin.get("/users").await.ok();
    let admin = Api::sign_in(sso.hub.url(), "admin@demo.test").await;
    assert_eq!(admin.get("/me").await.ok()["role"]["id"], "super_admin");
    // With another super admin there, what the provider says holds.
    sso.person("god", &person("god@acme.test", &["gods"])).await;
    sso.let_in("god").await;
    let mine = sso.let_in("root").await.get("/me").await.ok();
    assert_eq!(
        (&mine["role"]["id"], &mine["email"]),
        (&json!("agent"), &json!("admin@demo.test"))
    );
}

#[tokio::test]
async fn a_session_from_a_provider_ends_when_it_is_to_be_asked_again() {
    let sso = Sso::start("provider.mjs", &format!("{GROUPS}, session_hours = 1")).await;
    sso.person("ann", &person("ann@acme.test", &["support"])).await;
    let mut browser = Browser::new();
    sso.sign_in(&mut browser, "subject=ann").await;
    let ann = sso.me(&mut browser).await;
    let end = async |ann: &Api| text(&ann.get("/me/sessions").await.ok()["items"][0], "expires_at");
    let first = end(&ann).await;
    let ann = sso.me(&mut browser).await;
    assert_eq!(end(&ann).await, first, "renewing it has made it longer");
}
