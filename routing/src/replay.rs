//! A stored decision, made again from its own trace.

use switchboard_domain::Decision;

use crate::{QueueState, decide, input::Input};

/// A trace that can't be read back.
#[derive(Debug, thiserror::Error)]
#[error("this decision's record can't be read, so it can't be repeated: {0}")]
pub struct ReplayError(#[from] serde_json::Error);

/// Decides again from what `decision` says the engine was given. The answer is the same, or the engine has changed.
pub fn replay(decision: &Decision) -> Result<Decision, ReplayError> {
    let input: Input = serde::Deserialize::deserialize(&decision.input)?;
    let queues: Vec<QueueState> = input.queues.into_iter().map(QueueState::from).collect();
    Ok(decide(&input.item, &input.agents, &queues, input.now).into_decision())
}
