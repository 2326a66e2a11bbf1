//! Serving files: the same way to whoever may have them, by token or by signed link.
//!
//! Nothing a customer sent can run here: only types that are harmless within a page are shown in one, by what their bytes
//! are; everything else is downloaded, under a type that no browser runs.

use std::{ops::Range, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
        CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
    },
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use switchboard_domain::{Attachment, AttachmentId, AttachmentState};
use switchboard_workers::files::{Reader, kind};

use crate::{api::attachments::Shown, app::App, error::ApiError, json::Query};

/// Even opened by itself, a file may load and run nothing.
const POLICY: &str = "default-src 'none'; sandbox";
/// A file never changes under its id; whoever lost the right to see it keeps no longer what they had.
const CACHING: &str = "private, max-age=3600";

/// RFC 5987, 3.2.1: what may stand in an extended value as it is.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// A file by a link that was signed for somebody, for as long as the link lives.
#[utoipa::path(get, path = "/files/{id}/{expiry}/{signature}", tag = "attachments",
    params(("id" = String, Path), ("expiry" = String, Path), ("signature" = String, Path), Shown),
    responses((status = 200, content_type = "*/*", body = Vec<u8>), (status = 206), (status = 304),
        (status = 403, description = "link_over"), (status = 404), (status = 416)))]
pub async fn signed(
    State(app): State<Arc<App>>,
    Path((id, expiry, signature)): Path<(String, String, String)>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = AttachmentId::from(id);
    let links = &app.desk.files.links;
    let reader = links
        .check(&id, &expiry, &signature, app.clock.now())
        .ok_or_else(|| {
            ApiError::new(
                StatusCode::FORBIDDEN,
                "link_over",
                "This link isn't valid (any more). Ask for the file again.",
            )
        })?;
    let known = app.store.attachments.get(&id).await?;
    let file = known.ok_or_else(|| ApiError::not_found("attachment"))?.attachment;
    serve(&app, &file, reader, shown.download.is_some(), &headers).await
}

/// The file for somebody who may have it.
pub async fn serve(
    app: &App,
    file: &Attachment,
    reader: Reader,
    as_download: bool,
    asked: &HeaderMap,
) -> Result<Response, ApiError> {
    let (Some(sha256), Some(size), AttachmentState::Stored) = (&file.sha256, file.size, file.state) else {
        return Err(not_stored(file));
    };
    let tag = format!("\"{sha256}\"");
    let header = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    let mut response = Response::builder()
        .header(ETAG, &tag)
        .header(CACHE_CONTROL, CACHING)
        .header(ACCEPT_RANGES, "bytes")
        .header(CONTENT_SECURITY_POLICY, POLICY);
    if header(IF_NONE_MATCH)
        .is_some_and(|known| known == "*" || known.split(',').any(|one| one.trim() == tag))
    {
        let empty = response.status(StatusCode::NOT_MODIFIED).body(Body::empty());
        return empty.map_err(|error| ApiError::internal(&error));
    }
    let part = match header(RANGE).filter(|_| header(IF_RANGE).is_none_or(|known| known == tag)) {
        Some(range) => within(range, size),
        None => Part::Whole,
    };
    let bytes = match part {
        Part::Whole => None,
        Part::Some(range) => Some(range),
        Part::Outside => return Err(outside()),
    };
    let length = bytes.as_ref().map_or(size, |part| part.end - part.start);
    if let Some(part) = &bytes {
        let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        response = response
            .status(StatusCode::PARTIAL_CONTENT)
            .header(CONTENT_RANGE, range);
    }
    let mime_type = file.mime_type.as_deref().unwrap_or(kind::UNKNOWN);
    let stream = app.desk.files.read(sha256, bytes).await?;
    response
        .header(CONTENT_TYPE, shown_type(mime_type, reader))
        .header(CONTENT_LENGTH, length)
        .header(
            CONTENT_DISPOSITION,
            disposition(
                kind::is_inline(mime_type) && !as_download,
                file.file_name.as_deref(),
            ),
        )
        .body(Body::from_stream(stream))
        .map_err(|error| ApiError::internal(&error))
}

/// Providers go by the type, so they are told it unless a browser would run it; browsers are told only harmless ones.
fn shown_type(mime_type: &str, reader: Reader) -> HeaderValue {
    let tell = match reader {
        Reader::Console => kind::is_inline(mime_type),
        Reader::Provider => !kind::is_active(mime_type),
    };
    let shown = if tell { mime_type } else { kind::UNKNOWN };
    HeaderValue::from_str(shown).unwrap_or(HeaderValue::from_static(kind::UNKNOWN))
}

/// RFC 6266, with the name in ASCII for old readers and in full (RFC 5987) for the others.
fn disposition(inline: bool, name: Option<&str>) -> HeaderValue {
    let how = if inline { "inline" } else { "attachment" };
    let Some(name) = name else {
        return HeaderValue::from_static(how);
    };
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let full = utf8_percent_encode(name, ATTR_CHAR);
    HeaderValue::from_str(&format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{full}"))
        .unwrap_or(HeaderValue::from_static(how))
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Some(Range<u64>),
    Outside,
}

/// RFC 9110, 14.1.2: one range. Several, or what can't be understood, is answered with the whole (14.2).
fn within(range: &str, size: u64) -> Part {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .filter(|range| !range.contains(','))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Part::Whole;
    };
    let part = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..size.min(last.saturating_add(1)),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(count)) if first.is_empty() => size.saturating_sub(count)..size,
        _ => return Part::Whole,
    };
    if part.is_empty() {
        Part::Outside
    } else {
        Part::Some(part)
    }
}

fn outside() -> ApiError {
    ApiError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "range_not_satisfiable",
        "The file doesn't reach that far.",
    )
}

fn not_stored(file: &Attachment) -> ApiError {
    let reason = file.error.as_ref().map(|error| error.message.clone());
    let message = reason.unwrap_or_else(|| "The file is still being fetched from its provider.".to_owned());
    ApiError::conflict("not_stored", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_answered_and_whatever_else_is_asked_gets_the_whole() {
        for (range, expected) in [
            ("bytes=0-0", Part::Some(0..1)),
            ("bytes=2-", Part::Some(2..10)),
            ("bytes=2-99", Part::Some(2..10)),
            ("bytes=-3", Part::Some(7..10)),
            ("bytes=-99", Part::Some(0..10)),
            ("bytes=10-", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=5-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=x-", Part::Whole),
            ("lines=1-2", Part::Whole),
            ("bytes=18446744073709551615-18446744073709551615", Part::Outside),
        ] {
            assert_eq!(within(range, 10), expected, "{range}");
        }
        assert_eq!(within("bytes=0-0", 0), Part::Outside);
    }

    #[test]
    fn names_survive_in_full_and_break_out_of_nothing() {
        let shown = |name: &str| disposition(false, Some(name)).to_str().unwrap().to_owned();
        assert_eq!(
            shown("Grüße \"1\".pdf"),
            "attachment; filename=\"Gr__e _1_.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22.pdf"
        );
        assert_eq!(
            shown("a\r\nSet-Cookie: x=1"),
            "attachment; filename=\"a__Set-Cookie: x=1\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1"
        );
        assert_eq!(disposition(true, None), "inline");
    }

    #[test]
    fn nobody_is_told_a_type_that_runs() {
        for active in ["text/html", "image/svg+xml", "text/xml"] {
            for reader in [Reader::Console, Reader::Provider] {
                assert_eq!(shown_type(active, reader), kind::UNKNOWN);
            }
        }
        assert_eq!(shown_type("application/zip", Reader::Console), kind::UNKNOWN);
        assert_eq!(shown_type("application/zip", Reader::Provider), "application/zip");
        assert_eq!(shown_type("image/png", Reader::Console), "image/png");
    }
}
