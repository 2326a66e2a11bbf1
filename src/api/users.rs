//! People who work here: who there is, and what administrators set.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{
    BranchId, Channel, Permission, Presence, RoleId, Secret, SkillLevel, TeamId, User, UserId, Visible,
};
use switchboard_store::{Credentials, UserChange};
use utoipa::ToSchema;

use super::{List, fault, passwords::require_mail};
use crate::{
    app::App,
    audit::{self, Change},
    auth::{
        Caller,
        link::{self, Purpose},
    },
    error::ApiError,
    json::{Json, Patch},
    live::presence::{self, Changed},
};

/// A user with their presence; absent until they have been there once.
#[derive(Serialize, ToSchema)]
pub struct ListedUser {
    #[serde(flatten)]
    user: User,
    presence: Option<Presence>,
}

/// The people the caller may see: those they manage, else those they may give conversations to, else themselves.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", responses((status = 200, body = List<ListedUser>)),
    security(("bearer" = [])))]
pub async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Answer<List<ListedUser>>, ApiError> {
    let visible = [Permission::UsersManage, Permission::ConversationsReassign]
        .into_iter()
        .find_map(|permission| caller.visible(permission).ok())
        .unwrap_or_else(|| Visible::AssignedTo(caller.id().clone()));
    let users = app.store.users.list(&visible).await?;
    let present = app.store.presence.all(app.clock.now()).await?;
    let mut presences: HashMap<UserId, Presence> = present
        .into_iter()
        .map(|agent| (agent.presence.user_id.clone(), agent.presence))
        .collect();
    let listed = users.into_iter().map(|user| ListedUser {
        presence: presences.remove(&user.id),
        user,
    });
    Ok(Answer(List::whole(listed.collect())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    email: String,
    name: String,
    /// At least 10 characters. Without it the user is mailed a link to choose one.
    #[schema(value_type = Option<String>)]
    password: Option<Secret>,
    role_id: RoleId,
    #[serde(default)]
    team_ids: Vec<TeamId>,
    branch_id: Option<BranchId>,
    #[serde(default)]
    skills: Vec<SkillLevel>,
    #[serde(default)]
    capacity: u32,
    /// The most units at once on a channel; zero: the channel isn't theirs.
    #[serde(default)]
    #[schema(value_type = Object)]
    channel_limits: BTreeMap<Channel, u32>,
    #[serde(default)]
    auto_accept: bool,
}

/// Creates a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = NewUser,
    responses((status = 201, body = User), (status = 409), (status = 422)), security(("bearer" = [])))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewUser>,
) -> Result<(StatusCode, Answer<User>), ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    let user = User {
        id: UserId::fresh(),
        email: new.email.trim().to_lowercase(),
        name: new.name,
        role_id: new.role_id,
        team_ids: new.team_ids,
        branch_id: new.branch_id,
        skills: new.skills,
        capacity: new.capacity,
        channel_limits: new.channel_limits,
        auto_accept: new.auto_accept,
        enabled: true,
    };
    check(&app, &user).await?;
    may_hand_out(&app, &caller, &user.role_id).await?;
    let invites = new.password.is_none();
    let password_hash = if let Some(password) = new.password {
        hash(&app, password).await?
    } else {
        require_mail(&app)?;
        Secret::new("none yet")
    };
    let what = Change::act("user.created", "user", user.id.as_str()).to(&user);
    let credentials = Credentials {
        user: user.clone(),
        password_hash,
    };
    audit::change(&app, &caller, what, app.store.users.insert(&credentials)).await?;
    if invites {
        link::send(&app, user.clone(), Purpose::Invitation).await?;
    }
    Ok((StatusCode::CREATED, Answer(user)))
}

/// Only what is given changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    name: Option<String>,
    role_id: Option<RoleId>,
    team_ids: Option<Vec<TeamId>>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    branch_id: Patch<BranchId>,
    skills: Option<Vec<SkillLevel>>,
    capacity: Option<u32>,
    #[schema(value_type = Option<Object>)]
    channel_limits: Option<BTreeMap<Channel, u32>>,
    auto_accept: Option<bool>,
    enabled: Option<bool>,
    #[schema(value_type = Option<String>)]
    password: Option<Secret>,
}

/// Changes a user. Effective within seconds, also for consoles that are connected.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", request_body = UserPatch, params(("id" = String, Path)),
    responses((status = 200, body = User), (status = 404), (status = 422)), security(("bearer" = [])))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(mut patch): Json<UserPatch>,
) -> Result<Answer<User>, ApiError> {
    caller.require_everywhere(Permission::UsersManage)?;
    let id = UserId::from(id);
    let before = app
        .store
        .users
        .get(&id)
        .await?
        .ok_or_else(|| ApiError::not_found("user"))?;
    may_hand_out(&app, &caller, &before.role_id).await?;
    if patch.enabled == Some(false) && id == *caller.id() {
        return Err(fault("enabled", "You can't disable yourself."));
    }
    let password = patch.password.take();
    let user = patch.apply(before.clone());
    check(&app, &user).await?;
    may_hand_out(&app, &caller, &user.role_id).await?;
    let password = match password {
        Some(password) => Some(hash(&app, password).await?),
        None => None,
    };
    let mut what = Change::act("user.changed", "user", id.as_str())
        .from(&before)
        .to(&user);
    if let (Some(_), Some(Value::Object(after))) = (&password, &mut what.after) {
        after.insert("password".into(), "set".into());
    }
    let signed_out = password.is_some() || !user.enabled;
    audit::change(&app, &caller, what, keep(&app, &user, password)).await?;
    if !user.enabled {
        // Somebody else answers their customers.
        app.desk.release_agent(&user).await?;
    }
    announce(&app, &id).await;
    if signed_out {
        app.directory.forget_sessions();
        presence::announce_access_change(&app, Changed::SignedOut(id)).await;
    }
    Ok(Answer(user))
}

/// Tells everybody who has to know that a user isn't what they were.
pub async fn announce(app: &Arc<App>, id: &UserId) {
    app.directory.forget(id);
    presence::announce_access_change(app, Changed::UserId(id.clone())).await;
    app.wake_routing("a user was changed").await;
}

/// Stores the user, and a new password's hash; whoever is disabled or gets another password is signed out.
pub async fn keep(app: &App, user: &User, password: Option<Secret>) -> Result<(), ApiError> {
    match app.store.users.update(user).await? {
        UserChange::Changed => {}
        UserChange::NoSuchUser => return Err(ApiError::not_found("user")),
        UserChange::LastOne => {
            return Err(ApiError::conflict(
                "last_super_admin",
                "Somebody has to be super admin: this is the last.",
            ));
        }
    }
    if let Some(hash) = &password {
        app.store.users.set_password(&user.id, hash).await?;
    }
    if password.is_some() || !user.enabled {
        app.store.sessions.revoke_user(&user.id).await?;
        // Nor does a link that was sent before bring them back.
        app.store.links.void(&user.id).await?;
    }
    Ok(())
}

impl UserPatch {
    fn apply(self, mut user: User) -> User {
        user.name = self.name.unwrap_or(user.name);
        user.role_id = self.role_id.unwrap_or(user.role_id);
        user.team_ids = self.team_ids.unwrap_or(user.team_ids);
        user.branch_id = self.branch_id.over(user.branch_id);
        user.skills = self.skills.unwrap_or(user.skills);
        user.capacity = self.capacity.unwrap_or(user.capacity);
        user.channel_limits = self.channel_limits.unwrap_or(user.channel_limits);
        user.auto_accept = self.auto_accept.unwrap_or(user.auto_accept);
        user.enabled = self.enabled.unwrap_or(user.enabled);
        user
    }
}

async fn check(app: &App, user: &User) -> Result<(), ApiError> {
    let local = user
        .email
        .split_once('@')
        .filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if local.is_none() || user.email.len() > 254 || user.email.contains(char::is_whitespace) {
        return Err(fault("email", "This is not an email address."));
    }
    if user.name.trim().is_empty() || user.name.chars().count() > 100 {
        return Err(fault("name", "A name has 1 to 100 characters."));
    }
    if user.skills.iter().any(|skill| skill.level > 10) {
        return Err(fault("skills", "A level is between 0 and 10."));
    }
    if user.capacity > 1000 {
        return Err(fault("capacity", "A capacity is at most 1000."));
    }
    if app.store.roles.get(user.role_id.as_str()).await?.is_none() {
        return Err(fault("role_id", "There is no such role."));
    }
    let teams = app.store.teams.all().await?;
    if user
        .team_ids
        .iter()
        .any(|id| teams.iter().all(|team| team.id != *id))
    {
        return Err(fault("team_ids", "One of the teams doesn't exist."));
    }
    Ok(())
}

/// Nobody makes somebody else, or themselves, more powerful than they are; nor do they touch the account of one who is.
pub async fn may_hand_out(app: &App, caller: &Caller, role: &RoleId) -> Result<(), ApiError> {
    let role = app.store.roles.get(role.as_str()).await?;
    match role.and_then(|role| caller.known().role.first_beyond(&role)) {
        None => Ok(()),
        Some(_) => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "beyond_your_role",
            "This user's role may do what yours doesn't.",
        )),
    }
}

pub async fn hash(app: &App, password: Secret) -> Result<Secret, ApiError> {
    let length = password.expose().chars().count();
    if !(10..=256).contains(&length) {
        return Err(fault("password", "A password has 10 to 256 characters."));
    }
    Ok(app.passwords.hash(password).await?)
}
