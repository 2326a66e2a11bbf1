//! Presence follows the sockets: a user is here as long as one of theirs, and this node, are.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use switchboard_domain::{Audience, LiveEvent, LiveEventName, RoleId, Room, UserId};
use switchboard_queue::LiveEntry;
use switchboard_workers::WorkError;
use tokio::time::sleep;

use super::{consoles, server};
use crate::app::App;

/// How often a node says that it lives; MongoDB is asked, since Redis may be emptied.
const BEAT: Duration = Duration::from_secs(3);

/// How soon a change of access is announced again that Redis couldn't be told of.
const ANNOUNCE_AGAIN: Duration = Duration::from_millis(250);

/// A console came or went. Not waited for: events flow meanwhile.
pub fn changed(app: &Arc<App>, user: &UserId) {
    let (app, user) = (app.clone(), user.clone());
    tokio::spawn(async move {
        if let Err(error) = app.consoles.attendance.tell(&app, &user).await {
            tracing::warn!(%error, "that a console came or went wasn't stored; the next beat tries again");
        }
    });
}

/// Makes up for what the store couldn't be told of who is here. Beside the beats, which mustn't wait while thousands are told
/// of: a node that doesn't beat counts as dead.
pub async fn attend(app: Arc<App>) {
    loop {
        app.consoles.attendance.catch_up(&app).await;
        sleep(BEAT).await;
    }
}

/// Says that this node lives, and forgets the nodes that don't.
pub async fn beats(app: Arc<App>) {
    let mut failing = false;
    loop {
        match beat(&app).await {
            Ok(()) => failing = false,
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "presence can't be kept at the moment");
                }
                failing = true;
            }
        }
        sleep(BEAT).await;
    }
}

async fn beat(app: &App) -> Result<(), WorkError> {
    let now = app.clock.now();
    if !app.store.presence.beat(&app.node, now).await? {
        app.consoles.attendance.forget();
    }
    if app.desk.forget_dead_nodes(now).await? {
        app.wake_routing("a node died").await;
    }
    Ok(())
}

/// Whose access changed: one user's, or that of everybody with a role.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    UserId(UserId),
    RoleId(RoleId),
    /// Some of a user's sessions were ended. Their consoles come back, those that may.
    SignedOut(UserId),
}

/// Tells every node that what somebody may do has changed. While Redis is away this node knows at once, and the others hear
/// of it as soon as it is back.
pub async fn announce_access_change(app: &Arc<App>, changed: Changed) {
    let room = match &changed {
        Changed::UserId(user) | Changed::SignedOut(user) => Room::Agent(user.clone()),
        Changed::RoleId(_) => Room::Everything,
    };
    let audience = Audience(vec![room]);
    let Ok(event) = LiveEvent::new(LiveEventName::AccessChanged, app.clock.now(), audience, &changed) else {
        return;
    };
    let events = [event];
    if let Err(error) = app.consoles.stream.append(&events).await {
        tracing::warn!(%error, "other nodes can't be told of a change of access; it is tried until they can");
        follow(app, changed);
        let app = app.clone();
        tokio::spawn(async move {
            while app.consoles.stream.append(&events).await.is_err() {
                sleep(ANNOUNCE_AGAIN).await;
            }
        });
    }
}

/// Looks at the rooms of the sockets it is about again.
pub fn access_changed(app: &Arc<App>, entry: &LiveEntry) {
    if let Ok(changed) = serde_json::from_slice(&entry.data) {
        follow(app, changed);
    }
}

fn follow(app: &Arc<App>, changed: Changed) {
    let app = app.clone();
    tokio::spawn(async move {
        match changed {
            Changed::UserId(user) => look_again(&app, &user).await,
            Changed::SignedOut(user) => {
                app.directory.forget_sessions();
                server::turn_out(&app, &user);
            }
            Changed::RoleId(_) => {
                app.directory.forget_all();
                let connected = app.consoles.registry().users();
                for user in connected {
                    look_again(&app, &user).await;
                }
            }
        }
    });
}

/// Puts a user's sockets into the rooms that are theirs now.
async fn look_again(app: &App, user: &UserId) {
    app.directory.forget(user);
    match app.directory.find(user).await {
        // Their role asks for a second factor since: whoever may comes back.
        Ok(Some(known)) if known.lacks_totp => server::turn_out(app, user),
        Ok(Some(known)) => {
            server::give(app, user, &consoles::access(&known.role, &known.user));
        }
        Ok(None) => server::turn_out(app, user),
        // The slow comparison below catches up on it.
        Err(_) => {}
    }
}

/// The net under [`access_changed`]: compares every connected user's rooms with their role now and then.
pub async fn recheck(app: Arc<App>) {
    loop {
        sleep(Duration::from_secs(app.config.live.recheck_secs)).await;
        let connected = app.consoles.registry().users();
        if connected.is_empty() {
            continue;
        }
        let (Ok(users), Ok(roles)) = (
            app.store
                .users
                .list(&switchboard_domain::Visible::Everything)
                .await,
            app.store.roles.all().await,
        ) else {
            continue;
        };
        for user in users.into_iter().filter(|user| connected.contains(&user.id)) {
            let role = roles
                .iter()
                .find(|role| role.id == user.role_id)
                .filter(|_| user.enabled);
            match role {
                Some(role) => {
                    server::give(&app, &user.id, &consoles::access(role, &user));
                }
                None => server::turn_out(&app, &user.id),
            }
        }
    }
}
