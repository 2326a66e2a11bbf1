//! Meta's errors, in Meta's envelope.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::ids;

/// An error the way the Graph API answers it. `code` is what callers decide by, not the HTTP status.
#[derive(Clone, Debug)]
pub(crate) struct GraphError {
    pub(crate) code: u32,
    pub(crate) http: u16,
    subcode: Option<u32>,
    kind: &'static str,
    message: String,
    details: Option<String>,
}

/// (HTTP status, title) that the real API gives for a code.
pub(crate) fn catalogue(code: u32) -> (u16, &'static str) {
    match code {
        0 => (401, "AuthException"),
        1 => (400, "API Unknown"),
        2 => (503, "API Service"),
        4 => (400, "API Too Many Calls"),
        10 => (403, "Permission Denied"),
        100 => (400, "Invalid parameter"),
        190 => (401, "Error validating access token: Session has expired"),
        200..=299 => (403, "API Permission"),
        368 => (403, "Temporarily blocked for policies violations"),
        80007 => (400, "Rate limit issues"),
        130_429 => (429, "Rate limit hit"),
        130_472 => (400, "User's number is part of an experiment"),
        131_000 => (500, "Something went wrong"),
        131_005 => (403, "Access denied"),
        131_008 => (400, "Required parameter is missing"),
        131_009 => (400, "Parameter value is not valid"),
        131_016 => (500, "Service unavailable"),
        131_021 => (400, "Recipient cannot be sender"),
        131_026 => (400, "Message undeliverable"),
        131_030 => (400, "Recipient phone number not in allowed list"),
        131_031 => (403, "Business Account locked"),
        131_042 => (400, "Business eligibility payment issue"),
        131_047 => (400, "Re-engagement message"),
        131_048 => (400, "Spam rate limit hit"),
        131_049 => (
            400,
            "This message was not delivered to maintain healthy ecosystem engagement.",
        ),
        131_050 => (400, "User has stopped marketing messages"),
        131_051 => (400, "Unsupported message type"),
        131_052 => (400, "Media download error"),
        131_053 => (400, "Media upload error"),
        131_056 => (400, "(Business Account, Consumer Account) pair rate limit hit"),
        131_057 => (500, "Account in maintenance mode"),
        132_000 => (
            400,
            "Number of parameters does not match the expected number of params",
        ),
        132_001 => (404, "Template name does not exist in the translation"),
        132_005 => (400, "Translated text too long"),
        132_007 => (400, "Template format character policy violated"),
        132_012 => (
            400,
            "Parameter format does not match format in the created template",
        ),
        132_015 => (400, "Template is paused"),
        132_016 => (400, "Template is disabled"),
        133_010 => (400, "Phone number not registered"),
        135_000 => (400, "Generic user error"),
        _ => (400, "Unknown error"),
    }
}

impl GraphError {
    pub(crate) fn of(code: u32) -> Self {
        let (http, title) = catalogue(code);
        Self {
            code,
            http,
            subcode: None,
            kind: "OAuthException",
            message: format!("(#{code}) {title}"),
            details: None,
        }
    }

    pub(crate) fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    pub(crate) fn details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    pub(crate) fn subcode(mut self, subcode: u32) -> Self {
        self.subcode = Some(subcode);
        self
    }

    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn http(mut self, http: Option<u16>) -> Self {
        self.http = http.unwrap_or(self.http);
        self
    }

    /// Codes the real API marks as passing.
    fn is_transient(&self) -> bool {
        matches!(self.code, 1 | 2 | 4 | 17 | 32 | 613)
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": ids::trace(),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if self.is_transient() {
            error["is_transient"] = true.into();
        }
        if let Some(details) = self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::BAD_REQUEST);
        let www = (
            HeaderName::from_static("www-authenticate"),
            HeaderValue::from_static("OAuth \"Facebook Platform\" \"invalid_request\""),
        );
        (status, [www], Json(json!({ "error": error }))).into_response()
    }
}
