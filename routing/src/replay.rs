//! A stored decision, made again from its own trace.

use std::borrow::Cow;

use switchboard_domain::Decision;

use crate::{QueueState, decide, input::Input};

/// A trace that can't be read back.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("this decision's record can't be read, so it can't be repeated: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("this decision's record can't be read, so it can't be repeated: an agent's slots aren't ranges")]
    Slots,
}

/// Decides again from what `decision` says the engine was given. The answer is the same, or the engine has changed.
pub fn replay(decision: &Decision) -> Result<Decision, ReplayError> {
    let input: Input<'static> = serde::Deserialize::deserialize(&decision.input)?;
    let agents = input.agents().ok_or(ReplayError::Slots)?;
    let queues: Vec<QueueState> = input.queues.into_iter().map(Cow::into_owned).collect();
    Ok(decide(&input.item, &agents, &queues, input.now).into_decision())
}
