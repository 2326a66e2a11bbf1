//! Customers, for those who answer what the law lets them ask for: what is stored of them, and to be forgotten.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Deserialize;
use switchboard_domain::{Customer, CustomerId, Erasure, Permission, Shown};
use utoipa::IntoParams;

use super::{List, limit};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
    json::Query,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Part of a name, or a whole address or id at a provider.
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Customers, newest first. Erased ones aren't found by anything.
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(Filter),
    responses((status = 200, body = List<Customer>)), security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Answer<List<Shown<Customer>>>, ApiError> {
    let visible = caller.visible(Permission::DataExport)?;
    let limit = limit(filter.limit)?;
    let q = filter.q.filter(|q| !q.trim().is_empty());
    let page = app
        .store
        .customers
        .list(&visible, q.as_deref(), filter.cursor.as_deref(), limit)
        .await?;
    Ok(Answer(List {
        items: page.items.into_iter().map(|one| caller.shown(one)).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// One customer.
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "customers", params(("id" = String, Path)),
    responses((status = 200, body = Customer), (status = 404)), security(("bearer" = [])))]
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Shown<Customer>>, ApiError> {
    let customer = find(&app, &caller, Permission::DataExport, &id).await?;
    Ok(Answer(caller.shown(customer)))
}

/// Forgets a customer, for good: 202 at once, and `GET` tells how far it is. Asked again it changes nothing. What stays is
/// that there were conversations, when, and with whom of ours. Whoever writes from the same address from then on is somebody
/// new. Writes an audit entry.
#[utoipa::path(post, path = "/api/v1/customers/{id}/erasure", tag = "customers", params(("id" = String, Path)),
    responses((status = 202, body = Erasure), (status = 403), (status = 404)), security(("bearer" = [])))]
pub async fn erase(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Answer<Erasure>), ApiError> {
    let customer = find(&app, &caller, Permission::DataErase, &id).await?;
    let what = Change::act("customer.erased", "customer", customer.id.as_str());
    let erasure = audit::change(&app, &caller, what, app.desk.request_erasure(&customer.id)).await?;
    Ok((StatusCode::ACCEPTED, Answer(erasure)))
}

/// How far it is that a customer is forgotten; 404 if nobody asked for it.
#[utoipa::path(get, path = "/api/v1/customers/{id}/erasure", tag = "customers", params(("id" = String, Path)),
    responses((status = 200, body = Erasure), (status = 404)), security(("bearer" = [])))]
pub async fn erasure(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Erasure>, ApiError> {
    // The customer's row may be gone by now, too.
    caller.require_everywhere(Permission::DataErase)?;
    let erasure = app.store.erasures.of(&CustomerId::from(id)).await?;
    erasure.map(Answer).ok_or_else(|| ApiError::not_found("erasure"))
}

/// One that the caller may see under this permission.
pub async fn find(
    app: &App,
    caller: &Caller,
    permission: Permission,
    id: &str,
) -> Result<Customer, ApiError> {
    let visible = caller.visible(permission)?;
    let found = app.store.customers.seen(&visible, &CustomerId::from(id)).await?;
    found.ok_or_else(|| ApiError::not_found("customer"))
}
