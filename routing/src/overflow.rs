//! Where a conversation stands when its queue flows over: before it enters (closed, deep, slow) and after (waited).

use switchboard_domain::{OverflowWhen, QueueId, Timestamp};

use crate::{Item, QueueState};

/// A queue that was reached, and those it was reached through.
pub(crate) struct Reached<Q> {
    pub queue: Q,
    pub from: Vec<QueueId>,
}

/// Follows the overflows from `start` as long as one holds. A queue is entered once: a ring of overflows ends in its
/// last queue instead of turning for ever.
pub(crate) fn follow<'s, Q: Copy>(
    item: &Item,
    start: Q,
    now: Timestamp,
    find: &impl Fn(&QueueId) -> Option<Q>,
    state: &impl Fn(Q) -> &'s QueueState,
) -> Reached<Q> {
    let mut reached = Reached {
        queue: start,
        from: Vec::new(),
    };
    loop {
        let here = state(reached.queue);
        let waits_here = reached.from.is_empty();
        let next = here
            .queue
            .overflow
            .iter()
            .filter(|overflow| holds(&overflow.when, item, here, waits_here, now))
            .find_map(|overflow| find(&overflow.to));
        let Some(next) = next else { return reached };
        let id = &state(next).queue.id;
        if *id == here.queue.id || reached.from.contains(id) {
            return reached;
        }
        reached.from.push(here.queue.id.clone());
        reached.queue = next;
    }
}

/// Those before it in its own queue count; in another, it would be the last.
fn holds(when: &OverflowWhen, item: &Item, queue: &QueueState, waits_here: bool, now: Timestamp) -> bool {
    let ahead = if waits_here { item.ahead } else { queue.depth };
    match when {
        OverflowWhen::Closed => !queue.open,
        OverflowWhen::Depth(most) => ahead >= *most,
        OverflowWhen::PredictedWaitSecs(most) => {
            predicted_wait(queue, ahead).is_some_and(|secs| secs >= *most)
        }
        OverflowWhen::WaitedSecs(secs) => item.age(now).as_secs() >= u64::from(*secs),
    }
}

/// How long one with `ahead` before it will probably wait, in seconds; none if the queue hasn't moved lately.
pub fn predicted_wait(queue: &QueueState, ahead: u32) -> Option<u32> {
    let pace = queue.pace_secs?;
    Some(pace.saturating_mul(ahead.saturating_add(1)))
}
