//! Nobody becomes somebody else.

use std::time::Duration;

use switchboard_connectors::{
    signature::{Encoding, hmac_sha256},
    webchat::Settings,
};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Secret, Timestamp,
};

use super::*;

fn now() -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000)
}
const TTL: Duration = Duration::from_hours(24);

fn account(id: &str, secrets: &[(&str, &str)]) -> ChannelAccount {
    let secret = |(name, text): &(&str, &str)| ((*name).to_owned(), Secret::new(*text));
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Webchat,
            account_id: id.to_owned(),
        },
        name: "Shop".to_owned(),
        settings: AccountSettings::default(),
        secrets: AccountSecrets(secrets.iter().map(secret).collect()),
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: now(),
        updated_at: now(),
    }
}

fn shop() -> ChannelAccount {
    account("shop", &[("signing_secret", "s3cret")])
}

fn enter(account: &ChannelAccount, hello: &Hello, now: Timestamp) -> Result<Admitted, Denied> {
    admit(account, &Settings::default(), hello, now, TTL, [7; 16])
}

fn with_token(token: &str) -> Hello {
    Hello {
        token: Some(token.to_owned()),
        ..Hello::default()
    }
}

fn user(id: &str, secret: &str) -> Hello {
    Hello {
        user_id: Some(id.to_owned()),
        user_hash: Some(hmac_sha256(
            &Secret::new(secret),
            id.as_bytes(),
            Encoding::LowerHex,
        )),
        ..Hello::default()
    }
}

#[test]
fn a_token_brings_the_same_visitor_back_until_it_expires() {
    let first = enter(&shop(), &Hello::default(), now()).unwrap();
    assert_eq!(first.visitor.id, format!("anon:{}", "07".repeat(16)));
    let soon = now().plus(TTL).minus(Duration::from_secs(1));
    let again = enter(&shop(), &with_token(&first.token), soon).unwrap();
    assert_eq!(again.visitor.id, first.visitor.id);
    let late = enter(&shop(), &with_token(&first.token), now().plus(TTL));
    assert_eq!(late.unwrap_err().0, "token_expired");
}

#[test]
fn a_token_of_another_account_or_secret_or_hand_is_refused() {
    let token = enter(&shop(), &Hello::default(), now()).unwrap().token;
    let others = [
        account("other", &[("signing_secret", "s3cret")]),
        account("shop", &[("signing_secret", "s3cret2")]),
        account("shop", &[("signing_secret", "")]),
    ];
    for other in &others {
        let denied = enter(other, &with_token(&token), now()).unwrap_err();
        assert_eq!(denied.0, "token_invalid");
    }
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] ^= 1;
        let forged = String::from_utf8(bytes).unwrap();
        assert!(enter(&shop(), &with_token(&forged), now()).is_err(), "{forged}");
    }
    for nonsense in ["", ".", "v1", "v1...", "v1.YW5vbjph.9999999999."] {
        assert!(
            enter(&shop(), &with_token(nonsense), now()).is_err(),
            "{nonsense}"
        );
    }
    let rotated = account(
        "shop",
        &[("signing_secret", "new"), ("previous_signing_secret", "s3cret")],
    );
    assert!(enter(&rotated, &with_token(&token), now()).is_ok());
}

#[test]
fn a_user_is_who_the_page_proves_and_no_token_makes_one() {
    let admitted = enter(&shop(), &user("42", "s3cret"), now()).unwrap();
    assert_eq!(
        (admitted.visitor.id.as_str(), admitted.identified),
        ("user:42", true)
    );
    assert!(enter(&shop(), &with_token(&admitted.token), now()).is_err());
    let wrong = [
        user("42", "another"),
        Hello {
            user_hash: None,
            ..user("42", "s3cret")
        },
        Hello {
            user_id: Some("43".to_owned()),
            ..user("42", "s3cret")
        },
        user("", "s3cret"),
        user("a\nb", "s3cret"),
    ];
    for hello in &wrong {
        assert_eq!(enter(&shop(), hello, now()).unwrap_err().0, "identity_invalid");
    }
    let own = account("shop", &[("signing_secret", "s3cret"), ("identity_secret", "id")]);
    assert!(enter(&own, &user("42", "id"), now()).is_ok());
    assert!(enter(&own, &user("42", "s3cret"), now()).is_err());
}

#[test]
fn where_identity_is_required_strangers_stay_outside() {
    let settings = Settings {
        require_identity: true,
        ..Settings::default()
    };
    let enter = |hello: &Hello| admit(&shop(), &settings, hello, now(), TTL, [0; 16]);
    assert_eq!(enter(&Hello::default()).unwrap_err().0, "identity_required");
    assert!(enter(&user("42", "s3cret")).is_ok());
}
