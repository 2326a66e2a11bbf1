//! What a pass decides by: the rules in force, and the queues as they stand.

use std::{collections::HashMap, time::Duration};

use switchboard_domain::{
    BusinessHours, CalendarId, Field, OverflowWhen, PublishedRules, Queue, QueueId, Timestamp,
};
use switchboard_routing::{Calendar, QueueState, RuleSet};

use crate::{Hub, error::WorkError};

/// A queue's pace is what it gave to agents in this time.
const PACE_OVER: Duration = Duration::from_mins(15);

/// Rules, queues and hours at one instant.
pub struct Setting {
    pub now: Timestamp,
    /// The rules' published version.
    pub version: u32,
    pub rules: RuleSet,
    pub queues: Vec<QueueState>,
    /// The calendars that are open.
    pub open: Vec<CalendarId>,
}

impl Setting {
    /// Whether a rule looks at what is known of the customer.
    pub fn asks_customers(&self) -> bool {
        self.rules
            .asks(|field| matches!(field, Field::Customer(_) | Field::Language | Field::Order(_)))
    }

    /// Whether a rule looks at the customer's orders.
    pub fn asks_orders(&self) -> bool {
        self.rules.asks(|field| matches!(field, Field::Order(_)))
    }

    /// Whether some queue's overflow depends on how many wait before one.
    pub fn counts_places(&self) -> bool {
        overflows(&self.queues, |when| {
            matches!(when, OverflowWhen::Depth(_) | OverflowWhen::PredictedWaitSecs(_))
        })
    }
}

impl Hub {
    pub(crate) async fn setting(&self, now: Timestamp) -> Result<Setting, WorkError> {
        let (queues, published) = tokio::try_join!(self.store.queues.all(), self.store.rule_sets.current())?;
        let mut setting = self.setting_of(queues, published, now).await?;
        if overflows(&setting.queues, |when| {
            matches!(when, OverflowWhen::PredictedWaitSecs(_))
        }) {
            self.add_paces(&mut setting.queues, now).await?;
        }
        Ok(setting)
    }

    /// How fast the queues move, as far as they have lately.
    pub(crate) async fn add_paces(&self, queues: &mut [QueueState], now: Timestamp) -> Result<(), WorkError> {
        let given = self.store.assignments.given_since(now.minus(PACE_OVER)).await?;
        for state in queues {
            state.pace_secs = pace(&given, &state.queue.id);
        }
        Ok(())
    }

    async fn setting_of(
        &self,
        queues: Vec<Queue>,
        published: PublishedRules,
        now: Timestamp,
    ) -> Result<Setting, WorkError> {
        let default = QueueId::from(self.rules.default_queue.as_str());
        let version = published.version;
        let rules = RuleSet::new(published.rules, default);
        let by_hours = rules.asks(|field| *field == Field::Hours)
            || queues.iter().any(|queue| queue.business_hours_id.is_some());
        let calendars = if by_hours {
            self.store.business_hours.all().await?
        } else {
            Vec::new()
        };
        let open = open_at(&calendars, now);
        let queues = queues.into_iter().map(|queue| {
            let mut state = QueueState::from(queue);
            let hours = state.queue.business_hours_id.as_ref();
            // A calendar that is gone closes nothing.
            let known = hours.filter(|id| calendars.iter().any(|calendar| calendar.id == **id));
            state.open = known.is_none_or(|id| open.contains(id));
            state
        });
        Ok(Setting {
            now,
            version,
            queues: queues.collect(),
            rules,
            open,
        })
    }
}

fn overflows(queues: &[QueueState], is: impl Fn(&OverflowWhen) -> bool) -> bool {
    let mut all = queues.iter().flat_map(|state| &state.queue.overflow);
    all.any(|overflow| is(&overflow.when))
}

/// Those of the calendars that are open.
pub(crate) fn open_at(calendars: &[BusinessHours], now: Timestamp) -> Vec<CalendarId> {
    let open = calendars.iter().filter(|hours| {
        // What can't be read was refused when it was to be saved.
        Calendar::new(hours).is_ok_and(|calendar| calendar.is_open(now))
    });
    open.map(|hours| hours.id.clone()).collect()
}

fn pace(given: &HashMap<QueueId, u32>, queue: &QueueId) -> Option<u32> {
    let given = given.get(queue).copied().filter(|given| *given > 0)?;
    Some(u32::try_from(PACE_OVER.as_secs()).unwrap_or(u32::MAX) / given)
}
