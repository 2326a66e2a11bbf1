//! JSON request bodies: whatever is wrong with one is told in the envelope.

use axum::{
    RequestExt,
    extract::{FromRequest, FromRequestParts, Query as AxumQuery, Request},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::error::ApiError;

/// A JSON body of type `T`: 415 without its content type, 400 if it doesn't parse, 413 if it is too large.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        if !says_json(request.headers()) {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send JSON, with the header Content-Type: application/json.",
            ));
        }
        let body: Bytes =
            request
                .extract()
                .await
                .map_err(|rejection: axum::extract::rejection::BytesRejection| {
                    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                        ApiError::too_large()
                    } else {
                        ApiError::bad_request("The request's body couldn't be read.")
                    }
                })?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| ApiError::bad_request(format!("The JSON body is not right: {error}")))
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// What a patch says of a field that may be empty (RFC 7396); with `#[serde(default)]`.
#[derive(Default)]
pub enum Patch<T> {
    #[default]
    Keep,
    /// `null`.
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(value)?.map_or(Self::Clear, Self::Set))
    }
}

/// The query string as `T`: 400 in the envelope if it doesn't parse.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        AxumQuery::from_request_parts(parts, state)
            .await
            .map(|AxumQuery(query)| Self(query))
            .map_err(|rejection| {
                ApiError::bad_request(format!("The query is not right: {}", rejection.body_text()))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_that_are_json() {
        let says = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, value.parse().unwrap());
            says_json(&headers)
        };
        assert!(says("application/json"));
        assert!(says("Application/JSON; charset=utf-8"));
        assert!(says("application/merge-patch+json"));
        assert!(!says("text/plain"));
        assert!(!says("application/x-www-form-urlencoded"));
        assert!(!says_json(&HeaderMap::new()));
    }
}
