//! Getting files: a webhook names a URL on Meta's file servers that holds for some days and needs no token.

use reqwest::Url;
use switchboard_domain::{ChannelAccount, Media};

use super::Dialect;
use crate::{FetchedMedia, SendError, http_exchange::exchange_within, meta::graph};

/// The largest file that a customer can send (25 MB), and a little more for how it is counted.
const MAX_BYTES: usize = 26 * 1024 * 1024;

/// Where Meta keeps files.
const FILE_DOMAINS: [&str; 3] = ["fbcdn.net", "fbsbx.com", "cdninstagram.com"];

pub(crate) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
    dialect: &Dialect,
) -> Result<FetchedMedia, SendError> {
    let address = media
        .url
        .as_deref()
        .ok_or_else(|| SendError::give_up("no_media_url", "The message names no file."))?;
    let url = Url::parse(address)
        .ok()
        .filter(|url| is_meta(url) || is_account(url, account, dialect))
        .ok_or_else(|| {
            let message = format!("The file isn't where {} keeps files.", dialect.name);
            SendError::give_up("media_elsewhere", message)
        })?;
    let answer = exchange_within(http.get(url), MAX_BYTES).await?;
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    let named = answer.headers.get(http::header::CONTENT_TYPE);
    let mime_type = named.and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(FetchedMedia {
        bytes: answer.body,
        mime_type: mime_type.or_else(|| media.mime_type.clone()),
        file_name: media.file_name.clone(),
    })
}

fn is_meta(url: &Url) -> bool {
    url.scheme() == "https"
        && url.host_str().is_some_and(|host| {
            FILE_DOMAINS.iter().any(|domain| {
                let rest = host.strip_suffix(domain);
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
        })
}

/// The account's own server, where it has one.
fn is_account(url: &Url, account: &ChannelAccount, dialect: &Dialect) -> bool {
    let server = graph::base_url(&account.settings, dialect.base_url);
    account.settings.api_base_url.is_some() && server.is_some_and(|server| server.origin() == url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_metas_file_servers_are_asked() {
        let verdict = |url: &str| is_meta(&Url::parse(url).unwrap());
        for good in [
            "https://scontent.xx.fbcdn.net/v/t39.1997-6/sticker.png?oh=1",
            "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1",
            "https://cdn.fbsbx.com/v/file.pdf",
            "https://scontent.cdninstagram.com/x.jpg",
        ] {
            assert!(verdict(good), "{good}");
        }
        for bad in [
            "http://scontent.xx.fbcdn.net/x.png",
            "https://evilfbcdn.net/x.png",
            "https://fbcdn.net.example.com/x.png",
            "https://fbcdn.net@example.com/x.png",
            "https://example.com/fbcdn.net",
            "https://127.0.0.1/x.png",
        ] {
            assert!(!verdict(bad), "{bad}");
        }
    }
}
