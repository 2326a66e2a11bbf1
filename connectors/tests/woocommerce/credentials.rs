//! Asking the shop whether it knows our keys, and settings that can't work.

use switchboard_connectors::{SendDecision, SendError, http_client};
use switchboard_domain::{AccountSecrets, ChannelAccount};

use crate::{
    account::{KEY, KEY_SECRET, account, woocommerce},
    provider::{Provider, Reply},
};

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

async fn asked(status: u16, headers: &str, body: &str) -> Result<Option<String>, SendError> {
    let provider = Provider::answering(status, headers, body).await;
    woocommerce()
        .check_credentials(&client(), &account(Some(provider.url())))
        .await
}

#[tokio::test]
async fn keys_that_may_read_orders_work() {
    let mut provider = Provider::answering(200, "", r#"[{"id":727}]"#).await;
    let target = account(Some(format!("{}/blog/", provider.url())));
    assert_eq!(
        woocommerce().check_credentials(&client(), &target).await,
        Ok(None)
    );
    let head = provider.requests.recv().await.unwrap().head;
    assert!(
        head.starts_with("GET /blog/wp-json/wc/v3/orders?per_page=1&_fields=id HTTP/1.1"),
        "{head}"
    );
    // printf %s ck_very-secret-key:cs_very-secret-secret | base64
    let basic = "authorization: Basic Y2tfdmVyeS1zZWNyZXQta2V5OmNzX3Zlcnktc2VjcmV0LXNlY3JldA==";
    assert!(head.contains(basic), "{head}");
}

#[tokio::test]
async fn what_went_wrong_is_told_without_the_keys() {
    let error_of =
        |code: &str| format!(r#"{{"code":"{code}","message":"{KEY} {KEY_SECRET}","data":{{"status":401}}}}"#);
    for (status, headers, body, decision, token_rejected) in [
        (
            401,
            "",
            error_of("woocommerce_rest_authentication_error"),
            SendDecision::GiveUp,
            true,
        ),
        (
            401,
            "",
            error_of("woocommerce_rest_cannot_view"),
            SendDecision::GiveUp,
            true,
        ),
        (
            403,
            "",
            error_of("woocommerce_rest_cannot_view"),
            SendDecision::GiveUp,
            true,
        ),
        (
            403,
            "",
            "<html>a firewall".to_owned(),
            SendDecision::GiveUp,
            false,
        ),
        (404, "", error_of("rest_no_route"), SendDecision::GiveUp, false),
        (401, "", String::new(), SendDecision::GiveUp, true),
        (
            301,
            "location: https://shop.example/\r\n",
            String::new(),
            SendDecision::GiveUp,
            false,
        ),
        (
            429,
            "retry-after: 2\r\n",
            String::new(),
            SendDecision::RetryAfter(std::time::Duration::from_secs(2)),
            false,
        ),
        (
            500,
            "",
            error_of("internal_server_error"),
            SendDecision::Retry,
            false,
        ),
        (
            200,
            "",
            "<html>the shop's front page".to_owned(),
            SendDecision::Uncertain,
            false,
        ),
    ] {
        let error = asked(status, headers, &body).await.unwrap_err();
        assert_eq!(
            (error.decision, error.token_rejected),
            (decision, token_rejected),
            "{status} {body}"
        );
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(KEY) && !shown.contains(KEY_SECRET));
    }
    let cut = Provider::start(Reply::Cut).await;
    let error = woocommerce()
        .check_credentials(&client(), &account(Some(cut.url())))
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::Uncertain);
}

fn faults(change: impl FnOnce(&mut ChannelAccount)) -> Vec<String> {
    let mut account = account(None);
    change(&mut account);
    let verdict = woocommerce().check_account(&account.settings, &account.secrets);
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
    for (gone, field) in [
        ("consumer_key", "secrets.consumer_key"),
        ("consumer_secret", "secrets.consumer_secret"),
    ] {
        let remove = |account: &mut ChannelAccount| drop(account.secrets.0.remove(gone));
        assert_eq!(faults(remove), [field]);
    }
    for url in ["shop.example", "ftp://shop.example", ""] {
        let set = |account: &mut ChannelAccount| account.settings.api_base_url = Some(url.to_owned());
        assert_eq!(faults(set), ["settings.api_base_url"], "{url}");
    }
    for id in ["7", "https://shop.example/"] {
        let set = |account: &mut ChannelAccount| account.settings.provider_account_id = Some(id.to_owned());
        assert_eq!(faults(set), ["settings.provider_account_id"], "{id}");
    }
}

#[tokio::test]
async fn an_account_that_cannot_ask_says_why() {
    let mut no_key = account(Some("http://127.0.0.1:1".to_owned()));
    no_key.secrets.0.remove("consumer_key");
    let mut no_shop = account(None);
    no_shop.settings.provider_account_id = None;
    for account in [no_key, no_shop] {
        let error = woocommerce()
            .check_credentials(&client(), &account)
            .await
            .unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "channel_settings")
        );
    }
}
