//! Getting files: at their address with the bot's token. Of a file from a shared channel an event tells only the id, and
//! `files.info` tells the rest.

use reqwest::Url;
use serde::Deserialize;
use switchboard_domain::{ChannelAccount, Media};

use super::{account, send::read};
use crate::{
    FetchedMedia, SendError,
    http_exchange::{exchange, exchange_within},
    lenient::{Maybe, Text, not_empty},
};

/// Larger files are left at Slack.
const MAX_BYTES: usize = 100 * 1024 * 1024;
/// Where Slack keeps files. The token goes to no other host.
const FILE_HOST: &str = "files.slack.com";

#[derive(Deserialize)]
struct Info {
    file: File,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    url_private: Maybe<Text>,
    url_private_download: Maybe<Text>,
    mimetype: Maybe<Text>,
    name: Maybe<Text>,
}

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let mut wanted = media.clone();
    if wanted.url.is_none() {
        let file = info(http, account, media).await?;
        wanted.url = not_empty(file.url_private_download).or_else(|| not_empty(file.url_private));
        wanted.mime_type = wanted.mime_type.or_else(|| not_empty(file.mimetype));
        wanted.file_name = wanted.file_name.or_else(|| not_empty(file.name));
    }
    let endpoint = account::endpoint(account, "files.info")?;
    let own_host = endpoint.url.host_str();
    let url = wanted
        .url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
        .filter(|url| {
            let host = url.host_str();
            let at_slack = host == Some(FILE_HOST) && url.scheme() == "https";
            at_slack || (host.is_some() && host == own_host && url.scheme() == endpoint.url.scheme())
        });
    let url =
        url.ok_or_else(|| SendError::give_up("media_elsewhere", "The file isn't where Slack keeps files."))?;
    let request = http.get(url).bearer_auth(endpoint.access_token.expose());
    let answer = exchange_within(request, MAX_BYTES).await?;
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    let given = answer
        .headers
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    let is_page = |mime: Option<&str>| mime.is_some_and(|mime| mime.starts_with("text/html"));
    // Without the permission Slack answers 200 with the page for signing in.
    if is_page(given) && !is_page(wanted.mime_type.as_deref()) {
        return Err(SendError::give_up(
            "missing_scope",
            "Our Slack app may not read files. The scope files:read has to be added in the app's settings.",
        ));
    }
    Ok(FetchedMedia {
        bytes: answer.body,
        mime_type: wanted.mime_type.or_else(|| given.map(str::to_owned)),
        file_name: wanted.file_name,
    })
}

async fn info(http: &reqwest::Client, account: &ChannelAccount, media: &Media) -> Result<File, SendError> {
    let id = media
        .id
        .as_deref()
        .filter(|id| !id.is_empty())
        .ok_or_else(|| SendError::give_up("no_media_id", "The message names no file."))?;
    let mut endpoint = account::endpoint(account, "files.info")?;
    endpoint.url.query_pairs_mut().append_pair("file", id);
    let request = http.get(endpoint.url).bearer_auth(endpoint.access_token.expose());
    let info: Info = read(&exchange(request).await?, account)?;
    Ok(info.file)
}
