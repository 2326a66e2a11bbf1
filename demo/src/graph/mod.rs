//! The Graph API's side: what the hub calls.

mod account;
mod error;
mod interactive;
mod limits;
mod media;
mod messages;
mod validate;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, header},
    routing::{get, post},
};

pub(crate) use error::{GraphError, catalogue};
pub(crate) use limits::Limits;
pub(crate) use media::MediaStore;

use crate::state::Graph;

/// Meta's largest media: a document of 100 MB.
const MEDIA_LIMIT: usize = 101 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<Graph>> {
    Router::new()
        .route("/{version}/{id}/messages", post(messages::send))
        .route(
            "/{version}/{id}/media",
            post(media::upload).layer(DefaultBodyLimit::max(MEDIA_LIMIT)),
        )
        .route("/{version}/{id}", get(account::node))
        .route("/_media/{token}", get(media::download))
}

/// Every call needs the token first of all.
fn authorise(graph: &Graph, headers: &HeaderMap) -> Result<(), GraphError> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match bearer {
        Some(token) if token == graph.options.access_token => Ok(()),
        Some(_) => Err(GraphError::of(190).saying("Invalid OAuth access token - Cannot parse access token")),
        None => Err(GraphError::of(190).saying("An access token is required to request this resource.")),
    }
}

fn no_such_object(id: &str) -> GraphError {
    GraphError::of(100)
        .subcode(33)
        .kind("GraphMethodException")
        .saying(format!(
            "Unsupported post request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
         permissions, or does not support this operation. Please read the Graph API documentation at \
         https://developers.facebook.com/docs/graph-api"
        ))
}
