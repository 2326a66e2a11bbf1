//! A stored decision, made again from its own trace.

use switchboard_domain::Decision;

use crate::{AgentState, Item, QueueState, decide, trace::Input};

/// A trace that can't be read back.
#[derive(Debug, thiserror::Error)]
#[error("this decision's record can't be read, so it can't be repeated: {0}")]
pub struct ReplayError(#[from] serde_json::Error);

/// Decides again from what `decision` says the engine was given. The answer is the same, or the engine has changed.
pub fn replay(decision: &Decision) -> Result<Decision, ReplayError> {
    let input: Input<'static> = serde::Deserialize::deserialize(&decision.input)?;
    let item: Item = input.item.into_owned();
    let agents: Vec<AgentState> = input
        .agents
        .into_iter()
        .map(std::borrow::Cow::into_owned)
        .collect();
    let queues: Vec<QueueState> = input
        .queues
        .into_iter()
        .map(|queue| queue.into_owned().into())
        .collect();
    Ok(decide(&item, &agents, &queues, input.now).into_decision())
}
