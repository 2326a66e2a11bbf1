//! Files of ours, which X keeps under an id for some hours (API v2, "Media upload"): a picture goes in one piece, what
//! moves in several, and is then prepared while we wait.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Client, RequestBuilder,
    multipart::{Form, Part},
};
use serde::Deserialize;
use serde_json::json;
use switchboard_domain::ChannelAccount;
use tokio::time::{sleep, timeout};

use super::{
    account,
    compose::refuse,
    error::refusal,
    send::{Data, read},
};
use crate::{
    Outgoing, SendDecision, SendError, UPLOAD_TIMEOUT, Upload,
    http_exchange::{Answer, not_the_message, upload},
    lenient::{Identifier, Maybe, Text},
};

/// X takes at most 5 MB at a time.
const SEGMENT: usize = 4 * 1024 * 1024;
/// How long X may want to be left alone before it is asked again whether a file is prepared.
const PAUSES: (u64, u64) = (1, 10);

#[derive(Deserialize)]
struct Kept {
    id: Identifier,
    #[serde(default)]
    processing_info: Maybe<Processing>,
}

#[derive(Deserialize)]
struct Processing {
    state: Text,
    #[serde(default)]
    check_after_secs: Maybe<u64>,
}

/// The message with its file by X's id.
pub(super) async fn uploaded(
    http: &Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
    file: &Upload,
) -> Result<Outgoing, SendError> {
    // All of it within the time that an attempt with a file has.
    let id = timeout(UPLOAD_TIMEOUT, hand_over(http, account, file));
    let id = id
        .await
        .unwrap_or_else(|_| Err(too_slow()))
        .map_err(not_the_message)?;
    let mut outgoing = outgoing.clone();
    for media in outgoing.content.files_mut() {
        media.id = Some(id.clone());
    }
    Ok(outgoing)
}

fn too_slow() -> SendError {
    let message = "X took too long for the file. The message will be sent again.";
    SendError::new(SendDecision::Retry, "timeout", message)
}

async fn hand_over(http: &Client, account: &ChannelAccount, file: &Upload) -> Result<String, SendError> {
    let category = match file.mime_type.as_str() {
        "image/gif" => "dm_gif",
        kind if kind.starts_with("image/") => "dm_image",
        kind if kind.starts_with("video/") => "dm_video",
        _ => return Err(refuse("X takes pictures and videos only.")),
    };
    let post = |path: &[&str]| -> Result<RequestBuilder, SendError> {
        let path = [&["media", "upload"][..], path].concat();
        let endpoint = account::endpoint(account, &path)?;
        Ok(http
            .post(endpoint.url)
            .bearer_auth(endpoint.access_token.expose()))
    };
    if category == "dm_image" {
        let form = Form::new()
            .text("media_category", category)
            .text("media_type", file.mime_type.clone())
            .part("media", part(file, file.bytes.clone())?);
        return kept(&upload(post(&[])?.multipart(form)).await?, account).map(|kept| kept.id.0);
    }
    let announced = json!({
        "media_type": file.mime_type, "media_category": category, "total_bytes": file.bytes.len(),
    });
    let id = kept(&upload(post(&["initialize"])?.json(&announced)).await?, account)?
        .id
        .0;
    let mut rest = file.bytes.clone();
    for nth in 0_u32.. {
        let segment = rest.split_to(SEGMENT.min(rest.len()));
        let form = Form::new()
            .text("segment_index", nth.to_string())
            .part("media", part(file, segment)?);
        let taken = upload(post(&[id.as_str(), "append"])?.multipart(form)).await?;
        if !taken.status.is_success() {
            return Err(refusal(&taken, account));
        }
        if rest.is_empty() {
            break;
        }
    }
    let done = kept(&upload(post(&[id.as_str(), "finalize"])?).await?, account)?;
    prepared(http, account, id, done).await
}

/// Asks until X has prepared the file.
async fn prepared(
    http: &Client,
    account: &ChannelAccount,
    id: String,
    mut kept_now: Kept,
) -> Result<String, SendError> {
    while let Some(processing) = kept_now.processing_info.0 {
        match processing.state.0.as_str() {
            "succeeded" => break,
            "failed" => return Err(refuse("X can't use the file: it couldn't be prepared there.")),
            _ => {}
        }
        let pause = processing.check_after_secs.0.unwrap_or_default();
        sleep(Duration::from_secs(pause.clamp(PAUSES.0, PAUSES.1))).await;
        let mut endpoint = account::endpoint(account, &["media", "upload"])?;
        endpoint
            .url
            .query_pairs_mut()
            .append_pair("command", "STATUS")
            .append_pair("media_id", &id);
        let request = http.get(endpoint.url).bearer_auth(endpoint.access_token.expose());
        kept_now = kept(&upload(request).await?, account)?;
    }
    Ok(id)
}

fn kept(answer: &Answer, account: &ChannelAccount) -> Result<Kept, SendError> {
    read::<Data<Kept>>(answer, account).map(|answer| answer.data)
}

fn part(file: &Upload, bytes: Bytes) -> Result<Part, SendError> {
    let part = Part::stream(bytes).file_name(file.file_name.clone());
    part.mime_str(&file.mime_type)
        .map_err(|_| refuse("The type of the file can't be told to X."))
}
