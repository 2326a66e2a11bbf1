//! Settings and secrets that can't work.

use serde_json::json;
use switchboard_domain::{AccountSecrets, ChannelAccount};

use crate::account::{SECRET, account, custom, set_secret};

fn faults(change: impl FnOnce(&mut ChannelAccount)) -> Vec<String> {
    let mut account = account("https://hub.example/in");
    change(&mut account);
    let verdict = custom().check_account(&account.settings, &account.secrets);
    verdict
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|fault| fault.field)
        .collect()
}

#[test]
fn faults_are_told_by_field() {
    assert_eq!(faults(|_| ()), [""; 0]);
    assert_eq!(faults(|account| account.settings.api_base_url = None), [""; 0]);
    assert_eq!(
        faults(|account| account.secrets = AccountSecrets::default()),
        ["secrets.signing_secret"]
    );
    for url in ["hub.example", "ftp://hub.example", ""] {
        let set = |account: &mut ChannelAccount| account.settings.api_base_url = Some(url.to_owned());
        assert_eq!(faults(set), ["settings.api_base_url"], "{url}");
    }
    for hosts in [
        json!("x.example"),
        json!([7]),
        json!(["https://x.example"]),
        json!(["x.example/a"]),
        json!(["X.example"]),
    ] {
        let set = |account: &mut ChannelAccount| {
            account
                .settings
                .other
                .insert("media_hosts".to_owned(), hosts.clone());
        };
        assert_eq!(faults(set), ["settings.media_hosts"], "{hosts}");
    }
}

#[test]
fn each_secret_is_a_key_of_the_right_kind() {
    let public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    let private =
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    for (name, text, is_fine) in [
        ("signing_secret", public, true),
        ("signing_secret", private, false),
        ("signing_secret", "whsec_%", false),
        ("signing_secret", "whpk_AAAA", false),
        ("previous_signing_secret", SECRET, true),
        ("previous_signing_secret", "%", false),
        ("sending_secret", SECRET, true),
        ("sending_secret", private, true),
        ("sending_secret", public, false),
        ("sending_secret", "whsk_AAAA", false),
    ] {
        let expected = if is_fine {
            vec![]
        } else {
            vec![format!("secrets.{name}")]
        };
        assert_eq!(
            faults(|account| set_secret(account, name, text)),
            expected,
            "{name} {text}"
        );
    }
}
