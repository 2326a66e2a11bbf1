//! What came raw knows nobody, so it is searched: the ledger, and what lies in Redis.

use std::time::Duration;

use bytes::Bytes;
use switchboard_domain::Timestamp;
use switchboard_queue::{DeadLetter, FromPayload, Lane};
use switchboard_store::Underway;

use super::traces::Finders;
use crate::{Hub, error::WorkError, ingest::Webhook};

/// Whoever looked right before the cut may have stored what arrived right after it.
const SLACK: Duration = Duration::from_secs(5);
const PAGE: usize = 200;

impl Hub {
    /// Whether a webhook that arrived before the cut and mentions them hasn't been worked yet.
    pub(super) async fn ingest_holds(&self, underway: &Underway) -> Result<bool, WorkError> {
        let (finders, end) = (Finders::of(&underway.traces), end(underway, self.clock.now()));
        if self.store.spool.has_until(end).await? {
            return Ok(true);
        }
        let lanes = self.redis.lanes();
        for lane in [Lane::Ingest, Lane::IngestLarge] {
            if lanes
                .holds(lane, |payload| mentions(payload, &finders, end))
                .await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Blanks what mentions them, as far as it comes until `until`; whether it came to the end.
    pub(super) async fn erase_ledger(
        &self,
        underway: &Underway,
        finders: &Finders,
        until: Timestamp,
    ) -> Result<bool, WorkError> {
        let erasures = &self.store.erasures;
        let end = end(underway, self.clock.now());
        let mut from = underway.ledger_at.clone();
        loop {
            let page = erasures.ledger_after(&from, end).await?;
            let Some(last) = page.last() else { return Ok(true) };
            from.clone_from(&last.id);
            let theirs = page.iter().filter(|raw| {
                let mut texts = raw.texts();
                texts.any(|text| finders.are_in(Some(raw.channel), text))
            });
            let theirs: Vec<String> = theirs.map(|raw| raw.id.clone()).collect();
            erasures.blank_ledger(&theirs).await?;
            let now = self.clock.now();
            erasures.looked_up_to(&underway.customer_id, &from, now).await?;
            if now > until {
                return Ok(false);
            }
        }
    }

    /// Throws away what mentions them: webhooks, and jobs whose failure was told in a provider's words.
    pub(super) async fn erase_dead_letters(
        &self,
        underway: &Underway,
        finders: &Finders,
    ) -> Result<(), WorkError> {
        let (letters, end) = (self.redis.dead_letters(), end(underway, self.clock.now()));
        for lane in Lane::ALL {
            let mut after: Option<String> = None;
            loop {
                let page = letters.list(*lane, after.as_deref(), PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id.clone());
                for letter in page.iter().filter(|letter| is_theirs(letter, finders, end)) {
                    letters.discard(*lane, &letter.id).await?;
                }
            }
        }
        Ok(())
    }
}

fn end(underway: &Underway, now: Timestamp) -> Timestamp {
    underway.cut_at.unwrap_or(now).plus(SLACK)
}

fn is_theirs(letter: &DeadLetter, finders: &Finders, end: Timestamp) -> bool {
    finders.are_in(None, letter.error.as_bytes())
        || match letter.lane {
            Lane::Ingest | Lane::IngestLarge => mentions(&letter.payload, finders, end),
            _ => finders.are_in(None, &letter.payload),
        }
}

fn mentions(payload: &Bytes, finders: &Finders, end: Timestamp) -> bool {
    match Webhook::from_payload(payload.clone()) {
        Ok(Webhook(job)) => {
            let mut texts = job.request.headers.iter().map(|(_, value)| value.as_bytes());
            job.arrival.received_at() <= end
                && (finders.are_in(Some(job.account.channel), &job.request.body)
                    || texts.any(|text| finders.are_in(Some(job.account.channel), text)))
        }
        Err(_) => finders.are_in(None, payload),
    }
}
