//! Coming, going, and saying so.

use switchboard_domain::{Intent, Presence, PresenceCause, Timestamp, UserId};

use crate::{Hub, error::WorkError, events};

impl Hub {
    /// What the agent says of themselves; it stands until they (or a missed offer) change it.
    pub async fn declare_presence(&self, user: &UserId, intent: Intent) -> Result<Presence, WorkError> {
        self.set_presence(user, intent, PresenceCause::Declared).await
    }

    pub(crate) async fn set_presence(
        &self,
        user: &UserId,
        intent: Intent,
        cause: PresenceCause,
    ) -> Result<Presence, WorkError> {
        let presence = self
            .store
            .presence
            .declare(user, intent, self.clock.now())
            .await?;
        self.presence_changed(&presence, cause).await?;
        Ok(presence)
    }

    /// The first console of theirs came to this node: one `serve` process, by its boot name.
    pub async fn connected(&self, user: &UserId, node: &str) -> Result<Presence, WorkError> {
        let presence = self.store.presence.connect(user, node, self.clock.now()).await?;
        self.presence_changed(&presence, PresenceCause::Connected).await?;
        Ok(presence)
    }

    /// The last console of theirs went from this node.
    pub async fn disconnected(&self, user: &UserId, node: &str) -> Result<Presence, WorkError> {
        let presence = self
            .store
            .presence
            .disconnect(user, node, self.clock.now())
            .await?;
        self.presence_changed(&presence, PresenceCause::Disconnected)
            .await?;
        Ok(presence)
    }

    /// Forgets the consoles of processes that are gone, and says whose they were; whether there was such a process.
    pub async fn forget_dead_nodes(&self, now: Timestamp) -> Result<bool, WorkError> {
        let Some(gone) = self.store.presence.forget_dead_nodes(now).await? else {
            return Ok(false);
        };
        for presence in gone {
            self.presence_changed(&presence, PresenceCause::NodeLost).await?;
        }
        Ok(true)
    }

    async fn presence_changed(&self, presence: &Presence, cause: PresenceCause) -> Result<(), WorkError> {
        let now = self.clock.now();
        self.store.presence_sessions.record(presence, cause, now).await?;
        let teams = self
            .store
            .users
            .get(&presence.user_id)
            .await?
            .map(|user| user.team_ids)
            .unwrap_or_default();
        self.show(&[events::presence(presence, &teams, self.clock.now())?])
            .await?;
        if presence.online && presence.intent.is_routable() {
            self.wake_routing("an agent became available").await?;
        }
        Ok(())
    }
}
