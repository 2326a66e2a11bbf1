//! Who somebody is here whom an OpenID provider has proved: found, linked or created, with the role that their claims give.
//!
//! The deployment's configuration says which claims give which role, so a provider may hand out whatever stands there. What
//! it may not: take the last super admin away, bring back who was disabled, or move an account from one person to another.

use std::{collections::BTreeMap, sync::Arc};

use switchboard_domain::{Secret, TeamId, User, UserId};
use switchboard_store::{Credentials, FederatedIdentity, StoreError};

use super::users::{announce, keep};
use crate::{
    app::App,
    audit::{self, Change},
    auth::{
        Origin,
        oidc::{Person, Provider, refused},
    },
    error::ApiError,
    live::presence::{self, Changed},
};

/// The user who this person is, as they are to be from now on.
pub async fn admit(
    app: &Arc<App>,
    provider: &Provider,
    origin: &Origin,
    person: &Person,
) -> Result<User, ApiError> {
    let identity = FederatedIdentity {
        issuer: &provider.settings.issuer,
        subject: &person.subject,
    };
    let teams = known_teams(app, person).await?;
    if app.store.roles.get(person.role_id.as_str()).await?.is_none() {
        tracing::error!(provider = provider.id, role = %person.role_id, "a role of the configuration doesn't exist");
        return Err(refused(
            "sso_no_role",
            "Your account at the sign-in provider has no role here. Ask your administrator.",
        ));
    }
    let entrance = Entrance {
        app,
        provider,
        origin,
        identity,
    };
    let linked = app.store.federated_identities.user(identity).await?;
    let found = match &linked {
        Some(id) => app.store.users.get(id).await?,
        None => match app.store.users.by_email(&person.email).await? {
            Some(found) => Some(found.user),
            None => return entrance.create(person, teams.unwrap_or_default()).await,
        },
    };
    let before = enabled(found)?;
    if linked.is_none() {
        entrance.may_link(&before).await?;
    }
    let now = User {
        role_id: person.role_id.clone(),
        team_ids: teams.unwrap_or_else(|| before.team_ids.clone()),
        ..before.clone()
    };
    // First, since it may be refused, and then nothing else has happened.
    entrance.change(&before, &now).await?;
    if linked.is_none() {
        entrance.link(&now).await?;
    }
    Ok(now)
}

/// The teams that are named and exist.
async fn known_teams(app: &App, person: &Person) -> Result<Option<Vec<TeamId>>, ApiError> {
    let Some(named) = &person.team_ids else {
        return Ok(None);
    };
    let all = app.store.teams.all().await?;
    let exists = |id: &&_| all.iter().any(|team| team.id == **id);
    Ok(Some(named.iter().filter(exists).cloned().collect()))
}

fn enabled(user: Option<User>) -> Result<User, ApiError> {
    user.filter(|user| user.enabled).ok_or_else(|| {
        refused(
            "sso_disabled",
            "Your account here is disabled. Ask your administrator.",
        )
    })
}

/// A sign-in that is about to succeed.
#[derive(Clone, Copy)]
struct Entrance<'a> {
    app: &'a Arc<App>,
    provider: &'a Provider,
    origin: &'a Origin,
    identity: FederatedIdentity<'a>,
}

impl Entrance<'_> {
    /// Somebody nobody has heard of.
    async fn create(self, person: &Person, team_ids: Vec<TeamId>) -> Result<User, ApiError> {
        let Self {
            app,
            provider,
            origin,
            ..
        } = self;
        let user = User {
            id: UserId::fresh(),
            email: person.email.clone(),
            name: person.name.clone(),
            role_id: person.role_id.clone(),
            team_ids,
            branch_id: None,
            skills: Vec::new(),
            capacity: provider.settings.capacity,
            channel_limits: BTreeMap::new(),
            auto_accept: false,
            enabled: true,
        };
        let what = Change::act("user.created", "user", user.id.as_str()).to(&user);
        let credentials = Credentials {
            user: user.clone(),
            password_hash: no_password(),
        };
        audit::by_provider(app, &provider.id, origin, what, async {
            app.store.users.insert(&credentials).await?;
            app.store
                .federated_identities
                .link(self.identity, &user.id, app.clock.now())
                .await
        })
        .await?;
        Ok(user)
    }

    /// Not if it is somebody else's of this provider already, to whom the address belonged before.
    async fn may_link(self, user: &User) -> Result<(), ApiError> {
        let issuer = Some(self.identity.issuer);
        if self
            .app
            .store
            .federated_identities
            .any_of(&user.id, issuer)
            .await?
        {
            return Err(taken());
        }
        Ok(())
    }

    /// The account with the address that the provider has verified becomes theirs: whoever had its password is out.
    async fn link(self, user: &User) -> Result<(), ApiError> {
        let Self {
            app,
            provider,
            origin,
            identity,
        } = self;
        let what = Change::act("user.identity_linked", "user", user.id.as_str());
        audit::by_provider(app, &provider.id, origin, what, async {
            app.store.users.set_password(&user.id, &no_password()).await?;
            app.store.links.void(&user.id).await?;
            app.store.sessions.revoke_user(&user.id).await?;
            let linked = app
                .store
                .federated_identities
                .link(identity, &user.id, app.clock.now());
            match linked.await {
                Err(StoreError::Duplicate) => Err(taken()),
                other => Ok(other?),
            }
        })
        .await?;
        app.directory.forget_sessions();
        presence::announce_access_change(app, Changed::SignedOut(user.id.clone())).await;
        Ok(())
    }

    /// What their claims say now.
    async fn change(self, before: &User, now: &User) -> Result<(), ApiError> {
        let Self {
            app,
            provider,
            origin,
            ..
        } = self;
        if before == now {
            return Ok(());
        }
        let what = Change::act("user.changed", "user", now.id.as_str())
            .from(before)
            .to(now);
        audit::by_provider(app, &provider.id, origin, what, keep(app, now, None)).await?;
        announce(app, &now.id).await;
        Ok(())
    }
}

fn taken() -> ApiError {
    refused(
        "sso_account_taken",
        "The account with your address belongs to another account at the sign-in provider. Ask your administrator.",
    )
}

/// No text has this hash.
fn no_password() -> Secret {
    Secret::new("none")
}
