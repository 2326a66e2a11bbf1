//! What happens around every handler, in one order.

use std::{any::Any, fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, StreamExt};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use switchboard_connectors as connectors;

use crate::{
    app::App,
    browser,
    error::{self, ApiError},
    limits, telemetry,
};

/// How many times the limit a body may be long and still be read to its end before it is refused.
const HEARD_OUT: usize = 8;
/// And how many bytes beyond it.
const HEARD_OUT_BYTES: usize = 32 * 1024 * 1024;
/// And how long it may take.
const HEARD_OUT_WITHIN: Duration = Duration::from_secs(30);
/// What a form around an upload may have besides the file.
const FORM_BYTES: usize = 64 * 1024;
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Around the API, from the outside in: trace line and metrics, envelope of errors, security headers, a time-out becomes a
/// 503, a panic a 500, a large body a 413; then what is for browsers, and the handler.
pub fn around_api(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    let routes = routes
        .layer(from_fn_with_state(app.clone(), limits::by_address))
        .layer(from_fn_with_state(app.clone(), browser::cors));
    let limits = requests(app);
    let routes = routes.layer(DefaultBodyLimit::max(limits.body_bytes));
    around(routes.layer(from_fn(no_store)), app, limits)
}

fn requests(app: &App) -> Limits {
    let http = &app.config.http;
    Limits {
        body_bytes: http.max_body_bytes,
        time: Some(http.request_timeout()),
    }
}

/// The same for files on their way in, which are larger and take longer.
pub fn around_uploads(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    let files = &app.config.files;
    let limits = Limits {
        // Around the file there may be a form.
        body_bytes: files.max_bytes.saturating_add(FORM_BYTES),
        time: Some(Duration::from_secs(files.upload_timeout_secs)),
    };
    let routes = routes.layer(DefaultBodyLimit::max(limits.body_bytes));
    around(routes.layer(from_fn(no_store)), app, limits)
}

/// The same without what only browsers need: a webhook is answered with as little ado as is safe. How large it may be the
/// door knows by its channel, and it sees to the time itself: most webhooks wait for nothing but Redis, and then a clock
/// needn't be set for each.
pub fn around_webhooks(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    let requests = requests(app);
    let largest = connectors::all()
        .map(connectors::Connector::largest_webhook)
        .max();
    let limits = Limits {
        body_bytes: requests.body_bytes.max(largest.unwrap_or_default()),
        time: None,
    };
    around(routes, app, limits)
}

/// How large a request's body may be, and how long it may take.
#[derive(Clone, Copy)]
struct Limits {
    body_bytes: usize,
    /// `None`: the handler sees to it.
    time: Option<Duration>,
}

/// One layer, since each is a copy of all that is inside it for every request.
fn around(routes: Router<Arc<App>>, app: &Arc<App>, limits: Limits) -> Router<Arc<App>> {
    let app = app.clone();
    routes.layer(from_fn_with_state(Around { app, limits }, account))
}

#[derive(Clone)]
struct Around {
    app: Arc<App>,
    limits: Limits,
}

/// Whatever happens inside, there is an answer in time.
async fn guard(limits: Limits, request: Request, next: Next) -> Response {
    let answer = async {
        let answer = AssertUnwindSafe(hear_out(limits, request, next)).catch_unwind();
        answer.await.map_err(|panic| panicked(&*panic))
    };
    let answered = match limits.time {
        Some(time) => within(time, answer).await,
        None => answer.await,
    };
    answered.unwrap_or_else(IntoResponse::into_response)
}

/// 503 for what takes longer than it may.
pub async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let done = tokio::time::timeout(time, work).await;
    done.unwrap_or_else(|_| Err(timed_out(time)))
}

/// Refuses a body that says itself that it is too large, but reads (and forgets) it first: a sender whose connection is
/// closed in mid-sentence never sees the answer. One that is larger still, or slower than the request's time-out, is cut off.
async fn hear_out(limits: Limits, request: Request, next: Next) -> Response {
    let limit = limits.body_bytes;
    match told_length(request.headers()) {
        Some(length) if length > limit => {
            if length
                <= limit
                    .saturating_mul(HEARD_OUT)
                    .min(limit.saturating_add(HEARD_OUT_BYTES))
            {
                forget(request.into_body()).await;
            }
            ApiError::too_large().into_response()
        }
        _ => next.run(request).await,
    }
}

/// The bytes that a body has, as it says itself.
pub fn told_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a body to its end, if that comes in time, and keeps nothing.
pub async fn forget(body: Body) {
    let mut rest = body.into_data_stream();
    let end = async { while let Some(Ok(_)) = rest.next().await {} };
    let _ = tokio::time::timeout(HEARD_OUT_WITHIN, end).await;
}

/// Names a request in its answer, in the log and in the audit log.
#[derive(Clone, Copy)]
pub struct RequestId(uuid::Uuid);

impl RequestId {
    fn fresh() -> Self {
        Self(uuid::Uuid::now_v7())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

/// Gives every answer its request id and every error its envelope; counts; writes the one line per API request.
async fn account(State(Around { app, limits }): State<Around>, mut request: Request, next: Next) -> Response {
    let started = app.clock.micros();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let webhook = route
        .as_ref()
        .is_some_and(|route| route.as_str().starts_with("/webhooks/"));
    let id = (!webhook).then(RequestId::fresh);
    if let Some(id) = id {
        request.extensions_mut().insert(id);
    }
    let mut response = guard(limits, request, next).await;
    let status = response.status();
    let failure = response
        .extensions_mut()
        .remove::<ApiError>()
        .or_else(|| refused_by_the_framework(&response));
    let elapsed = Duration::from_micros(u64::try_from(app.clock.micros() - started).unwrap_or(0));
    if webhook && method == Method::POST && status == StatusCode::OK {
        telemetry::accepted_webhook(elapsed);
    } else {
        let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
        telemetry::request(route, &method, status, elapsed);
    }
    // Nobody looks at the id of an accepted webhook, and there are thousands a second.
    if webhook && failure.is_none() {
        return response;
    }
    let id = id.unwrap_or_else(RequestId::fresh).to_string();
    if let Some(failure) = failure {
        response = envelope(&failure, &id, response.headers());
        log_failure(&failure, &id, &method, route.as_ref());
    }
    if !webhook {
        let micros = elapsed.as_micros();
        let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
        let status = status.as_u16();
        // Probes come every few seconds from several sides.
        if matches!(route, "/healthz" | "/readyz" | "/metrics") {
            tracing::debug!(%method, route, status, micros, request_id = id, "request");
        } else {
            tracing::info!(%method, route, status, micros, request_id = id, "request");
        }
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    browser::dress(response.headers_mut(), &app.config.http);
    response
}

/// The framework answers a path it can't decode in plain text, before any handler of ours is asked.
fn refused_by_the_framework(response: &Response) -> Option<ApiError> {
    let plain = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    (response.status() == StatusCode::BAD_REQUEST && plain)
        .then(|| ApiError::bad_request("The address can't be read: it isn't valid UTF-8 once decoded."))
}

/// A failure is logged here and nowhere else: handlers return it.
fn log_failure(failure: &ApiError, id: &str, method: &Method, route: Option<&MatchedPath>) {
    let Some(cause) = &failure.cause else { return };
    let route = route.map_or("unmatched", MatchedPath::as_str);
    if failure.status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(%method, route, request_id = id, cause = %cause, "request failed");
    } else {
        tracing::warn!(%method, route, request_id = id, cause = %cause, code = failure.code, "request refused");
    }
}

fn envelope(failure: &ApiError, id: &str, headers: &HeaderMap) -> Response {
    let body = error::Envelope {
        error: error::Body {
            code: failure.code,
            message: &failure.message,
            details: failure.details.as_ref(),
            request_id: id,
        },
    };
    let text = serde_json::to_string(&body).unwrap_or_default();
    let mut response = (failure.status, Body::from(text)).into_response();
    // What a handler set besides its error (a cleared cookie …) stays.
    for (name, value) in headers {
        response.headers_mut().append(name, value.clone());
    }
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(after) = failure.retry_after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    if failure.status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn panicked(panic: &(dyn Any + Send)) -> ApiError {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    ApiError::internal(&format!(
        "a handler panicked: {}",
        text.unwrap_or("without a text")
    ))
}

fn timed_out(after: Duration) -> ApiError {
    let seconds = after.as_secs();
    ApiError::unavailable(&format!(
        "the request took longer than the {seconds} s it may take"
    ))
}

/// What the API answers is for the caller alone, and true only now.
async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// 404 in the envelope.
pub fn no_such_route() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "There is nothing at this address.",
    )
}

/// 405 in the envelope.
pub async fn no_such_method() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address doesn't take that method.",
    )
}
