//! What isn't kept any longer goes, once a day: what is more than a row. Rows go by themselves (`store/src/indexes.rs`).
//!
//! Each step asks what is left to do, so the job may die anywhere and be run again. What the time is comes in as an argument.

use std::time::Duration;

use futures_util::TryStreamExt;
use switchboard_domain::{MessageError, Retention, Timestamp};
use switchboard_queue::{Lane, Outcome};

use crate::{BulkJob, Hub, error::WorkError};

const DAY: Duration = Duration::from_hours(24);
/// Its name among the marks of what goes over everything.
const MARK: &str = "retention";
/// How long the job works before it steps back for other jobs of its lane.
const TURN: Duration = Duration::from_secs(2);
/// What is looked at together.
const SOME: i64 = 50;
/// Of what is only asked about.
const MANY: usize = 500;

impl Hub {
    /// Begins once a day.
    pub(crate) async fn begin_retention(&self, now: Timestamp) -> Result<(), WorkError> {
        let last = self.store.marks.get(MARK).await?;
        if last.is_some_and(|last| now.since(last) < DAY) {
            return Ok(());
        }
        self.producer.push(Lane::Bulk, &BulkJob::Retain).await?;
        Ok(self.store.marks.advance(MARK, now).await?)
    }

    pub(crate) async fn retain_some(&self) -> Result<Outcome, WorkError> {
        let now = self.clock.now();
        let until = now.plus(TURN);
        let through = self
            .retain(&self.rules.retention, now, || self.clock.now() < until)
            .await?;
        Ok(if through {
            Outcome::Done
        } else {
            Outcome::Postpone {
                delay: Duration::ZERO,
            }
        })
    }

    /// Removes what is older than `retention` says at `now`, for as long as `goes_on`; whether that was everything.
    pub async fn retain(
        &self,
        retention: &Retention,
        now: Timestamp,
        goes_on: impl Fn() -> bool,
    ) -> Result<bool, WorkError> {
        let before = |time: Option<Duration>| time.map(|time| now.minus(time));
        if let Some(before) = before(retention.conversations) {
            while self.retain_conversations(before, now).await? {
                if !goes_on() {
                    return Ok(false);
                }
            }
        }
        if let Some(before) = before(retention.customers) {
            let store = &self.store.retained;
            while store.delete_idle(before, now.minus(DAY), now, SOME).await? > 0 {
                if !goes_on() {
                    return Ok(false);
                }
            }
        }
        if let Some(before) = before(retention.files) {
            while self.retain_files(before).await? {
                if !goes_on() {
                    return Ok(false);
                }
            }
        }
        if let Some(before) = before(retention.unused_files) {
            while self.retain_uploads(before).await? {
                if !goes_on() {
                    return Ok(false);
                }
            }
            self.retain_bytes(before).await?;
        }
        if let Some(before) = before(retention.dead_letters) {
            self.retain_dead_letters(before).await?;
        }
        Ok(true)
    }

    async fn retain_conversations(&self, before: Timestamp, now: Timestamp) -> Result<bool, WorkError> {
        let retained = &self.store.retained;
        let over = retained.over(before, SOME).await?;
        for conversation in &over {
            if !retained.hide(&conversation.id, before).await? {
                continue;
            }
            for file in self.store.attachments.of_conversation(&conversation.id).await? {
                self.forget_file(&file).await?;
            }
            retained.delete(&conversation.id).await?;
            retained.idle(&conversation.customer_id, now).await?;
        }
        metrics::counter!("switchboard_retention_removed_total", "what" => "conversations")
            .increment(over.len() as u64);
        Ok(!over.is_empty())
    }

    /// The bytes go, and the file says so where its message shows it.
    async fn retain_files(&self, before: Timestamp) -> Result<bool, WorkError> {
        let attachments = &self.store.attachments;
        let gone = MessageError {
            code: "expired".to_owned(),
            message: "This file isn't kept any more.".to_owned(),
        };
        let old = attachments.stored_before(before, SOME).await?;
        for file in &old {
            attachments.condemn(&file.id).await?;
            if let Some(sha256) = &file.sha256 {
                self.forget_bytes(sha256).await?;
            }
            attachments.expire(&file.id, &gone).await?;
        }
        Ok(!old.is_empty())
    }

    async fn retain_uploads(&self, before: Timestamp) -> Result<bool, WorkError> {
        let unsent = self.store.attachments.unsent_before(before, SOME).await?;
        for file in &unsent {
            self.forget_file(file).await?;
        }
        Ok(!unsent.is_empty())
    }

    /// Bytes whose file was never noted, or whose removal was cut off.
    async fn retain_bytes(&self, before: Timestamp) -> Result<(), WorkError> {
        let mut old = self.files.blobs.kept_before(before).try_chunks(MANY);
        while let Some(some) = old.try_next().await.map_err(|error| error.1)? {
            let used = self.store.attachments.bytes_in_use(&some).await?;
            for sha256 in some.iter().filter(|sha256| !used.contains(*sha256)) {
                self.forget_bytes(sha256).await?;
            }
        }
        Ok(())
    }

    async fn retain_dead_letters(&self, before: Timestamp) -> Result<(), WorkError> {
        let letters = self.redis.dead_letters();
        for lane in Lane::ALL {
            // The oldest come first.
            'lane: loop {
                let page = letters.list(*lane, None, MANY).await?;
                if page.is_empty() {
                    break;
                }
                for letter in page {
                    if letter.died_at >= before {
                        break 'lane;
                    }
                    letters.discard(*lane, &letter.id).await?;
                }
            }
        }
        Ok(())
    }
}
