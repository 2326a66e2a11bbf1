//! What an account may be set to.

use serde_json::json;
use switchboard_connectors::webchat::{FieldKind, Settings, proves_user, token_code, token_matches};

use crate::{account, connector, settings};

#[test]
fn settings_are_read_as_they_are_meant() {
    let read = Settings::read(&settings(json!({
        "allowed_origins": ["https://shop.example.com", "http://127.0.0.1:8081"],
        "require_identity": true,
        "form": [{ "name": "mail", "label": "E-mail", "kind": "email", "required": true }, { "name": "about", "label": "What is it about?" }],
        "title": "Shop", "greeting": null, "accent": "#3D5af1",
    })))
    .unwrap();
    assert!(read.require_identity && read.form[0].required);
    assert_eq!(
        (read.form[0].kind, read.form[1].kind),
        (FieldKind::Email, FieldKind::Text)
    );
    assert!(read.allows_origin(Some("https://shop.example.com")) && read.allows_origin(None));
    for other in [
        "https://shop.example.com.evil.com",
        "http://shop.example.com",
        "null",
        "",
    ] {
        assert!(!read.allows_origin(Some(other)), "{other}");
    }
    assert!(Settings::default().allows_origin(Some("https://anywhere.example")));
    let nobody = Settings::read(&settings(json!({ "allowed_origins": [] }))).unwrap();
    assert!(!nobody.allows_origin(Some("https://shop.example.com")));
}

#[test]
fn every_fault_is_named_by_its_field() {
    let faulty = [
        ("allowed_origins", json!("https://a.example")),
        ("allowed_origins", json!(["a.example"])),
        ("allowed_origins", json!(["https://a.example/path"])),
        ("require_identity", json!("true")),
        ("form", json!([{ "name": "a b", "label": "A" }])),
        ("form", json!([{ "name": "a", "label": " " }])),
        ("form", json!([{ "name": "a", "label": "A", "kind": "password" }])),
        ("form", json!(vec![json!({ "name": "a", "label": "A" }); 13])),
        ("title", json!("x".repeat(501))),
        ("accent", json!("#12345")),
    ];
    let secrets = account(&[("signing_secret", "s")]).secrets;
    for (name, value) in faulty {
        let errors = connector()
            .check_account(&settings(json!({ name: value })), &secrets)
            .unwrap_err();
        let field = format!("settings.{name}");
        assert!(
            errors.iter().all(|error| error.field == field),
            "{value}: {errors:?}"
        );
    }
}

/// Codes of one purpose, account or secret are worth nothing to another.
#[test]
fn proofs_hold_only_for_what_they_are() {
    let shop = account(&[("signing_secret", "s3cret")]);
    let code = token_code(&shop, "v1.x.1").unwrap();
    assert!(token_matches(&shop, "v1.x.1", &code));
    assert!(!token_matches(&shop, "v1.x.2", &code));
    assert!(!proves_user(&shop, "v1.x.1", &code));
    let bare = account(&[]);
    assert_eq!(token_code(&bare, "v1.x.1"), None);
    assert!(!token_matches(&bare, "v1.x.1", &code) && !token_matches(&bare, "v1.x.1", ""));
    // echo -n 42 | openssl dgst -sha256 -hmac s3cret
    let hash = "982005f6c4662ae06eaa3ba4eac3c6459bc772386f3c8ac329b503a2ee32276e";
    assert!(proves_user(&shop, "42", hash) && proves_user(&shop, "42", &hash.to_uppercase()));
    assert!(
        !proves_user(&shop, "43", hash) && !proves_user(&bare, "42", "") && !proves_user(&shop, "42", "")
    );
}
