//! Files of conversations: uploading them, and what is known of them. `crate::files` serves their bytes.

use std::sync::Arc;

use axum::{
    Json as Answer, RequestExt,
    extract::{Multipart, Path, Request, State, multipart::MultipartError},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header::CONTENT_TYPE};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use switchboard_connectors::{self as connectors, MediaKind};
use switchboard_domain::{
    Attachment, AttachmentId, AttachmentState, Conversation, Permission, Pii, Shown as Personal, Timestamp,
};
use switchboard_workers::{
    desk::send_as,
    files::{FileError, NewFile, Reader, kind},
};
use utoipa::{IntoParams, ToSchema};

use super::{List, conversations::find};
use crate::{app::App, auth::Caller, error::ApiError, files, json::Query};

const X_FILE_NAME: HeaderName = HeaderName::from_static("x-file-name");
/// Files that can be asked for at once.
const MAX_IDS: usize = 100;

/// An attachment, with a link to its bytes.
#[derive(Serialize, ToSchema)]
pub struct File {
    #[serde(flatten)]
    #[schema(value_type = Attachment)]
    attachment: Personal<Attachment>,
    /// A link that works without a token until `url_expires_at`; null unless it is stored.
    url: Option<String>,
    url_expires_at: Option<Timestamp>,
    /// Whether browsers may show it in a page; otherwise the link downloads it.
    inline: bool,
    /// The `type` of content as which the conversation's channel takes it (`image`, `document` …); told for uploads.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    send_as: Option<MediaKind>,
    /// How many characters of text the channel shows beside it; longer words have to be a message of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_caption_chars: Option<usize>,
}

impl File {
    pub fn of(app: &App, attachment: Attachment, reader: Pii) -> Self {
        let stored = attachment.state == AttachmentState::Stored;
        let links = &app.desk.files.links;
        let link = stored.then(|| links.path(Reader::Console, &attachment.id, app.clock.now()));
        let (url, url_expires_at) = link.unzip();
        Self {
            inline: attachment.mime_type.as_deref().is_some_and(kind::is_inline),
            attachment: Personal::to(reader, attachment),
            url,
            url_expires_at,
            send_as: None,
            max_caption_chars: None,
        }
    }
}

/// As what the conversation's channel takes it, and how many characters of text the channel shows beside it; 422 if it
/// doesn't.
fn taken_as(conversation: &Conversation, file: &Attachment) -> Result<(MediaKind, usize), ApiError> {
    let capabilities = connectors::find(conversation.channel).capabilities();
    let kind = send_as(capabilities, file).map_err(|fault| super::fault("file", fault))?;
    // A recording or a sticker is shown without words.
    let has_caption = !matches!(kind, MediaKind::Audio | MediaKind::Sticker);
    let caption = if has_caption {
        capabilities.max_caption_chars
    } else {
        0
    };
    Ok((kind, caption))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Up to 100 ids, with commas between them.
    ids: String,
}

/// What is known of these files; those that the caller may not see, or that don't exist, aren't in the list.
#[utoipa::path(get, path = "/api/v1/attachments", tag = "attachments", params(Which),
    responses((status = 200, body = List<File>)), security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Answer<List<File>>, ApiError> {
    let ids: Vec<AttachmentId> = which
        .ids
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(AttachmentId::from)
        .collect();
    if ids.len() > MAX_IDS {
        return Err(ApiError::bad_request("ids may name 100 files at most."));
    }
    let visible = caller.visible(Permission::ConversationsView)?;
    let found = app.store.attachments.seen_by(&visible, caller.id(), &ids).await?;
    let files = found
        .into_iter()
        .map(|one| File::of(&app, one, caller.pii()))
        .collect();
    Ok(Answer(List::whole(files)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Shown {
    /// Download it, whatever it is.
    #[serde(default)]
    pub download: Option<String>,
}

/// The file itself, whole or in part (`Range`). What a browser could run is `application/octet-stream`.
#[utoipa::path(get, path = "/api/v1/attachments/{id}", tag = "attachments", params(("id" = String, Path), Shown),
    responses((status = 200, content_type = "*/*", body = Vec<u8>), (status = 206), (status = 304), (status = 404),
        (status = 409, description = "not_stored"), (status = 416)), security(("bearer" = [])))]
pub async fn download(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<axum::response::Response, ApiError> {
    let visible = caller.visible(Permission::ConversationsView)?;
    let ids = [AttachmentId::from(id)];
    let found = app.store.attachments.seen_by(&visible, caller.id(), &ids).await?;
    let file = found.into_iter().next();
    let file = file.ok_or_else(|| ApiError::not_found("attachment"))?;
    let as_download = shown.download.is_some();
    files::serve(&app, &file, Reader::Console, as_download, &headers).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Where {
    /// The conversation it will be sent in: then whoever sees that sees the file, and whether its channel takes such files is
    /// said at once. Without one the file is its uploader's until they send it.
    conversation_id: Option<String>,
}

/// Uploads a file, to be sent by its id: as the body, with `Content-Type` and `X-File-Name` (percent-encoded UTF-8), or as
/// the part `file` of `multipart/form-data`.
#[utoipa::path(post, path = "/api/v1/attachments", tag = "attachments",
    params(Where, ("X-File-Name" = Option<String>, Header)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = File), (status = 413), (status = 415), (status = 422)), security(("bearer" = [])))]
pub async fn upload(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(to): Query<Where>,
    request: Request,
) -> Result<(StatusCode, Answer<File>), ApiError> {
    caller.require(Permission::ConversationsReply)?;
    let conversation = match to.conversation_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => Some(find(&app, &caller, Permission::ConversationsReply, id).await?),
        None => None,
    };
    let sent = Sent::read(request).await?;
    let new = NewFile {
        bytes: sent.bytes,
        file_name: sent.file_name,
        mime_type: Some(sent.mime_type),
        conversation_id: conversation.as_ref().map(|conversation| conversation.id.clone()),
        uploaded_by: Some(caller.id().clone()),
    };
    let attachment = app.desk.keep_file(new).await?;
    let taken = conversation.map(|of| taken_as(&of, &attachment)).transpose()?;
    let mut file = File::of(&app, attachment, caller.pii());
    (file.send_as, file.max_caption_chars) = taken.unzip();
    Ok((StatusCode::CREATED, Answer(file)))
}

/// A file as the request brings it.
pub struct Sent {
    pub bytes: Bytes,
    pub file_name: Option<String>,
    pub mime_type: String,
}

impl Sent {
    pub async fn read(request: Request) -> Result<Self, ApiError> {
        let told = request.headers().get(CONTENT_TYPE);
        let mime_type = told.and_then(|value| value.to_str().ok()).map(str::trim);
        let mime_type = mime_type
            .filter(|told| told.contains('/'))
            .ok_or_else(no_type)?
            .to_owned();
        if mime_type.to_ascii_lowercase().starts_with("multipart/form-data") {
            let form: Multipart = request.extract().await.map_err(|_| broken())?;
            return Self::from_form(form).await;
        }
        if mime_type.to_ascii_lowercase().starts_with("multipart/") {
            return Err(no_type());
        }
        let file_name = request.headers().get(&X_FILE_NAME).map(|value| {
            percent_decode_str(&String::from_utf8_lossy(value.as_bytes()))
                .decode_utf8_lossy()
                .into_owned()
        });
        let bytes = request
            .extract()
            .await
            .map_err(|rejection: axum::extract::rejection::BytesRejection| by_status(rejection.status()))?;
        Ok(Self {
            bytes,
            file_name,
            mime_type,
        })
    }

    /// The first part that is a file; other fields are nobody's business.
    async fn from_form(mut form: Multipart) -> Result<Self, ApiError> {
        let failed = |error: MultipartError| by_status(error.status());
        while let Some(part) = form.next_field().await.map_err(failed)? {
            if part.name() != Some("file") && part.file_name().is_none() {
                continue;
            }
            let file_name = part.file_name().map(str::to_owned);
            let mime_type = part.content_type().unwrap_or(kind::UNKNOWN).to_owned();
            return Ok(Self {
                bytes: part.bytes().await.map_err(failed)?,
                file_name,
                mime_type,
            });
        }
        Err(super::fault("file", "The form has no part named file."))
    }
}

fn no_type() -> ApiError {
    ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "Send the file as the body with its Content-Type, or as the part \"file\" of multipart/form-data.",
    )
}

fn broken() -> ApiError {
    ApiError::bad_request("The request's body couldn't be read.")
}

fn by_status(status: StatusCode) -> ApiError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::too_large()
    } else {
        broken()
    }
}

impl From<FileError> for ApiError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Empty => super::fault("file", "The file is empty."),
            FileError::TooLarge { .. } => Self::too_large(),
            FileError::NoConversation => Self::not_found("conversation"),
            FileError::Program => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Programs can't be sent as files.",
            ),
            FileError::Unavailable(cause) => Self::unavailable(&cause),
            FileError::Gone => Self::internal("the bytes of a file are gone"),
            FileError::Store(error) => error.into(),
        }
    }
}
