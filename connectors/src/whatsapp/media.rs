//! Getting files: `GET /{version}/{media id}` names a URL that lives for five minutes, and that is fetched with the token.

use reqwest::Url;
use serde::Deserialize;
use switchboard_domain::{ChannelAccount, Media};

use super::{account, codes::DICTIONARY};
use crate::{FetchedMedia, SendError, http_exchange::exchange_within, meta::graph};

/// The largest file that WhatsApp delivers (a document).
const MAX_BYTES: usize = 100 * 1024 * 1024;
/// Where Meta keeps files. The token goes to no other host.
const FILE_HOSTS: [&str; 2] = ["lookaside.fbsbx.com", "mmg.whatsapp.net"];

#[derive(Deserialize)]
struct Location {
    url: String,
    mime_type: Option<String>,
}

#[derive(Deserialize)]
struct Name {
    verified_name: Option<String>,
    display_phone_number: Option<String>,
}

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let id = media
        .id
        .as_deref()
        .filter(|id| graph::is_path_segment(id))
        .ok_or_else(|| SendError::give_up("no_media_id", "The message names no file."))?;
    let endpoint = account::endpoint(account, &[id])?;
    let api_host = endpoint.url.host_str().map(str::to_owned);
    let token = endpoint.access_token;
    let location: Location = graph::get(http, endpoint, &DICTIONARY).await?;
    let url = Url::parse(&location.url)
        .ok()
        .filter(|url| {
            let host = url.host_str();
            host.is_some_and(|host| FILE_HOSTS.contains(&host)) || host == api_host.as_deref()
        })
        .ok_or_else(|| SendError::give_up("media_elsewhere", "The file isn't where WhatsApp keeps files."))?;
    let request = http.get(url).bearer_auth(token.expose());
    let answer = exchange_within(request, MAX_BYTES).await?;
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    Ok(FetchedMedia {
        bytes: answer.body,
        mime_type: location.mime_type.or_else(|| media.mime_type.clone()),
        file_name: media.file_name.clone(),
    })
}

/// The name and number that WhatsApp knows the account by.
pub(super) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let mut endpoint = account::endpoint(account, &[account::phone_number_id(account)])?;
    endpoint
        .url
        .set_query(Some("fields=verified_name,display_phone_number"));
    let name: Name = graph::get(http, endpoint, &DICTIONARY).await?;
    Ok(name.verified_name.or(name.display_phone_number))
}
