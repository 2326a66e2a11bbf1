//! Connections that we hold to providers, where webhooks don't tell everything: Discord's gateway.
//!
//! Every process that works watches the accounts and has a task for each that wants a connection. The tasks of all
//! processes share a lease, so that one of them holds the connection; what it takes to go on with its session is kept
//! beside the lease, so that whoever comes next misses nothing.

mod connection;
mod holder;
mod inlet;
mod note;

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use switchboard_connectors::discord::gateway::Access;
use switchboard_domain::{AccountKey, ChannelAccount, Timestamp};
use tokio::{sync::watch, task::JoinHandle, time};

use self::holder::{Ending, Holder, Order};
use crate::{Hub, accounts::Known, run::LaneSettings};

/// How often the accounts are compared with the connections.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The connections of one process.
pub struct Gateways {
    hub: Hub,
    lease: Duration,
    drain: Duration,
    holders: HashMap<AccountKey, Running>,
    /// Refused for good by the provider, as the account was at that time.
    stopped: HashMap<AccountKey, Timestamp>,
}

struct Running {
    access: Access,
    as_of: Timestamp,
    orders: watch::Sender<Order>,
    task: JoinHandle<Ending>,
}

impl Gateways {
    pub fn new(hub: Hub, settings: &LaneSettings) -> Self {
        Self {
            hub,
            lease: settings.lease,
            drain: settings.drain,
            holders: HashMap::new(),
            stopped: HashMap::new(),
        }
    }

    /// Runs until `stop`, then leaves so that others can go on at once.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let watching = async {
            loop {
                // An error means that the accounts were never read; the lanes' workers say so.
                if let Ok(accounts) = self.hub.accounts.known(self.hub.clock.now()).await {
                    self.look(&accounts).await;
                }
                time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            () = watching => {}
            () = stop => {}
        }
        for holder in self.holders.values() {
            holder.orders.send_replace(Order::Leave);
        }
        let leaving = join_all(self.holders.into_values().map(|holder| holder.task));
        if time::timeout(self.drain, leaving).await.is_err() {
            tracing::warn!("a connection to a provider wasn't closed in time; its lease runs out");
        }
    }

    async fn look(&mut self, accounts: &Known) {
        let wanted: HashMap<&AccountKey, (&Arc<ChannelAccount>, Access)> = accounts
            .all()
            .filter_map(|account| Some((&account.key, (account, Access::of(account)?))))
            .collect();
        for (key, running) in &self.holders {
            if wanted
                .get(key)
                .is_none_or(|(_, access)| *access != running.access)
            {
                running.orders.send_replace(Order::End);
            }
        }
        self.clear_away().await;
        self.stopped.retain(|key, as_of| {
            wanted
                .get(key)
                .is_some_and(|(account, _)| account.updated_at == *as_of)
        });
        for (key, (account, access)) in wanted {
            if !self.holders.contains_key(key) && !self.stopped.contains_key(key) {
                let running = self.begin(account, access);
                self.holders.insert(key.clone(), running);
            }
        }
    }

    /// Tasks that have ended: one that broke is begun anew, one that was stopped isn't.
    async fn clear_away(&mut self) {
        let ended: Vec<AccountKey> = self
            .holders
            .iter()
            .filter(|(_, running)| running.task.is_finished())
            .map(|(key, _)| key.clone())
            .collect();
        for key in ended {
            let Some(running) = self.holders.remove(&key) else {
                continue;
            };
            match running.task.await {
                Ok(Ending::AsTold) => {}
                Ok(Ending::Stopped) => {
                    self.stopped.insert(key, running.as_of);
                }
                Err(error) => {
                    tracing::error!(%error, account = %key, "a connection's task broke; it begins anew");
                }
            }
        }
    }

    fn begin(&self, account: &ChannelAccount, access: Access) -> Running {
        let (orders, told) = watch::channel(Order::Hold);
        let holder = Holder::new(self.hub.clone(), account, access.clone(), self.lease);
        Running {
            access,
            as_of: account.updated_at,
            orders,
            task: tokio::spawn(holder.run(told)),
        }
    }
}
