//! Getting files: those of direct messages are kept from the public, and only there does the token go.

use reqwest::Url;
use switchboard_domain::{ChannelAccount, Media};

use super::account;
use crate::{FetchedMedia, SendError, http_exchange::exchange_within};

/// Larger files are left at X.
const MAX_BYTES: usize = 100 * 1024 * 1024;
const PRIVATE_HOSTS: [&str; 2] = ["ton.twitter.com", "ton.x.com"];
const PUBLIC_HOSTS: [&str; 2] = ["pbs.twimg.com", "video.twimg.com"];

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let given = media.url.as_deref();
    let given = given.ok_or_else(|| SendError::give_up("no_media_url", "The message names no file."))?;
    let own = account::base_url(&account.settings);
    let elsewhere = || SendError::give_up("media_elsewhere", "The file isn't where X keeps files.");
    let url = Url::parse(given).map_err(|_| elsewhere())?;
    let host = url.host_str();
    let is_one_of =
        |hosts: &[&str]| url.scheme() == "https" && host.is_some_and(|host| hosts.contains(&host));
    let at_ours =
        own.is_some_and(|own| host.is_some() && own.host_str() == host && own.scheme() == url.scheme());
    let private = is_one_of(&PRIVATE_HOSTS) || at_ours;
    if !private && !is_one_of(&PUBLIC_HOSTS) {
        return Err(elsewhere());
    }
    let mut request = http.get(url);
    if private {
        request = request.bearer_auth(account::endpoint(account, &[])?.access_token.expose());
    }
    let answer = exchange_within(request, MAX_BYTES).await?;
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
