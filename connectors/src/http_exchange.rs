//! One exchange with a provider, and what its outcome means, decided once for all connectors.
//!
//! The question is always the same: can the provider have taken the message? Never connected: no. Answered with an
//! error: no. Anything cut short after that: nobody knows, and the decision is `Uncertain`.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header::DATE, header::RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use switchboard_domain::{Clock, Timestamp};

use crate::{SendDecision, SendError, outbound};

/// For a whole exchange, from connecting to the last byte of the answer.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// For an exchange that carries a file of ours.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_mins(1);

/// Shorter than the whole, so that "never connected" can be told from "never answered".
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Answers of send APIs are a few hundred bytes; more than this is not one.
const MAX_ANSWER: usize = 256 * 1024;

/// A provider that asks for more gets this much and is asked again.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// The client connectors are to be called with: follows no redirect, since the next host mustn't get our token.
pub fn http_client() -> reqwest::Result<Client> {
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::none())
        .dns_resolver(Arc::new(outbound::Guard))
        .user_agent(concat!("Switchboard/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// What the provider answered, in full.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// How long the provider asks us to wait. "Not at all" is no wish we could grant: then the usual pauses hold.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let wait = match value.parse::<u64>() {
            Ok(secs) => Duration::from_secs(secs),
            Err(_) => http_date(value)?.since(self.sent_at()),
        };
        Some(wait.min(MAX_RETRY_AFTER)).filter(|wait| !wait.is_zero())
    }

    /// By the provider's own clock if it tells it, so that ours need not agree with what it counts by.
    pub fn sent_at(&self) -> Timestamp {
        let date = self.headers.get(DATE).and_then(|date| date.to_str().ok());
        date.and_then(http_date).unwrap_or_else(|| Clock::system().now())
    }

    /// What an error answer means when its body doesn't say more.
    pub fn error_by_status(&self) -> SendError {
        let code = format!("http_{}", self.status.as_u16());
        match self.status {
            StatusCode::UNAUTHORIZED => SendError::give_up(
                code,
                "The provider refused the channel's access token. It has to be renewed in the channel's settings.",
            )
            .with_token_rejected(),
            StatusCode::TOO_MANY_REQUESTS => SendError::new(
                self.retry_decision(),
                code,
                "The provider asks us to slow down. The message will be sent again.",
            ),
            StatusCode::REQUEST_TIMEOUT => retry_later(self.retry_decision(), code),
            status if status.is_server_error() => retry_later(self.retry_decision(), code),
            status if status.is_redirection() => SendError::give_up(
                code,
                "The channel's address at the provider leads elsewhere, where our credentials don't go. It has to be corrected in the channel's settings.",
            ),
            _ => SendError::give_up(code, "The provider refused the message and gave no reason we know."),
        }
    }

    pub fn retry_decision(&self) -> SendDecision {
        self.retry_after()
            .map_or(SendDecision::Retry, SendDecision::RetryAfter)
    }
}

/// The provider said yes, in words we can't read: it probably has the message.
pub(crate) fn unreadable() -> SendError {
    uncertain("unreadable_answer", "The provider's answer can't be read.")
}

fn retry_later(decision: SendDecision, code: String) -> SendError {
    let message = "The provider has a fault of its own. The message will be sent again.";
    SendError::new(decision, code, message)
}

/// Sends the request and reads the answer, whatever its status.
pub(crate) async fn exchange(request: RequestBuilder) -> Result<Answer, SendError> {
    exchange_within(request, MAX_ANSWER).await
}

/// The same for answers that are files: `limit` is in bytes.
pub(crate) async fn exchange_within(request: RequestBuilder, limit: usize) -> Result<Answer, SendError> {
    limited(request, limit, REQUEST_TIMEOUT).await
}

/// The same for what another library makes up (sign-in at an OpenID provider): no door beside this one.
pub async fn relay(
    client: &Client,
    request: http::Request<Vec<u8>>,
) -> Result<http::Response<Vec<u8>>, SendError> {
    let request = reqwest::Request::try_from(request).map_err(|error| no_answer(&error))?;
    let answer = exchange(RequestBuilder::from_parts(client.clone(), request)).await?;
    let mut response = http::Response::new(answer.body.into());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// The same with files of ours within the message, which take longer.
pub(crate) async fn exchange_with_files(request: RequestBuilder) -> Result<Answer, SendError> {
    limited(request, MAX_ANSWER, UPLOAD_TIMEOUT).await
}

/// The same with a file of ours that is only part of the message: however it breaks off, the message wasn't sent.
pub(crate) async fn upload(request: RequestBuilder) -> Result<Answer, SendError> {
    let answer = limited(request, MAX_ANSWER, UPLOAD_TIMEOUT).await;
    answer.map_err(not_the_message)
}

/// What is done before the message itself may be done again.
pub(crate) fn not_the_message(mut error: SendError) -> SendError {
    if error.decision == SendDecision::Uncertain {
        error.decision = SendDecision::Retry;
        "The file couldn't be handed over. The message will be sent again.".clone_into(&mut error.message);
    }
    error
}

async fn limited(request: RequestBuilder, limit: usize, time: Duration) -> Result<Answer, SendError> {
    let (client, request) = request.timeout(time).build_split();
    let request = request.map_err(|error| no_answer(&error))?;
    if !outbound::may_ask(request.url()) {
        let message = "The channel's address at the provider isn't one that may be reached from here.";
        return Err(SendError::give_up("address_not_allowed", message));
    }
    let mut response = client.execute(request).await.map_err(|error| no_answer(&error))?;
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let body = match read(response, limit).await {
        Ok(body) => body,
        // An error status says enough without its body.
        Err(_) if !status.is_success() => Bytes::new(),
        Err(error) => return Err(error),
    };
    Ok(Answer {
        status,
        headers,
        body,
    })
}

async fn read(mut response: Response, limit: usize) -> Result<Bytes, SendError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(uncertain(
                "unreadable_answer",
                "The provider's answer is too long.",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// `error` isn't repeated in the text: it may name the URL, and some providers put the token there.
fn no_answer(error: &reqwest::Error) -> SendError {
    if error.is_builder() {
        let message = "The channel's address at the provider is not a valid URL.";
        SendError::give_up("invalid_request", message)
    } else if error.is_connect() {
        let message = "The provider can't be reached. The message will be sent again.";
        SendError::new(SendDecision::Retry, "unreachable", message)
    } else if error.is_timeout() {
        uncertain("timeout", "The provider didn't answer in time.")
    } else {
        uncertain("connection_lost", "The connection to the provider broke off.")
    }
}

fn uncertain(code: &str, what: &str) -> SendError {
    SendError::new(
        SendDecision::Uncertain,
        code,
        format!("{what} The customer may or may not have the message."),
    )
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form of a date that HTTP still allows to send (RFC 9110, 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(", ")?.1.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(http::HeaderName, &str)]) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), value.parse().unwrap()))
                .collect(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_too_long() {
        let secs = |value: &str| answer(429, &[(RETRY_AFTER, value)]).retry_after();
        assert_eq!(secs("7"), Some(Duration::from_secs(7)));
        assert_eq!(secs("999999999"), Some(MAX_RETRY_AFTER));
        assert_eq!(secs("soon"), None);
        assert_eq!(secs("-1"), None);
        assert_eq!(secs("0"), None);
        assert_eq!(secs("Sun, 06 Nov 1994 08:49:37 GMT"), None, "long past");
        assert_eq!(secs("Sun, 06 Nov 2094 08:49:37 GMT"), Some(MAX_RETRY_AFTER));
        let dated = answer(
            429,
            &[
                (RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT"),
                (DATE, "Sun, 06 Nov 1994 08:49:27 GMT"),
            ],
        );
        assert_eq!(dated.retry_after(), Some(Duration::from_secs(10)));
        assert_eq!(answer(429, &[]).retry_after(), None);
    }

    #[test]
    fn a_status_decides_when_nothing_else_does() {
        let decision = |status| answer(status, &[]).error_by_status().decision;
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(decision(status), SendDecision::Retry, "{status}");
        }
        for status in [301, 400, 401, 403, 404, 413, 422] {
            assert_eq!(decision(status), SendDecision::GiveUp, "{status}");
        }
        assert!(answer(401, &[]).error_by_status().token_rejected);
        assert!(!answer(403, &[]).error_by_status().token_rejected);
        assert_eq!(
            answer(503, &[(RETRY_AFTER, "3")]).error_by_status().decision,
            SendDecision::RetryAfter(Duration::from_secs(3))
        );
    }
}
