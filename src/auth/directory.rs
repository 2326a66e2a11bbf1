//! Users with their roles, remembered for a moment: every request asks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use switchboard_domain::{Clock, Role, RoleId, Timestamp, User, UserId};
use switchboard_store::{Store, StoreError};

/// A user with the role they hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub user: User,
    pub role: Role,
    /// Their role asks for a second factor, and they have none yet.
    pub lacks_totp: bool,
}

/// Remembers who is who for at most `ttl`, so that a change takes effect within it.
pub struct Directory {
    store: Store,
    clock: Clock,
    ttl: Duration,
    remembered: Mutex<HashMap<UserId, (Timestamp, Arc<Known>)>>,
    /// Sessions that held when they were looked at, and whether a provider asked for a second factor.
    sessions: Mutex<HashMap<String, (Timestamp, bool)>>,
}

/// Beyond this, what is out of date is thrown out.
const SWEEP_AT: usize = 4096;

impl Directory {
    pub fn new(store: Store, clock: Clock, ttl: Duration) -> Self {
        Self {
            store,
            clock,
            ttl,
            remembered: Mutex::default(),
            sessions: Mutex::default(),
        }
    }

    /// The user, if they exist, are enabled and their role exists.
    pub async fn find(&self, id: &UserId) -> Result<Option<Arc<Known>>, StoreError> {
        let now = self.clock.now();
        if let Some(known) = self.remembered(id, now) {
            return Ok(Some(known));
        }
        let Some(user) = self.store.users.get(id).await?.filter(|user| user.enabled) else {
            return Ok(None);
        };
        let Some(role) = self.role(&user.role_id).await? else {
            return Ok(None);
        };
        let lacks_totp = role.require_totp && !self.store.totp.is_enabled(id).await?;
        let known = Arc::new(Known {
            user,
            role,
            lacks_totp,
        });
        self.remember(id.clone(), known.clone(), now);
        Ok(Some(known))
    }

    /// The user of a session, if both are good.
    pub async fn within(&self, session: &str, user: &UserId) -> Result<Option<Arc<Known>>, StoreError> {
        let Some(second_factor) = self.holds(session).await? else {
            return Ok(None);
        };
        let known = self.find(user).await?;
        Ok(known.map(|known| {
            if !(known.lacks_totp && second_factor) {
                return known;
            }
            Arc::new(Known {
                lacks_totp: false,
                ..known.as_ref().clone()
            })
        }))
    }

    /// Whether a provider asked for a second factor when the session began; `None` if it doesn't hold.
    async fn holds(&self, session: &str) -> Result<Option<bool>, StoreError> {
        let now = self.clock.now();
        let lately = |at: &Timestamp| now.since(*at) < self.ttl;
        if let Some((at, second_factor)) = self.sessions().get(session)
            && lately(at)
        {
            return Ok(Some(*second_factor));
        }
        let Some(found) = self.store.sessions.get(session, now).await? else {
            return Ok(None);
        };
        let mut sessions = self.sessions();
        if sessions.len() >= SWEEP_AT {
            sessions.retain(|_, (at, _)| lately(at));
        }
        sessions.insert(session.to_owned(), (now, found.second_factor));
        Ok(Some(found.second_factor))
    }

    /// Forgets that sessions held: some were ended on this node.
    pub fn forget_sessions(&self) {
        self.sessions().clear();
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, bool)>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a user who was just changed on this node.
    pub fn forget(&self, id: &UserId) {
        self.lock().remove(id);
    }

    /// Forgets everybody: a role was changed.
    pub fn forget_all(&self) {
        self.lock().clear();
    }

    async fn role(&self, id: &RoleId) -> Result<Option<Role>, StoreError> {
        self.store.roles.get(id.as_str()).await
    }

    fn remembered(&self, id: &UserId, now: Timestamp) -> Option<Arc<Known>> {
        let remembered = self.lock();
        let (at, known) = remembered.get(id)?;
        (now.since(*at) < self.ttl).then(|| known.clone())
    }

    fn remember(&self, id: UserId, known: Arc<Known>, now: Timestamp) {
        let mut remembered = self.lock();
        if remembered.len() >= SWEEP_AT {
            remembered.retain(|_, (at, _)| now.since(*at) < self.ttl);
        }
        remembered.insert(id, (now, known));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, (Timestamp, Arc<Known>)>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
