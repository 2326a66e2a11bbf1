//! Single sign-on: a real OpenID provider (npm `oidc-provider`), and one that cheats where no real one would.

mod browser;
mod cheats;
mod policy;

use serde_json::{Value, json};
use switchboard_tests::{
    Api, Hub, HubOptions, Isolated, Script,
    api::{items, text},
    http,
};

use browser::Browser;

pub const CLIENT_SECRET: &str = "planted-client-secret-7731";

/// A hub with a provider beside it.
pub struct Sso {
    hub: Hub,
    provider: Script,
    admin: Api,
    _corner: Isolated,
}

/// What the deployment says about a provider; `more` is TOML.
fn settings(issuer: &str, more: &str) -> String {
    format!(
        r#"{{ acme = {{ name = "Acme", issuer = "{issuer}", client_id = "hub", client_secret = "{CLIENT_SECRET}",
        email_domains = ["acme.test", "demo.test"], role_claim = "groups",
        roles = [{{ value = "leads", role_id = "team_lead" }}, {{ value = "support", role_id = "agent" }},
            {{ value = "gods", role_id = "super_admin" }}, {{ value = "ghosts", role_id = "no_such_role" }}] {more} }} }}"#
    )
    .replace('\n', " ")
}

impl Sso {
    pub async fn start(script: &str, more: &str) -> Self {
        Self::start_with(script, more, |options| options).await
    }

    pub async fn start_with(script: &str, more: &str, change: impl Fn(HubOptions) -> HubOptions) -> Self {
        let corner = Isolated::new().await;
        let provider = Script::start(script, "/.well-known/openid-configuration").await;
        let more = if more.is_empty() {
            String::new()
        } else {
            format!(", {more}")
        };
        let options = HubOptions::all(&corner).with("SWITCHBOARD_OIDC", &settings(&provider.url, &more));
        let hub = Hub::start(change(options)).await;
        let admin = Api::sign_in(hub.url(), "admin@demo.test").await;
        Self {
            hub,
            provider,
            admin,
            _corner: corner,
        }
    }

    /// Makes somebody known to the provider, or changes them.
    pub async fn person(&self, subject: &str, claims: &Value) {
        let url = format!("{}/people/{subject}", self.provider.url);
        http().put(url).json(claims).send().await.unwrap();
    }

    fn start_url(&self) -> String {
        format!("{}/api/v1/auth/oidc/acme/start", self.hub.url())
    }

    /// The whole way as one takes it in a browser: what stands behind the `#` of the page one ends on.
    pub async fn sign_in(&self, browser: &mut Browser, form: &str) -> String {
        let url = browser.go(&self.start_url(), Some(form)).await;
        assert_eq!((url.path(), url.query()), ("/", None), "{url}");
        url.fragment().unwrap().to_owned()
    }

    /// Whoever this browser is signed in as.
    pub async fn me(&self, browser: &mut Browser) -> Api {
        let url = format!("{}/api/v1/auth/refresh", self.hub.url());
        let session = browser.post(&url, &json!({})).await.ok();
        let mut api = Api::stranger(self.hub.url());
        api.token = Some(text(&session, "access_token"));
        api.user_id = text(&session["user"], "id");
        api
    }

    /// Signs in somebody new to the browser, who is to be let in.
    pub async fn let_in(&self, subject: &str) -> Api {
        let mut browser = Browser::new();
        let end = self.sign_in(&mut browser, &format!("subject={subject}")).await;
        assert_eq!(end, "signed-in");
        self.me(&mut browser).await
    }

    /// The code of why somebody isn't let in; there is no session then.
    pub async fn refused(&self, subject: &str) -> String {
        let mut browser = Browser::new();
        let end = self.sign_in(&mut browser, &format!("subject={subject}")).await;
        assert_eq!(browser.cookie("switchboard_refresh"), None, "{end}");
        end.strip_prefix("sign-in=").unwrap_or(&end).to_owned()
    }

    pub async fn user(&self, email: &str) -> Value {
        let users = self.admin.get("/users").await.ok();
        let found = items(&users).iter().find(|user| user["email"] == email);
        found.cloned().unwrap_or(Value::Null)
    }
}

pub fn person(email: &str, groups: &[&str]) -> Value {
    json!({ "email": email, "email_verified": true, "name": "Ann Acme", "groups": groups })
}

#[tokio::test]
async fn whoever_the_provider_proves_is_let_in_with_the_role_of_their_claims() {
    let sso = Sso::start("provider.mjs", r#"scopes = ["email", "profile", "groups"]"#).await;
    let stranger = Api::stranger(sso.hub.url());
    let listed = stranger.get("/auth/oidc").await.ok();
    assert_eq!(
        listed,
        json!({ "items": [{ "id": "acme", "name": "Acme" }], "next_cursor": null })
    );
    sso.person("ann", &person("Ann@Acme.test", &["support"])).await;
    let ann = sso.let_in("ann").await;
    let me = ann.get("/me").await.ok();
    assert_eq!(
        (&me["email"], &me["name"], &me["role"]["id"]),
        (&json!("ann@acme.test"), &json!("Ann Acme"), &json!("agent"))
    );
    let created = sso
        .admin
        .get(&format!(
            "/audit-logs?action=user.created&object_id={}",
            ann.user_id
        ))
        .await
        .ok();
    let entry = &items(&created)[0];
    assert_eq!(
        (&entry["actor"]["id"], &entry["ip"]),
        (&json!("oidc:acme"), &json!("127.0.0.1")),
        "{entry}"
    );
    assert_eq!(entry["after"]["email"], "ann@acme.test");

    // Again: the same user, by the provider's id of them, whatever their address is now.
    sso.person("ann", &person("ann.married@acme.test", &["leads"]))
        .await;
    let again = sso.let_in("ann").await;
    assert_eq!(again.user_id, ann.user_id);
    // The role has changed with the claims, for the session that was there already, too.
    let me = ann.get("/me").await.ok();
    assert_eq!(
        (&me["role"]["id"], &me["email"]),
        (&json!("team_lead"), &json!("ann@acme.test"))
    );
    let changed = sso
        .admin
        .get(&format!(
            "/audit-logs?action=user.changed&object_id={}",
            ann.user_id
        ))
        .await
        .ok();
    let entry = &items(&changed)[0];
    assert_eq!(
        (&entry["before"]["role_id"], &entry["after"]["role_id"]),
        (&json!("agent"), &json!("team_lead"))
    );
    for secret in [CLIENT_SECRET, "?code=", "&state="] {
        assert!(!sso.hub.logs().contains(secret), "{secret} is in the log");
    }
}
