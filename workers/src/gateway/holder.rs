//! One account's connection, as one process sees it: waiting for the lease, holding it, giving it up.

use std::time::Duration;

use switchboard_connectors::{
    SendError,
    discord::gateway::{Access, CLOSE_AND_END, CLOSE_AND_RESUME, Gateway},
};
use switchboard_domain::{AccountKey, ChannelAccount, Timestamp};
use switchboard_queue::{Lease, QueueError};
use tokio::{sync::watch, time::sleep};

use super::{connection::Connection, note::Note};
use crate::Hub;

/// After an account was changed nobody connects for so long: other processes may not know of the change yet.
const SETTLE: Duration = Duration::from_secs(5);

/// What the process wants of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Hold,
    /// Go, so that another process can go on with the session.
    Leave,
    /// Go, and end the session: the account changed.
    End,
}

/// How a holder ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    AsTold,
    /// The provider doesn't want us before somebody has changed the account.
    Stopped,
}

/// Why a tenure was over.
enum Over {
    Told(Order),
    Lost,
    Refused(SendError),
}

pub struct Holder {
    hub: Hub,
    key: AccountKey,
    as_of: Timestamp,
    access: Access,
    lease: Lease,
    ttl: Duration,
}

impl Holder {
    pub fn new(hub: Hub, account: &ChannelAccount, access: Access, ttl: Duration) -> Self {
        Self {
            lease: hub.redis.lease(&format!("gateway:{}", account.key)),
            key: account.key.clone(),
            as_of: account.updated_at,
            hub,
            access,
            ttl,
        }
    }

    pub async fn run(self, mut orders: watch::Receiver<Order>) -> Ending {
        loop {
            let note = tokio::select! {
                _ = told(&mut orders) => return Ending::AsTold,
                note = self.wait_for_lease() => note,
            };
            if note.refused == Some(self.as_of) {
                self.give_up(self.lease.release().await);
                return Ending::Stopped;
            }
            if let Some(ending) = self.tenure(note, &mut orders).await {
                return ending;
            }
            tracing::info!(account = %self.key, "another process has taken the connection over");
        }
    }

    /// Until the lease is ours, and we know what the one before us left.
    async fn wait_for_lease(&self) -> Note {
        loop {
            if let Ok(true) = self.lease.hold(self.ttl).await
                && let Ok(note) = Note::read(&self.lease).await
            {
                return note;
            }
            sleep(self.ttl / 3).await;
        }
    }

    /// As long as the lease is ours; `None`: it is somebody else's now.
    async fn tenure(&self, note: Note, orders: &mut watch::Receiver<Order>) -> Option<Ending> {
        let gateway = Gateway::new(self.access.clone(), note.session);
        let mut connection = Connection::new(self.hub.clone(), self.key.clone(), self.lease.clone(), gateway);
        let over = tokio::select! {
            order = told(orders) => Over::Told(order),
            () = self.lose_lease() => Over::Lost,
            why = connection.run() => Over::Refused(why),
        };
        match over {
            Over::Lost => {
                connection.close(CLOSE_AND_RESUME).await;
                None
            }
            Over::Told(Order::End) => {
                connection.close(CLOSE_AND_END).await;
                self.give_up(Note::default().leave(&self.lease).await);
                self.give_up(self.lease.hold(SETTLE).await.map(drop));
                Some(Ending::AsTold)
            }
            Over::Told(Order::Leave | Order::Hold) => {
                connection.close(CLOSE_AND_RESUME).await;
                connection.save().await;
                self.give_up(self.lease.release().await);
                Some(Ending::AsTold)
            }
            Over::Refused(why) => {
                self.refused(&why).await;
                Some(Ending::Stopped)
            }
        }
    }

    /// Returns when somebody else has it. While Redis doesn't answer we hold on: nobody can take the lease there, and
    /// who could take it behind our back would go on with our session, which ends this connection.
    async fn lose_lease(&self) {
        loop {
            sleep(self.ttl / 3).await;
            if let Ok(false) = self.lease.hold(self.ttl).await {
                return;
            }
        }
    }

    async fn refused(&self, why: &SendError) {
        tracing::warn!(account = %self.key, %why, "Discord's gateway refuses the account; it is left alone until its settings change");
        let now = self.hub.clock.now();
        if why.token_rejected {
            self.hub.trails.failed(&self.key, why, now);
        } else {
            self.hub
                .trails
                .webhook_refused(&self.key, why.to_message_error(), now);
        }
        let note = Note {
            session: None,
            refused: Some(self.as_of),
        };
        self.give_up(note.leave(&self.lease).await);
        self.give_up(self.lease.release().await);
    }

    /// Nothing depends on it: what can't be given up runs out.
    fn give_up(&self, result: Result<(), QueueError>) {
        if let Err(error) = result {
            tracing::debug!(%error, account = %self.key, "a lease wasn't given up; it runs out");
        }
    }
}

/// Anything but to hold on. A process that doesn't say anything any more is as good as stopped.
async fn told(orders: &mut watch::Receiver<Order>) -> Order {
    match orders.wait_for(|order| *order != Order::Hold).await {
        Ok(order) => *order,
        Err(_) => Order::Leave,
    }
}
