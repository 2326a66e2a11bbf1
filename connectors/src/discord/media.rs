//! Getting files: from Discord's own hosts, at addresses that are signed and live for a day. No token goes along.

use reqwest::Url;
use switchboard_domain::{ChannelAccount, Media};

use super::account;
use crate::{FetchedMedia, SendError, http_exchange::exchange_within};

/// Larger files are left at Discord.
const MAX_BYTES: usize = 100 * 1024 * 1024;
const FILE_HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let given = media.url.as_deref();
    let given = given.ok_or_else(|| SendError::give_up("no_media_url", "The message names no file."))?;
    let own = account::base_url(&account.settings);
    let url = Url::parse(given).ok().filter(|url| {
        let host = url.host_str();
        let at_discord = host.is_some_and(|host| FILE_HOSTS.contains(&host)) && url.scheme() == "https";
        let at_ours = own
            .as_ref()
            .is_some_and(|own| own.host_str() == host && own.scheme() == url.scheme());
        at_discord || at_ours
    });
    let url = url
        .ok_or_else(|| SendError::give_up("media_elsewhere", "The file isn't where Discord keeps files."))?;
    let answer = exchange_within(http.get(url), MAX_BYTES).await?;
    if matches!(answer.status.as_u16(), 403 | 404 | 410) {
        return Err(SendError::give_up(
            "media_expired",
            "Discord doesn't have this file any more, or its address has expired.",
        ));
    }
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    let given = answer
        .headers
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    Ok(FetchedMedia {
        mime_type: media.mime_type.clone().or_else(|| given.map(str::to_owned)),
        bytes: answer.body,
        file_name: media.file_name.clone(),
    })
}
