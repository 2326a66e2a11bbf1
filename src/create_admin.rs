//! The first user of a new deployment: somebody has to be able to invite the others.

use std::io::{self, Read};

use switchboard_domain::{Secret, User, UserId};
use switchboard_store::{Credentials, StoreError};

use crate::{
    app::{App, StartError},
    audit::{self, Change},
};

const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 10..=256;

/// The password, from standard input: arguments and the environment can be seen by other processes.
pub fn read_password() -> Result<Secret, StartError> {
    let mut password = String::new();
    io::stdin().take(1024).read_to_string(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        return Err("a password has 10 to 256 characters; give it on standard input".into());
    }
    Ok(Secret::new(password))
}

/// Creates a super admin who can sign in.
pub async fn create(app: &App, email: &str, name: &str, password: Secret) -> Result<(), StartError> {
    if !email.contains('@') {
        return Err("that is not an e-mail address".into());
    }
    let user = User {
        id: UserId::fresh(),
        email: email.trim().to_lowercase(),
        name: name.to_owned(),
        role_id: "super_admin".into(),
        team_ids: Vec::new(),
        branch_id: None,
        skills: Vec::new(),
        capacity: 0,
        channel_limits: std::collections::BTreeMap::new(),
        auto_accept: false,
        enabled: true,
    };
    let password_hash = app.passwords.hash(password).await?;
    let what = Change::act("user.created", "user", user.id.as_str()).to(&user);
    audit::by_the_system(app, what)
        .await
        .map_err(|error| error.message)?;
    match app.store.users.insert(&Credentials { user, password_hash }).await {
        Err(StoreError::Duplicate) => Err("there is a user with this e-mail address".into()),
        other => Ok(other?),
    }
}
