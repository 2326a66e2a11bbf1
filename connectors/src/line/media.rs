//! Getting files: `GET /v2/bot/message/{id}/content` on LINE's data host, with the token (Messaging API, "Get content").

use http::{StatusCode, header::CONTENT_TYPE};
use reqwest::Url;
use serde::Deserialize;
use switchboard_domain::{ChannelAccount, Media};

use super::{account, error};
use crate::{
    FetchedMedia, SendDecision, SendError,
    http_exchange::{Answer, exchange, exchange_within, unreadable},
    lenient::{Maybe, Text, not_empty},
};

/// LINE tells no limit; of what we may send, videos are the largest.
const MAX_BYTES: usize = 200 * 1024 * 1024;
/// Pictures of stickers are public; the token isn't sent there.
const STICKER_HOST: &str = "stickershop.line-scdn.net";

pub(super) fn sticker_url(sticker_id: &str) -> Option<String> {
    let is_number = sticker_id.bytes().all(|byte| byte.is_ascii_digit());
    is_number
        .then(|| format!("https://{STICKER_HOST}/stickershop/v1/sticker/{sticker_id}/android/sticker.png"))
}

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let request = match (media.id.as_deref(), media.url.as_deref()) {
        (Some(id), _) if is_message_id(id) => {
            let url = account::data_api(account, &["message", id, "content"])?;
            http.get(url)
                .bearer_auth(account::access_token(account)?.expose())
        }
        (_, Some(url)) => http.get(sticker(url)?),
        _ => return Err(SendError::give_up("no_media_id", "The message names no file.")),
    };
    let answer = exchange_within(request, MAX_BYTES).await?;
    match answer.status {
        StatusCode::ACCEPTED => Err(SendError::new(
            answer.retry_decision(),
            "http_202",
            "LINE is still preparing the file. It will be fetched again.",
        )),
        StatusCode::GONE | StatusCode::NOT_FOUND => Err(SendError::give_up(
            format!("http_{}", answer.status.as_u16()),
            "LINE no longer has the file.",
        )),
        status if !status.is_success() => Err(refused(&answer, account)),
        _ => Ok(FetchedMedia {
            mime_type: content_type(&answer).or_else(|| media.mime_type.clone()),
            bytes: answer.body,
            file_name: media.file_name.clone(),
        }),
    }
}

fn sticker(url: &str) -> Result<Url, SendError> {
    let url = Url::parse(url).ok();
    url.filter(|url| url.scheme() == "https" && url.host_str() == Some(STICKER_HOST))
        .ok_or_else(|| SendError::give_up("media_elsewhere", "The file isn't where LINE keeps files."))
}

fn is_message_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn content_type(answer: &Answer) -> Option<String> {
    let value = answer.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.to_owned())
}

fn refused(answer: &Answer, account: &ChannelAccount) -> SendError {
    match account::access_token(account) {
        Ok(token) => error::to_send_error(answer, token),
        Err(_) => answer.error_by_status(),
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Bot {
    display_name: Maybe<Text>,
    basic_id: Maybe<Text>,
}

/// The name that customers see.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let token = account::access_token(account)?;
    let request = http
        .get(account::api(account, &["info"])?)
        .bearer_auth(token.expose());
    let answer = exchange(request).await?;
    if !answer.status.is_success() {
        return Err(error::to_send_error(&answer, token));
    }
    let bot: Bot = serde_json::from_slice(&answer.body).map_err(|_| SendError {
        decision: SendDecision::Retry,
        ..unreadable()
    })?;
    Ok(not_empty(bot.display_name).or_else(|| not_empty(bot.basic_id)))
}
