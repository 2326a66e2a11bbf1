//! Getting files: only from where messages are posted to, or from hosts that the account names.

use http::header::CONTENT_TYPE;
use reqwest::Url;
use switchboard_domain::{ChannelAccount, Media};

use super::{MAX_FILE_BYTES, account};
use crate::{FetchedMedia, SendError, http_exchange::exchange_within};

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let url = media
        .url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
        .ok_or_else(|| SendError::give_up("no_media_url", "The message names no file."))?;
    let base_url = account::base_url(&account.settings);
    let is_own = base_url.is_some_and(|base| base.origin() == url.origin());
    let is_listed = url.scheme() == "https"
        && url.port().is_none()
        && account::media_hosts(&account.settings).any(|host| url.host_str() == Some(host));
    if !is_own && !is_listed {
        return Err(SendError::give_up(
            "media_elsewhere",
            "The file is at a host that isn't among the channel's media_hosts.",
        ));
    }
    let mut request = http.get(url);
    // The token is for whom messages are posted to, and for no other host.
    if let Some(token) = account.secrets.access_token().filter(|_| is_own) {
        request = request.bearer_auth(token.expose());
    }
    let answer = exchange_within(request, MAX_FILE_BYTES as usize).await?;
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    let told = answer
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    Ok(FetchedMedia {
        bytes: answer.body,
        mime_type: told.map(str::to_owned).or_else(|| media.mime_type.clone()),
        file_name: media.file_name.clone(),
    })
}
