//! Getting files: `getFile` tells a path, and the file is under `/file/bot{token}/{path}` for an hour, up to 20 MB
//! (Bot API, "getFile").

use serde_json::json;
use switchboard_domain::{ChannelAccount, Media};

use super::{
    account,
    compose::Call,
    send::{Failure, post},
};
use crate::{
    FetchedMedia, SendError,
    http_exchange::{exchange_within, unreadable},
};

const MAX_BYTES: usize = 20 * 1024 * 1024;

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let id = media
        .id
        .as_deref()
        .filter(|id| !id.is_empty())
        .ok_or_else(|| SendError::give_up("no_media_id", "The message names no file."))?;
    let call = Call {
        method: "getFile",
        parameters: json!({ "file_id": id }),
    };
    let file = post(http, account, &call)
        .await
        .map_err(|Failure { error, .. }| error)?;
    let path = file["file_path"].as_str().ok_or_else(unreadable)?;
    let answer = exchange_within(http.get(account::file(account, path)?), MAX_BYTES).await?;
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    // Telegram serves everything as octets; what it said of the file with the message is better.
    let mime_type = media.mime_type.clone();
    let file_name = media.file_name.clone();
    Ok(FetchedMedia {
        bytes: answer.body,
        mime_type,
        file_name: file_name.or_else(|| path.rsplit('/').next().map(str::to_owned)),
    })
}

/// The bot's name, as people find it.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let call = Call {
        method: "getMe",
        parameters: json!({}),
    };
    let bot = post(http, account, &call)
        .await
        .map_err(|Failure { error, .. }| error)?;
    let name = bot["username"].as_str().map(|name| format!("@{name}"));
    Ok(name.or_else(|| bot["first_name"].as_str().map(str::to_owned)))
}
