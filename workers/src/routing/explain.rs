//! Why those who wait, wait: stored when it changes, not at every look.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use switchboard_domain::{ConversationId, Decision};

use crate::{Hub, error::WorkError};

/// What was said last of whom; forgotten whole when it grows too large, which only repeats some explanations.
#[derive(Default)]
pub struct Explained(HashMap<ConversationId, u64>);

const MOST: usize = 10_000;

impl Explained {
    pub async fn store_new(&mut self, hub: &Hub, decisions: Vec<Decision>) -> Result<(), WorkError> {
        if self.0.len() > MOST {
            self.0.clear();
        }
        let new: Vec<Decision> = decisions
            .into_iter()
            .filter(|decision| {
                let reasons = reasons(decision);
                self.0.insert(decision.conversation_id.clone(), reasons) != Some(reasons)
            })
            .collect();
        hub.store.decisions.insert(&new).await?;
        Ok(())
    }
}

/// Who was refused for what, without the numbers that change all the time.
fn reasons(decision: &Decision) -> u64 {
    let mut hasher = DefaultHasher::new();
    decision.queue_id.hash(&mut hasher);
    decision.rule_version.hash(&mut hasher);
    for considered in &decision.considered {
        considered.agent_id.hash(&mut hasher);
        considered
            .rejected
            .as_ref()
            .map(std::mem::discriminant)
            .hash(&mut hasher);
    }
    hasher.finish()
}
