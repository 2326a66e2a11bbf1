//! `GET /{version}/{id}`: our number, or a media object.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde_json::{Value, json};

use super::{GraphError, authorise, no_such_object};
use crate::state::Graph;

pub(super) async fn node(
    State(graph): State<Arc<Graph>>,
    Path((_version, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    authorise(&graph, &headers)?;
    if id == graph.options.phone_number_id {
        return Ok(Json(json!({
            "verified_name": "Switchboard Demo",
            "display_phone_number": format!("+{}", graph.options.display_phone_number),
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
            "id": id,
        })));
    }
    let now = graph.now();
    let described = graph
        .memory()
        .media
        .describe(&id, &graph.origin, now, graph.options.media_link_lifetime);
    described.map(Json).ok_or_else(|| no_such_object(&id))
}
