//! Bodies whose faults are told by place: 422 with a JSON pointer (RFC 6901) for each.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use switchboard_domain::FieldPointer;

use crate::{error::ApiError, json::Json};

/// A JSON body of type `T`. What isn't JSON is 400, as everywhere; what is JSON but no `T` is 422, with its place.
pub struct Pointed<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Pointed<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Json(body) = Json::<Value>::from_request(request, state).await?;
        serde_path_to_error::deserialize(body).map(Self).map_err(|error| {
            faults(vec![FieldPointer {
                pointer: pointer(error.path()),
                message: error.inner().to_string(),
            }])
        })
    }
}

/// 422 for these faults.
pub fn faults(faults: Vec<FieldPointer>) -> ApiError {
    let message = faults
        .first()
        .map_or_else(String::new, |first| first.message.clone());
    ApiError::invalid(message, faults)
}

/// 422 if there is any.
pub fn refuse(found: Vec<FieldPointer>) -> Result<(), ApiError> {
    if found.is_empty() {
        Ok(())
    } else {
        Err(faults(found))
    }
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        let part = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&part);
    }
    pointer
}
