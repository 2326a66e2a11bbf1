//! What a provider's claims make of somebody here: pure, and closed to whatever isn't said clearly.

use serde_json::{Map, Value};
use switchboard_domain::{RoleId, TeamId};

use super::refused;
use crate::{config::OidcProvider, error::ApiError};

/// Somebody as their provider describes them, in our terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub subject: String,
    /// Verified, and of a domain that the provider speaks for.
    pub email: String,
    pub name: String,
    pub role_id: RoleId,
    /// `None` where the provider doesn't say anything about teams.
    pub team_ids: Option<Vec<TeamId>>,
    /// The provider has asked for a second factor.
    pub second_factor: bool,
}

impl Person {
    /// Reads verified claims; refuses who isn't to be let in.
    pub fn of(claims: &Map<String, Value>, settings: &OidcProvider) -> Result<Self, ApiError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim);
        let email = email(text("email").unwrap_or_default(), claims, settings)?;
        let groups = claim(claims, &settings.role_claim);
        let role = settings.roles.iter().find(|role| says(groups, &role.value));
        let role_id = role.map(|role| role.role_id.clone()).ok_or_else(|| {
            refused(
                "sso_no_role",
                "Your account at the sign-in provider has no role here. Ask your administrator.",
            )
        })?;
        let teams = settings
            .team_claim
            .as_deref()
            .map_or(groups, |name| claim(claims, name));
        let of_teams = settings.teams.iter().filter(|team| says(teams, &team.value));
        let team_ids = (!settings.teams.is_empty()).then(|| {
            let mut ids: Vec<TeamId> = of_teams.map(|team| team.team_id.clone()).collect();
            ids.dedup();
            ids
        });
        let local = email.split('@').next().unwrap_or_default();
        let name = text("name").filter(|name| !name.is_empty()).unwrap_or(local);
        let proves = |claim: &str, values: &[String]| {
            let said = claims.get(claim);
            values.iter().any(|value| says(said, value))
        };
        Ok(Self {
            subject: text("sub").unwrap_or_default().to_owned(),
            name: name.chars().take(100).collect(),
            second_factor: proves("amr", &settings.second_factor_amr)
                || proves("acr", &settings.second_factor_acr),
            email,
            role_id,
            team_ids,
        })
    }
}

fn email(given: &str, claims: &Map<String, Value>, settings: &OidcProvider) -> Result<String, ApiError> {
    if claims.get("email_verified") != Some(&Value::Bool(true)) || given.is_empty() {
        return Err(refused(
            "sso_email_unverified",
            "The sign-in provider doesn't confirm that your e-mail address is yours.",
        ));
    }
    let email = given.to_lowercase();
    let sound = email.len() <= 254 && !email.contains(char::is_whitespace);
    let domain = email
        .split_once('@')
        .filter(|(local, _)| sound && !local.is_empty())
        .map(|(_, domain)| domain);
    let trusted = |one: &String| domain.is_some_and(|domain| one.eq_ignore_ascii_case(domain));
    if settings.email_domains.iter().any(trusted) {
        return Ok(email);
    }
    Err(refused(
        "sso_email_foreign",
        "Your e-mail address isn't one that this sign-in provider may speak for here.",
    ))
}

/// A claim by its name; one that begins with `/` is a path (RFC 6901), as in `/realm_access/roles`.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    match name.strip_prefix('/') {
        None => claims.get(name),
        Some(path) => {
            let (first, rest) = path.split_once('/').unwrap_or((path, ""));
            let found = claims.get(first)?;
            if rest.is_empty() {
                Some(found)
            } else {
                found.pointer(&format!("/{rest}"))
            }
        }
    }
}

/// Whether the claim is this text, or a list that has it.
fn says(claim: Option<&Value>, wanted: &str) -> bool {
    match claim {
        Some(Value::String(text)) => text == wanted,
        Some(Value::Array(list)) => list.iter().any(|one| one == wanted),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(more: &str) -> OidcProvider {
        let text = format!(
            r#"{{ "name": "Acme", "issuer": "https://login.acme.test", "client_id": "hub", "email_domains": ["Acme.test"],
            "role_claim": "groups", "roles": [{{ "value": "leads", "role_id": "team_lead" }}, {{ "value": "all", "role_id": "agent" }}]
            {more} }}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn read(change: Value, settings: &OidcProvider) -> Result<Person, &'static str> {
        let mut claims = json!({
            "sub": "7", "email": "Ann@ACME.test", "email_verified": true, "name": " Ann ", "groups": ["all"],
        });
        let claims = claims.as_object_mut().unwrap();
        claims.extend(serde_json::from_value::<Map<String, Value>>(change).unwrap());
        Person::of(claims, settings).map_err(|error| error.code)
    }

    #[test]
    fn the_first_role_of_the_list_that_a_claim_names_counts() {
        let settings = settings("");
        let ann = read(json!({}), &settings).unwrap();
        assert_eq!((ann.email.as_str(), ann.name.as_str()), ("ann@acme.test", "Ann"));
        assert_eq!((ann.role_id.as_str(), ann.team_ids), ("agent", None));
        let role = |groups: Value| read(json!({ "groups": groups }), &settings).map(|person| person.role_id);
        assert_eq!(role(json!(["all", "leads"])), Ok("team_lead".into()));
        assert_eq!(role(json!("leads")), Ok("team_lead".into()));
        for none in [
            json!([]),
            json!(null),
            json!("lead"),
            json!({ "leads": true }),
            json!(["LEADS"]),
        ] {
            assert_eq!(role(none.clone()), Err("sso_no_role"), "{none}");
        }
        let unnamed = read(json!({ "name": null }), &settings).unwrap();
        assert_eq!(unnamed.name, "ann");
    }

    #[test]
    fn an_address_counts_only_if_it_is_verified_and_the_providers_own() {
        let settings = settings("");
        let code = |change| read(change, &settings).unwrap_err();
        for verified in [json!(false), json!(null), json!("true"), json!(1)] {
            assert_eq!(
                code(json!({ "email_verified": verified })),
                "sso_email_unverified"
            );
        }
        assert_eq!(code(json!({ "email": null })), "sso_email_unverified");
        for email in [
            "ann@evil.test",
            "ann@acme.test.evil.test",
            "ann@evil.test@acme.test",
            "@acme.test",
            "acme.test",
            "a nn@acme.test",
        ] {
            assert_eq!(code(json!({ "email": email })), "sso_email_foreign", "{email}");
        }
    }

    #[test]
    fn teams_and_second_factors_are_what_the_settings_make_of_them() {
        let settings = settings(
            r#", "team_claim": "/org/teams", "teams": [{ "value": "S", "team_id": "sales" }],
            "second_factor_amr": ["mfa"], "second_factor_acr": ["gold"]"#,
        );
        let ann = read(
            json!({ "org": { "teams": ["S", "X"] }, "amr": ["pwd", "mfa"] }),
            &settings,
        )
        .unwrap();
        assert_eq!(
            (ann.team_ids, ann.second_factor),
            (Some(vec!["sales".into()]), true)
        );
        let ann = read(json!({ "amr": ["pwd"], "acr": "silver" }), &settings).unwrap();
        assert_eq!((ann.team_ids, ann.second_factor), (Some(vec![]), false));
        assert!(read(json!({ "acr": "gold" }), &settings).unwrap().second_factor);
    }
}
