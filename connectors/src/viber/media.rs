//! Getting files: Viber puts the address of each into the message; it is public, so no token is sent along.

use http::header::CONTENT_TYPE;
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;
use switchboard_domain::{ChannelAccount, Media};

use super::{account, send::post};
use crate::{
    FetchedMedia, SendError,
    http_exchange::{Answer, exchange_within},
    lenient::{Maybe, Text, not_empty},
};

/// The largest file customers may send (Viber support, "Send files").
const MAX_BYTES: usize = 200 * 1024 * 1024;

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let url = media
        .url
        .as_deref()
        .ok_or_else(|| SendError::give_up("no_media_id", "The message names no file."))?;
    let url = Url::parse(url)
        .ok()
        .filter(|url| is_vibers(url) || is_api(url, account))
        .ok_or_else(|| SendError::give_up("media_elsewhere", "The file isn't where Viber keeps files."))?;
    let answer = exchange_within(http.get(url), MAX_BYTES).await?;
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    Ok(FetchedMedia {
        mime_type: content_type(&answer).or_else(|| media.mime_type.clone()),
        bytes: answer.body,
        file_name: media.file_name.clone(),
    })
}

/// `dl-media.viber.com` and its kin.
fn is_vibers(url: &Url) -> bool {
    url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(".viber.com"))
}

/// The server that the account sends to, if it isn't Viber's own.
fn is_api(url: &Url, account: &ChannelAccount) -> bool {
    let api = account
        .settings
        .api_base_url
        .is_some()
        .then(|| account::base_url(&account.settings));
    api.flatten().is_some_and(|api| api.origin() == url.origin())
}

fn content_type(answer: &Answer) -> Option<String> {
    Some(answer.headers.get(CONTENT_TYPE)?.to_str().ok()?.to_owned())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Bot {
    name: Maybe<Text>,
    uri: Maybe<Text>,
}

/// The name that customers see.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let bot: Bot = post(http, account, "get_account_info", &json!({})).await?;
    Ok(not_empty(bot.name).or_else(|| not_empty(bot.uri)))
}
