//! `routing_shadow_runs` and `routing_shadow_comparisons`: the rules in the shadow, and what they would have decided.
//!
//! A comparison is named by its run and the decision it is about, so that adding it twice adds it once; every count is
//! derived from what is there.

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, Document, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    Comparison, Difference, DifferenceCount, QueueId, ShadowQueues, ShadowReport, ShadowRun, ShadowRunId,
    TeamId, Visible,
};

use crate::{bulk, dates::date, error::StoreError, scope};

/// There is one run at a time, under this name.
const CURRENT: &str = "current";
/// The latest differences that are shown.
const EXAMPLES: i64 = 50;

#[derive(Clone)]
pub struct Shadows {
    runs: Collection<Run>,
    comparisons: Collection<Row>,
}

/// A comparison, and whose business it is.
#[derive(Clone, Debug)]
pub struct NewComparison {
    pub comparison: Comparison,
    /// The teams of the live queue, and the conversation's own.
    pub team_ids: Vec<TeamId>,
}

/// JSON to the letter, as published rules are.
#[derive(Serialize, Deserialize)]
struct Run {
    #[serde(rename = "_id")]
    name: String,
    id: ShadowRunId,
    json: String,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    run_id: ShadowRunId,
    conversation_id: String,
    team_ids: Vec<TeamId>,
    at: DateTime,
    live_queue_id: QueueId,
    shadow_queue_id: QueueId,
    differs_in: Vec<Difference>,
    /// The comparison itself; none where both agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<String>,
}

/// What an aggregation over comparisons gives.
#[derive(Deserialize)]
struct Counts {
    queues: Vec<ShadowQueues>,
    differences: Vec<DifferenceCount>,
    conversations: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    count: u64,
}

impl Shadows {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            runs: database.collection("routing_shadow_runs"),
            comparisons: database.collection("routing_shadow_comparisons"),
        }
    }

    /// The latest run, whether it still compares or not.
    pub async fn current(&self) -> Result<Option<ShadowRun>, StoreError> {
        let row = self.runs.find_one(doc! { "_id": CURRENT }).await?;
        row.map(|row| read(&row.json)).transpose()
    }

    /// Takes the place of `before`; [`StoreError::Conflict`] if that isn't the latest any more.
    pub async fn start(&self, run: &ShadowRun, before: Option<&ShadowRunId>) -> Result<(), StoreError> {
        match before {
            Some(before) => self.replace(before, run).await,
            None => match self
                .runs
                .insert_one(Run::of(run)?)
                .await
                .map_err(StoreError::from)
            {
                Err(StoreError::Duplicate) => Err(StoreError::Conflict),
                other => other.map(drop),
            },
        }
    }

    /// Keeps what changed in the latest run; [`StoreError::Conflict`] if it isn't that one any more.
    pub async fn update(&self, run: &ShadowRun) -> Result<(), StoreError> {
        self.replace(&run.id, run).await
    }

    async fn replace(&self, before: &ShadowRunId, run: &ShadowRun) -> Result<(), StoreError> {
        let filter = doc! { "_id": CURRENT, "id": before.as_str() };
        let replaced = self.runs.replace_one(filter, Run::of(run)?).await?;
        if replaced.matched_count == 0 {
            return Err(StoreError::Conflict);
        }
        Ok(())
    }

    /// One that is there already stays as it is.
    pub async fn add(&self, run: &ShadowRunId, new: &[NewComparison]) -> Result<(), StoreError> {
        let rows = new
            .iter()
            .map(|new| Ok(mongodb::bson::serialize_to_raw_document_buf(&Row::of(run, new)?)?))
            .collect::<Result<Vec<_>, StoreError>>()?;
        bulk::insert(&self.comparisons.clone_with_type(), rows).await?;
        Ok(())
    }

    pub async fn report(&self, run: &ShadowRunId, visible: &Visible) -> Result<ShadowReport, StoreError> {
        let mut of_run = doc! { "run_id": run.as_str() };
        of_run.extend(scope::comparisons(visible));
        let mut counted = self.comparisons.aggregate(counting(&of_run)).await?;
        let counts = counted.try_next().await?.unwrap_or_default();
        let counts: Counts = mongodb::bson::deserialize_from_document(counts)?;
        of_run.insert("json", doc! { "$exists": true });
        let latest = self.comparisons.find(of_run).sort(doc! { "at": -1, "_id": -1 });
        let rows: Vec<Row> = latest.limit(EXAMPLES).await?.try_collect().await?;
        let examples = rows.iter().filter_map(|row| row.json.as_deref().map(read));
        Ok(ShadowReport {
            compared: counts.queues.iter().map(|row| row.compared).sum(),
            conversations: counts.conversations.first().map_or(0, |row| row.count),
            differing: counts.queues.iter().map(|row| row.differing).sum(),
            differences: counts.differences,
            queues: counts.queues,
            examples: examples.collect::<Result<_, _>>()?,
        })
    }
}

fn counting(of_run: &Document) -> [Document; 2] {
    let differs = doc! { "$cond": [{ "$eq": ["$differs_in", []] }, 0, 1] };
    let pair = doc! { "live": "$live_queue_id", "shadow": "$shadow_queue_id" };
    let group = doc! { "_id": pair, "compared": { "$sum": 1 }, "differing": { "$sum": differs } };
    let queues = vec![
        doc! { "$group": group },
        doc! { "$sort": { "_id.live": 1, "_id.shadow": 1 } },
        doc! { "$set": { "live_queue_id": "$_id.live", "shadow_queue_id": "$_id.shadow" } },
    ];
    let differences = vec![
        doc! { "$unwind": "$differs_in" },
        doc! { "$group": { "_id": "$differs_in", "count": { "$sum": 1 } } },
        doc! { "$sort": { "_id": 1 } },
        doc! { "$set": { "kind": "$_id" } },
    ];
    let conversations = vec![
        doc! { "$group": { "_id": "$conversation_id" } },
        doc! { "$count": "count" },
    ];
    [
        doc! { "$match": of_run.clone() },
        doc! { "$facet": { "queues": queues, "differences": differences, "conversations": conversations } },
    ]
}

impl Run {
    fn of(run: &ShadowRun) -> Result<Self, StoreError> {
        Ok(Self {
            name: CURRENT.to_owned(),
            id: run.id.clone(),
            json: write(run)?,
        })
    }
}

impl Row {
    fn of(run: &ShadowRunId, new: &NewComparison) -> Result<Self, StoreError> {
        let one = &new.comparison;
        let waits = || format!("since-{}", one.waiting_since.as_millis());
        let decision = one.decision_id.as_ref().map_or_else(waits, ToString::to_string);
        let differs = !one.differs_in.is_empty();
        Ok(Self {
            id: format!("{run}:{}:{decision}", one.conversation_id),
            run_id: run.clone(),
            conversation_id: one.conversation_id.to_string(),
            team_ids: new.team_ids.clone(),
            at: date(one.at),
            live_queue_id: one.live.queue_id.clone(),
            shadow_queue_id: one.shadow.queue_id.clone(),
            differs_in: one.differs_in.clone(),
            json: differs.then(|| write(one)).transpose()?,
        })
    }
}

fn write(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::Refused(error.to_string()))
}
