//! The audit log, to be read and taken along. Looking at it is itself written down.

use std::sync::Arc;

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::StreamExt;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use switchboard_domain::{AuditEntry, Permission, Timestamp};
use switchboard_store::{AuditFilter, StoreError};
use utoipa::IntoParams;

use super::{List, limit};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
    json::Query,
};

#[derive(Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// A user's or key's id.
    actor: Option<String>,
    /// As `team.changed`.
    action: Option<String>,
    /// As `team`.
    object_type: Option<String>,
    object_id: Option<String>,
    /// Not before this time (RFC 3339).
    from: Option<Timestamp>,
    /// Before this time (RFC 3339).
    until: Option<Timestamp>,
    cursor: Option<String>,
    limit: Option<usize>,
}

impl Filter {
    fn entries(&self) -> AuditFilter {
        AuditFilter {
            actor_id: self.actor.clone(),
            action: self.action.clone(),
            object_type: self.object_type.clone(),
            object_id: self.object_id.clone(),
            from: self.from,
            until: self.until,
        }
    }
}

/// What was changed, by whom, newest first.
#[utoipa::path(get, path = "/api/v1/audit-logs", tag = "audit", params(Filter),
    responses((status = 200, body = List<AuditEntry>)), security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Answer<List<AuditEntry>>, ApiError> {
    caller.require_everywhere(Permission::AuditView)?;
    let limit = limit(filter.limit)?;
    let page = app
        .store
        .audit
        .list(&filter.entries(), filter.cursor.as_deref(), limit)
        .await?;
    audit::note(
        &app,
        &caller,
        Change::act("audit.viewed", "audit_log", "").to(&filter),
    )
    .await?;
    Ok(Answer(List::from(page)))
}

/// All that fit, oldest first, one JSON object a line.
#[utoipa::path(get, path = "/api/v1/audit-logs/export", tag = "audit", params(Filter),
    responses((status = 200, body = AuditEntry, content_type = "application/x-ndjson")), security(("bearer" = [])))]
pub async fn export(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Response, ApiError> {
    caller.require_everywhere(Permission::AuditView)?;
    caller.require_everywhere(Permission::DataExport)?;
    audit::note(
        &app,
        &caller,
        Change::act("audit.exported", "audit_log", "").to(&filter),
    )
    .await?;
    let entries = app.store.audit.stream(&filter.entries()).await?;
    let lines = entries.map(|entry| line(&entry?));
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit-log.ndjson\""),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

fn line(entry: &AuditEntry) -> Result<Bytes, StoreError> {
    let mut line = serde_json::to_vec(entry).map_err(|error| StoreError::Refused(error.to_string()))?;
    line.push(b'\n');
    Ok(line.into())
}
