//! The one door out for HTTP errors: `{"error": {"code", "message", "details"?, "request_id"}}` with the right status.
//!
//! Handlers return [`ApiError`]; `middleware` writes the envelope, since it knows the request's id, and logs a 5xx once.

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use switchboard_store::StoreError;
use utoipa::ToSchema;

use crate::auth::password::PasswordError;

/// What the caller is told, and what only the log is.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: StatusCode,
    /// For programs.
    pub code: &'static str,
    /// A sentence for the person who sees it.
    pub message: Cow<'static, str>,
    pub details: Option<serde_json::Value>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// Goes to the log, never to the caller.
    pub cause: Option<Arc<str>>,
}

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub struct Envelope<'a> {
    pub error: Body<'a>,
}

#[derive(Serialize, ToSchema)]
pub struct Body<'a> {
    pub code: &'a str,
    pub message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<&'a serde_json::Value>,
    pub request_id: &'a str,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: None,
            retry_after: None,
            cause: None,
        }
    }

    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in to do this.")
    }

    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Your role doesn't allow this.",
        )
    }

    /// `what` with its article: "a conversation".
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is no such {what}, or it isn't yours to see."),
        )
    }

    pub fn conflict(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// Understood, but not acceptable; `details` names the fields.
    pub fn invalid(message: impl Into<Cow<'static, str>>, details: impl Serialize) -> Self {
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message);
        error.details = serde_json::to_value(details).ok();
        error
    }

    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The request's body is too large.",
        )
    }

    /// Something we depend on is away; trying again helps.
    pub fn unavailable(cause: &(impl ToString + ?Sized)) -> Self {
        let mut error = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Something this needs is not available at the moment. Try again in a few seconds.",
        );
        error.retry_after = Some(Duration::from_secs(5));
        error.cause = Some(cause.to_string().into());
        error
    }

    /// Our fault; the cause is for the log.
    pub fn internal(cause: &(impl ToString + ?Sized)) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. It has been logged under this request's id.",
        );
        error.cause = Some(cause.to_string().into());
        error
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::unavailable(&cause),
            StoreError::Duplicate => Self::conflict("already_exists", "There is one already."),
            StoreError::Conflict => Self::conflict(
                "conflict",
                "It was changed in the meantime. Look at it again, then decide.",
            ),
            StoreError::BadCursor => Self::bad_request("The cursor is not one of ours."),
            StoreError::Refused(cause) => Self::internal(&cause),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
