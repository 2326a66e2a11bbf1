//! The REST API: one file per resource. Handlers look the caller up, hand over to the desk or the store, and answer.

pub mod actions;
pub mod admission;
pub mod api_keys;
pub mod attachments;
pub mod audit_logs;
pub mod auth;
pub mod branches;
pub mod business_hours;
pub mod channel_trials;
pub mod channel_types;
pub mod channels;
pub mod codes;
pub mod conversations;
pub mod customer_export;
pub mod customer_facts;
pub mod customers;
pub mod explanations;
pub mod me;
pub mod messages;
pub mod oidc;
pub mod ops;
pub mod passwords;
pub mod pointed;
pub mod queues_live;
pub mod reach;
pub mod roles;
pub mod routing;
pub mod rule_drafts;
pub mod rule_shadows;
pub mod rules;
pub mod sessions;
pub mod simulate;
pub mod sla_policies;
pub mod teams;
pub mod totp;
pub mod transfers;
pub mod unmask;
pub mod users;

use std::borrow::Cow;

use serde::Serialize;
use switchboard_store::Page;
use switchboard_workers::{WorkError, desk::DeskError};
use utoipa::ToSchema;

use crate::error::ApiError;

/// How a list answers.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A list that comes whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
        }
    }
}

impl<T> From<Page<T>> for List<T> {
    fn from(page: Page<T>) -> Self {
        Self {
            items: page.items,
            next_cursor: page.next_cursor,
        }
    }
}

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 200;

/// The limit within its bounds.
pub fn limit(asked: Option<usize>) -> Result<usize, ApiError> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        _ => Err(ApiError::bad_request("limit has to be between 1 and 200.")),
    }
}

/// A field that isn't acceptable.
#[derive(Serialize, ToSchema)]
pub struct FieldFault {
    pub field: Cow<'static, str>,
    pub message: Cow<'static, str>,
}

/// 422 for one field.
pub fn fault(field: &'static str, message: impl Into<Cow<'static, str>>) -> ApiError {
    let message = message.into();
    ApiError::invalid(
        message.clone(),
        [FieldFault {
            field: field.into(),
            message,
        }],
    )
}

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotFound => Self::not_found("conversation"),
            DeskError::Conflict(why) => Self::conflict("conflict", why),
            DeskError::ReplyWindowClosed => Self::conflict("reply_window_closed", error.to_string()),
            DeskError::Invalid(why) => Self::invalid(why, [(); 0]),
            DeskError::Work(error) => error.into(),
        }
    }
}

impl From<WorkError> for ApiError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Store(error) => error.into(),
            WorkError::Queue(error) => Self::unavailable(&error),
            other => Self::internal(&other),
        }
    }
}
