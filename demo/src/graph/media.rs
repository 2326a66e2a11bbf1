//! Media in both directions: upload, look up, download by a link that expires.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Multipart, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use switchboard_domain::Timestamp;

use super::{GraphError, authorise, no_such_object};
use crate::{ids, state::Graph};

/// Objects and links kept.
const KEPT: usize = 200;

/// A file, of ours or of a customer's.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    pub(crate) id: String,
    pub(crate) mime_type: String,
    pub(crate) bytes: Bytes,
}

struct Link {
    token: String,
    media_id: String,
    expires_at: Timestamp,
}

#[derive(Default)]
pub(crate) struct MediaStore {
    objects: VecDeque<Media>,
    links: VecDeque<Link>,
    /// The ids of files that were downloaded, each as often as it was.
    pub(crate) downloads: VecDeque<String>,
}

impl MediaStore {
    /// Keeps a file and gives it an id.
    pub(crate) fn put(&mut self, mime_type: &str, bytes: Bytes) -> String {
        let id = ids::media();
        if self.objects.len() == KEPT {
            self.objects.pop_front();
        }
        self.objects.push_back(Media {
            id: id.clone(),
            mime_type: mime_type.to_owned(),
            bytes,
        });
        id
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Media> {
        self.objects.iter().rev().find(|media| media.id == id)
    }

    /// The answer to a look-up: the file's data, and a link made for it.
    pub(super) fn describe(
        &mut self,
        id: &str,
        origin: &str,
        now: Timestamp,
        lifetime: Duration,
    ) -> Option<Value> {
        let media = self.get(id)?;
        let token = ids::token();
        let described = json!({
            "messaging_product": "whatsapp",
            "url": format!("{origin}/_media/{token}"),
            "mime_type": media.mime_type,
            "sha256": hex::encode(Sha256::digest(&media.bytes)),
            "file_size": media.bytes.len(),
            "id": id,
        });
        if self.links.len() == KEPT {
            self.links.pop_front();
        }
        self.links.push_back(Link {
            token,
            media_id: id.to_owned(),
            expires_at: now.plus(lifetime),
        });
        Some(described)
    }

    fn follow(&mut self, token: &str, now: Timestamp) -> Option<Media> {
        let link = self.links.iter().find(|link| link.token == token)?;
        if now >= link.expires_at {
            return None;
        }
        let media = self.get(&link.media_id).cloned()?;
        if self.downloads.len() == KEPT {
            self.downloads.pop_front();
        }
        self.downloads.push_back(media.id.clone());
        Some(media)
    }
}

/// `POST /{version}/{phone_number_id}/media`: a form with `messaging_product`, `type` and `file`.
pub(super) async fn upload(
    State(graph): State<Arc<Graph>>,
    Path((_version, id)): Path<(String, String)>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Result<Json<Value>, GraphError> {
    authorise(&graph, &headers)?;
    if id != graph.options.phone_number_id {
        return Err(no_such_object(&id));
    }
    let broken = |_| GraphError::of(100).saying("(#100) The form can't be read");
    let (mut product, mut kind, mut file) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("messaging_product") => product = Some(field.text().await.map_err(broken)?),
            Some("type") => kind = Some(field.text().await.map_err(broken)?),
            Some("file") => {
                let mime_type = field.content_type().map(str::to_owned);
                file = Some((mime_type, field.bytes().await.map_err(broken)?));
            }
            _ => {}
        }
    }
    if product.as_deref() != Some("whatsapp") {
        return Err(missing("messaging_product"));
    }
    let (file_type, bytes) = file.ok_or_else(|| missing("file"))?;
    let mime_type = kind.or(file_type).ok_or_else(|| missing("type"))?;
    let limit = size_limit(&mime_type).ok_or_else(|| {
        GraphError::of(100).saying(format!(
            "(#100) Param file must be a file with one of the supported types; Received file of type '{mime_type}'."
        ))
    })?;
    if bytes.len() > limit {
        return Err(GraphError::of(131_053).details(format!("File too large: at most {limit} bytes")));
    }
    let id = graph.memory().media.put(&mime_type, bytes);
    Ok(Json(json!({ "id": id })))
}

fn missing(name: &str) -> GraphError {
    GraphError::of(100).saying(format!("(#100) The parameter {name} is required."))
}

/// Meta's limits by type; `None` for a type it doesn't take.
fn size_limit(mime_type: &str) -> Option<usize> {
    const MIB: usize = 1024 * 1024;
    let essence = mime_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "image/jpeg" | "image/png" => Some(5 * MIB),
        "image/webp" => Some(500 * 1024),
        "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" | "video/mp4" | "video/3gpp" => {
            Some(16 * MIB)
        }
        "text/plain" | "application/pdf" | "application/msword" | "application/vnd.ms-excel" => {
            Some(100 * MIB)
        }
        other if other.starts_with("application/vnd.") => Some(100 * MIB),
        _ => None,
    }
}

/// The link of a look-up. The real one answers 404 once it's expired, and wants token and user agent.
pub(super) async fn download(
    State(graph): State<Arc<Graph>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(error) = authorise(&graph, &headers) {
        return error.into_response();
    }
    if !headers.contains_key(header::USER_AGENT) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let media = graph.memory().media.follow(&token, graph.now());
    match media {
        Some(media) => ([(header::CONTENT_TYPE, media.mime_type)], media.bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
