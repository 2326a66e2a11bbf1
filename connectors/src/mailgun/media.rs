//! Files of letters that a route stored: Mailgun keeps them for three days, and gives them to holders of the API key.

use reqwest::Url;
use switchboard_domain::{ChannelAccount, Media};

use super::account::default_base_url;
use crate::{
    FetchedMedia, SendError,
    email::{
        not_at_provider,
        settings::{access_token, base_url},
    },
    http_exchange::exchange_within,
};

/// The largest letter that Mailgun takes, in bytes.
const MAX_BYTES: usize = 25 * 1024 * 1024;

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let url = media
        .url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
        .filter(|url| is_mailgun(account, url))
        .ok_or_else(|| not_at_provider(media))?;
    let request = http
        .get(url)
        .basic_auth("api", Some(access_token(account)?.expose()));
    let answer = exchange_within(request, MAX_BYTES).await?;
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    Ok(FetchedMedia {
        bytes: answer.body,
        mime_type: media.mime_type.clone(),
        file_name: media.file_name.clone(),
    })
}

/// `storage-europe-west1.api.mailgun.net` and its like, or the server that stands for Mailgun. The key goes to no other.
fn is_mailgun(account: &ChannelAccount, url: &Url) -> bool {
    let is_theirs = url.scheme() == "https"
        && url.port_or_known_default() == Some(443)
        && url.host_str().is_some_and(|host| host.ends_with(".mailgun.net"));
    let ours = base_url(&account.settings, default_base_url(&account.settings));
    is_theirs || ours.is_some_and(|ours| ours.origin() == url.origin())
}
