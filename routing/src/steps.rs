//! The stages of a rule: in which queue an item of some age stands.

use std::time::Duration;

use switchboard_domain::{QueueId, Step};

use crate::{Item, condition::matches};

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The queues to try, in this order; never empty. More than one while steps are skipped for want of an agent.
    pub queues: Vec<&'a QueueId>,
    /// The age at which it leaves its step; none in the last.
    pub until: Option<Duration>,
}

/// Where `item` stands at `age`.
///
/// Time-outs add up on the item's age: 10 s and 10 s leave step two at age 20 s, whenever it was entered (Twilio
/// `TaskRouter`). A step whose condition doesn't hold takes no time and is passed. An item never leaves the last step;
/// if no step applies, it stands in the default queue. A step that skips for want of an agent is tried first
/// again as long as its time runs, so an agent who becomes free there is still preferred.
pub fn standing(item: &Item, age: Duration) -> Standing<'_> {
    let steps: Vec<&Step> = item.steps.iter().filter(|step| applies(step, item)).collect();
    let Some(last) = steps.len().checked_sub(1) else {
        return Standing {
            queues: vec![&item.default_queue],
            until: None,
        };
    };
    let (current, end) = current(&steps, age).unwrap_or((last, None));
    let skipping = steps[current..]
        .iter()
        .take_while(|step| step.skip_if_no_agent_available)
        .count();
    Standing {
        queues: steps[current..=(current + skipping).min(last)]
            .iter()
            .map(|step| &step.queue_id)
            .collect(),
        until: end.filter(|_| current < last),
    }
}

/// The first step whose time has not run out, and the age at which it will.
fn current(steps: &[&Step], age: Duration) -> Option<(usize, Option<Duration>)> {
    let mut end = Duration::ZERO;
    for (index, step) in steps.iter().enumerate() {
        let Some(timeout) = step.timeout_secs else {
            return Some((index, None));
        };
        end += Duration::from_secs(u64::from(timeout));
        if age < end {
            return Some((index, Some(end)));
        }
    }
    None
}

fn applies(step: &Step, item: &Item) -> bool {
    step.condition
        .as_ref()
        .is_none_or(|condition| matches(condition, &item.facts))
}
