//! Asking the shop who it is, and settings that can't work.

use switchboard_connectors::{SendDecision, SendError, http_client};
use switchboard_domain::{AccountSecrets, ChannelAccount};

use crate::{
    account::{TOKEN, account, shopify},
    provider::{Provider, Reply},
};

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

async fn asked(status: u16, headers: &str, body: &str) -> Result<Option<String>, SendError> {
    let provider = Provider::answering(status, headers, body).await;
    shopify()
        .check_credentials(&client(), &account(Some(provider.url())))
        .await
}

#[tokio::test]
async fn the_shop_tells_its_name() {
    let mut provider = Provider::answering(200, "", r#"{"data":{"shop":{"name":"Acme"}}}"#).await;
    let target = account(Some(format!("{}/", provider.url())));
    let name = shopify().check_credentials(&client(), &target).await.unwrap();
    assert_eq!(name.as_deref(), Some("Acme"));
    let request = provider.requests.recv().await.unwrap();
    assert!(
        request
            .head
            .starts_with("POST /admin/api/2026-01/graphql.json HTTP/1.1"),
        "{}",
        request.head
    );
    assert!(request.head.contains(&format!("x-shopify-access-token: {TOKEN}")));
    assert_eq!(request.body["query"], "{ shop { name } }");
}

#[tokio::test]
async fn what_went_wrong_is_told_without_the_token() {
    let throttled = r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]}"#;
    let denied = r#"{"errors":[{"message":"no","extensions":{"code":"ACCESS_DENIED"}}]}"#;
    let refused = format!(r#"{{"errors":"[API] Invalid API key or access token {TOKEN}"}}"#);
    for (status, headers, body, decision, token_rejected) in [
        (401, "", refused.as_str(), SendDecision::GiveUp, true),
        (403, "", "", SendDecision::GiveUp, true),
        (404, "", "", SendDecision::GiveUp, false),
        (200, "", throttled, SendDecision::Retry, false),
        (200, "", denied, SendDecision::GiveUp, true),
        (
            200,
            "",
            r#"{"errors":[{"message":"Parse error"}]}"#,
            SendDecision::GiveUp,
            false,
        ),
        (
            429,
            "retry-after: 2\r\n",
            "",
            SendDecision::RetryAfter(std::time::Duration::from_secs(2)),
            false,
        ),
        (500, "", "", SendDecision::Retry, false),
        (200, "", "<html>", SendDecision::Uncertain, false),
        (200, "", "{}", SendDecision::Uncertain, false),
    ] {
        let error = asked(status, headers, body).await.unwrap_err();
        assert_eq!(
            (error.decision, error.token_rejected),
            (decision, token_rejected),
            "{status} {body}"
        );
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
    let cut = Provider::start(Reply::Cut).await;
    let error = shopify()
        .check_credentials(&client(), &account(Some(cut.url())))
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::Uncertain);
}

fn faults(change: impl FnOnce(&mut ChannelAccount)) -> Vec<String> {
    let mut account = account(None);
    change(&mut account);
    let verdict = shopify().check_account(&account.settings, &account.secrets);
    verdict
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|fault| fault.field)
        .collect()
}

#[test]
fn settings_that_cannot_work_are_told_by_field() {
    assert_eq!(faults(|_| ()), [""; 0]);
    assert_eq!(
        faults(|account| account.secrets = AccountSecrets::default()),
        ["secrets.signing_secret"]
    );
    for domain in [
        "acme.example",
        ".myshopify.com",
        "evil.example/.myshopify.com",
        "a@b.myshopify.com",
        "https://acme.myshopify.com",
    ] {
        let set =
            |account: &mut ChannelAccount| account.settings.provider_account_id = Some(domain.to_owned());
        assert_eq!(faults(set), ["settings.provider_account_id"], "{domain}");
    }
    for url in ["acme", "ftp://acme.example", ""] {
        let set = |account: &mut ChannelAccount| account.settings.api_base_url = Some(url.to_owned());
        assert_eq!(faults(set), ["settings.api_base_url"], "{url}");
    }
    for version in ["v1", "2026-01/../..", "2026-1", ""] {
        let set = |account: &mut ChannelAccount| {
            account
                .settings
                .other
                .insert("api_version".to_owned(), version.into());
        };
        assert_eq!(faults(set), ["settings.api_version"], "{version}");
    }
}

#[tokio::test]
async fn an_account_that_cannot_ask_says_why() {
    let mut no_token = account(Some("http://127.0.0.1:1".to_owned()));
    no_token.secrets.0.remove("access_token");
    let mut no_shop = account(None);
    no_shop.settings.provider_account_id = None;
    for account in [no_token, no_shop] {
        let error = shopify()
            .check_credentials(&client(), &account)
            .await
            .unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "channel_settings")
        );
    }
}
