//! What happens on channel accounts, gathered here and written every few seconds: their health is told from it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use switchboard_connectors::{SendDecision, SendError};
use switchboard_domain::{AccountKey, AccountTrail, MessageError, Timestamp, Trouble};

use crate::{Hub, error::WorkError};

/// What happened since it was last written, by account.
#[derive(Debug, Default)]
pub struct Trails(Mutex<HashMap<AccountKey, AccountTrail>>);

impl Trails {
    pub fn webhook(&self, account: &AccountKey, at: Timestamp) {
        self.note(
            account,
            AccountTrail {
                webhook_at: Some(at),
                ..AccountTrail::default()
            },
        );
    }

    pub fn webhook_refused(&self, account: &AccountKey, error: MessageError, at: Timestamp) {
        self.note(
            account,
            AccountTrail {
                webhook_refused: Some(Trouble::new(error, at)),
                ..AccountTrail::default()
            },
        );
    }

    pub fn sent(&self, account: &AccountKey, at: Timestamp) {
        self.note(
            account,
            AccountTrail {
                sent_at: Some(at),
                authorised_at: Some(at),
                ..AccountTrail::default()
            },
        );
    }

    pub fn authorised(&self, account: &AccountKey, at: Timestamp) {
        self.note(
            account,
            AccountTrail {
                authorised_at: Some(at),
                ..AccountTrail::default()
            },
        );
    }

    /// A message that the provider will never take as it is says nothing about the account.
    pub fn failed(&self, account: &AccountKey, error: &SendError, at: Timestamp) {
        let trouble = Some(Trouble::new(error.to_message_error(), at));
        let trail = if error.token_rejected {
            AccountTrail {
                token_rejected: trouble,
                ..AccountTrail::default()
            }
        } else if error.decision == SendDecision::GiveUp {
            return;
        } else {
            AccountTrail {
                send_failed: trouble,
                ..AccountTrail::default()
            }
        };
        self.note(account, trail);
    }

    fn note(&self, account: &AccountKey, trail: AccountTrail) {
        let mut trails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match trails.get_mut(account) {
            Some(known) => *known = std::mem::take(known).merge(trail),
            None => {
                trails.insert(account.clone(), trail);
            }
        }
    }

    fn take(&self) -> HashMap<AccountKey, AccountTrail> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Hub {
    /// Writes what happened on the accounts; what can't be written now waits for the next time.
    pub async fn keep_trails(&self) -> Result<(), WorkError> {
        let trails = self.trails.take();
        if trails.is_empty() {
            return Ok(());
        }
        let kept = self.store.account_trails.note(&trails).await;
        if kept.is_err() {
            for (account, trail) in trails {
                self.trails.note(&account, trail);
            }
        }
        Ok(kept?)
    }
}
