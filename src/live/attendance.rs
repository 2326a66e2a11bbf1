//! Which users have a console on this node, as the store was told: only the first that comes and the last that goes are news.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::{StreamExt, stream};
use switchboard_domain::UserId;
use switchboard_workers::WorkError;

use crate::app::App;

/// Users who share a turn: enough that an office that comes at once doesn't queue.
const TURNS: usize = 64;
/// Users of whom the store is told at once, when it has to be told of many.
const AT_ONCE: usize = 16;

pub struct Attendance {
    told: Mutex<HashSet<UserId>>,
    /// One telling at a time of each user: that they went mustn't overtake that they came.
    turns: Vec<tokio::sync::Mutex<()>>,
    hasher: RandomState,
}

impl Default for Attendance {
    fn default() -> Self {
        Self {
            told: Mutex::default(),
            turns: (0..TURNS).map(|_| tokio::sync::Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Attendance {
    /// Tells the store, and everybody, whether this node has a console of the user's, unless they know.
    ///
    /// # Errors
    /// The store or the live stream couldn't be told; it counts as untold.
    pub async fn tell(&self, app: &App, user: &UserId) -> Result<(), WorkError> {
        let turn = self.hasher.hash_one(user) as usize % TURNS;
        let _turn = self.turns[turn].lock().await;
        let here = app.consoles.registry().has(user);
        let told = self.told().contains(user);
        if here && !told {
            app.desk.connected(user, &app.node).await?;
            self.told().insert(user.clone());
        } else if told && !here {
            app.desk.disconnected(user, &app.node).await?;
            self.told().remove(user);
        }
        Ok(())
    }

    /// Makes up for what couldn't be told when it happened. What can't be told now waits for the next time.
    pub async fn catch_up(&self, app: &App) {
        let here = app.consoles.registry().users();
        let untold: Vec<UserId> = self.told().symmetric_difference(&here).cloned().collect();
        let tellings = untold
            .into_iter()
            .map(|user| async move { self.tell(app, &user).await });
        let mut tellings = stream::iter(tellings).buffer_unordered(AT_ONCE);
        while let Some(Ok(())) = tellings.next().await {}
    }

    /// The store has forgotten this node: everybody is to be told again.
    pub fn forget(&self) {
        self.told().clear();
    }

    fn told(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
