//! `POST /webhooks/{channel}/{account}`: 200 only after the event is in Redis or in the spool (P1); what isn't proven to
//! come from the provider leaves no trace but a count (P8).

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Uri, header::CONTENT_TYPE, uri::PathAndQuery};
use switchboard_connectors::{Acknowledgement, Handshake, Nonce, RawRequest, Rejected};
use switchboard_domain::{Arrival, Channel, ChannelAccount, MessageError, Timestamp};
use switchboard_queue::QueueError;
use switchboard_workers::{IngestJob, ingest_lane};

use crate::{
    app::App,
    error::ApiError,
    middleware::{self, within},
    telemetry::{self, ACCEPTED_WEBHOOK},
};

/// How long the spool may take, after Redis has: providers hang up after a few seconds. Should the write succeed all the
/// same, the provider's second attempt has no second effect (P2).
const SPOOL_PATIENCE: Duration = Duration::from_secs(3);
/// When the provider is asked to send again.
const SEND_AGAIN: Duration = Duration::from_secs(10);

/// Takes a webhook.
pub async fn receive(
    State(app): State<Arc<App>>,
    Path((channel, account)): Path<(String, String)>,
    request: Request,
) -> Result<Response, ApiError> {
    let time = app.config.http.request_timeout();
    let (channel, account) = within(time, find(&app, &channel, &account)).await?;
    let arrival = app.arrivals.next();
    let taken = match within(time, raw(&app, &account, request)).await {
        Ok(raw) => take(&app, &account, raw, arrival).await,
        Err(error) => Err(error),
    };
    telemetry::webhook(
        channel,
        taken
            .as_ref()
            .map_or_else(|error| error.code, |taken| taken.outcome),
    );
    let Acknowledgement {
        status,
        content_type,
        body,
        ..
    } = taken?.acknowledgement;
    let content_type = HeaderValue::from_static(content_type);
    Ok((status, [(CONTENT_TYPE, content_type)], body).into_response())
}

/// Answers the handshake with which a provider checks that the address is ours, or takes a webhook that came by GET.
pub async fn handshake(
    State(app): State<Arc<App>>,
    Path(path): Path<(String, String)>,
    request: Request,
) -> Result<Response, ApiError> {
    let time = app.config.http.request_timeout();
    let (channel, account) = within(time, find(&app, &path.0, &path.1)).await?;
    let connector = switchboard_connectors::find(channel);
    match connector.handshake(&account, request.uri().query().unwrap_or_default()) {
        Handshake::Answer { content_type, body } => {
            Ok(([(CONTENT_TYPE, HeaderValue::from_static(content_type))], body).into_response())
        }
        Handshake::Refused => {
            telemetry::webhook(channel, "handshake_refused");
            Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "The verify token is not this account's.",
            ))
        }
        Handshake::NotSupported => Err(ApiError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This channel's provider doesn't ask for a handshake.",
        )),
        Handshake::Webhook => receive(State(app), Path(path), request).await,
    }
}

async fn find(app: &App, channel: &str, account: &str) -> Result<(Channel, Arc<ChannelAccount>), ApiError> {
    let channel: Channel = channel.parse().map_err(|_| ApiError::not_found("channel"))?;
    if let Some(account) = app.accounts.find(channel, account).await? {
        return Ok((channel, account));
    }
    telemetry::webhook(channel, "unknown_account");
    Err(ApiError::not_found("channel account"))
}

async fn raw(app: &App, account: &ChannelAccount, request: Request) -> Result<RawRequest, ApiError> {
    let (parts, body) = request.into_parts();
    let connector = switchboard_connectors::find(account.key.channel);
    let limit = connector.largest_webhook().max(app.config.http.max_body_bytes);
    if middleware::told_length(&parts.headers).is_some_and(|length| length > limit) {
        middleware::forget(body).await;
        return Err(ApiError::too_large());
    }
    Ok(RawRequest {
        method: parts.method,
        url: public_url(app, account, &parts.uri),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: read(body, limit).await?,
    })
}

/// What became of a request that was let in.
pub struct Taken {
    pub outcome: &'static str,
    acknowledgement: Acknowledgement,
}

/// Proves the request and makes it durable; whoever gets `Ok` may tell the sender so (P1). The way in for everything that
/// customers do, whether it comes as a webhook or over a connection of their own.
pub async fn take(
    app: &App,
    account: &ChannelAccount,
    raw: RawRequest,
    arrival: Arrival,
) -> Result<Taken, ApiError> {
    let connector = switchboard_connectors::find(account.key.channel);
    let verified = connector
        .verify(account, raw, arrival.received_at())
        .map_err(|rejected| refuse(app, rejected, account, arrival.received_at()))?;
    // Only what its provider has signed is counted, or anybody could use up its share.
    app.limits
        .account(&account.key, arrival.received_at().as_millis() * 1000)?;
    if let Some(nonce) = verified.nonce() {
        use_up(app, account, nonce).await?;
    }
    let acknowledgement = connector.acknowledge(account, &verified);
    if !acknowledgement.keep {
        return Ok(Taken {
            outcome: "answered",
            acknowledgement,
        });
    }
    let job = IngestJob {
        account: account.key.clone(),
        arrival,
        request: verified.to_stored(),
    };
    let payload = job.to_bytes();
    let outcome = match app
        .producer
        .push_bytes(ingest_lane(&payload), payload.clone())
        .await
    {
        Ok(()) => ACCEPTED_WEBHOOK,
        // Not logged per webhook: the queue logs the outage once, and the count tells how many.
        Err(cause) => spool(app, arrival, payload.to_vec(), &cause).await?,
    };
    Ok(Taken {
        outcome,
        acknowledgement,
    })
}

/// What a provider signs in the place of the request counts for one request, which may come again. While Redis is away
/// nobody remembers: what is signed and not too old is taken all the same, since it may be a letter (P1).
async fn use_up(app: &App, account: &ChannelAccount, nonce: &Nonce) -> Result<(), ApiError> {
    let name = format!("{}:{}", account.key, nonce.value);
    let once = app.redis.once();
    match once.take(&name, &nonce.request, nonce.expires_after).await {
        Ok(true) | Err(_) => Ok(()),
        Ok(false) => Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "the signature was used for another request",
        )),
    }
}

/// The URL the provider posted to. What the request's own `Host` says may be a proxy's, or anybody's.
fn public_url(app: &App, account: &ChannelAccount, uri: &Uri) -> String {
    let origin = app.public_origin(account);
    let path = uri.path_and_query().map_or("", PathAndQuery::as_str);
    format!("{origin}{path}")
}

/// Redis is away: MongoDB keeps it. If that is away as well, the provider has to send again.
async fn spool(
    app: &App,
    arrival: Arrival,
    payload: Vec<u8>,
    cause: &QueueError,
) -> Result<&'static str, ApiError> {
    let put = app.store.spool.put(arrival, &app.node, payload);
    let why = match tokio::time::timeout(SPOOL_PATIENCE, put).await {
        Ok(Ok(())) => return Ok("spooled"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", SPOOL_PATIENCE.as_secs()),
    };
    let mut refused = ApiError::unavailable(&format!("{cause}; and the spool: {why}"));
    refused.retry_after = Some(SEND_AGAIN);
    Err(refused)
}

/// The body, as the wire had it.
async fn read(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    to_bytes(body, limit).await.map_err(|error| {
        let mut source: Option<&dyn std::error::Error> = Some(&error);
        while let Some(cause) = source {
            if cause.is::<http_body_util::LengthLimitError>() {
                return ApiError::too_large();
            }
            source = cause.source();
        }
        ApiError::bad_request("The request's body couldn't be read.")
    })
}

fn refuse(app: &App, rejected: Rejected, account: &ChannelAccount, now: Timestamp) -> ApiError {
    let cause = MessageError {
        code: "webhook_refused".to_owned(),
        message: format!("A webhook was refused: {rejected}"),
    };
    app.desk.trails.webhook_refused(&account.key, cause, now);
    match rejected {
        Rejected::Unauthenticated(why) => ApiError::new(StatusCode::UNAUTHORIZED, "unauthenticated", why),
        Rejected::Malformed(why) => ApiError::new(StatusCode::BAD_REQUEST, "malformed", why),
        Rejected::Misconfigured(why) => {
            tracing::warn!(account = %account.key, why, "webhooks are refused: the channel account's settings are at fault");
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "This account can't verify requests.",
            )
        }
    }
}
