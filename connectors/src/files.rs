//! Getting files from where a provider keeps them, and from nowhere else.

use http::header::{CONTENT_TYPE, LOCATION};
use reqwest::{RequestBuilder, Url};
use switchboard_domain::Media;

use crate::{
    FetchedMedia, SendError,
    http_exchange::{Answer, exchange_within},
};

/// Larger than any file these providers deliver.
const MAX_BYTES: usize = 100 * 1024 * 1024;

/// Hosts of a provider. One that starts with a full stop stands for all names below it.
pub(crate) struct Hosts<'a> {
    /// Get our credentials.
    pub own: &'a [&'a str],
    /// Keep files for the provider, and get no credentials.
    pub foreign: &'a [&'a str],
    /// The account's own `api_base_url`, whatever its host is; gets our credentials.
    pub base: &'a Url,
}

impl Hosts<'_> {
    fn is_own(&self, url: &Url) -> bool {
        let same_origin = url.origin() == self.base.origin();
        same_origin || (url.scheme() == "https" && named(url, self.own))
    }

    fn is_foreign(&self, url: &Url) -> bool {
        url.scheme() == "https" && named(url, self.foreign)
    }
}

fn named(url: &Url, hosts: &[&str]) -> bool {
    let is = |host: &str, known: &&str| match known.strip_prefix('.') {
        Some(parent) => host.strip_suffix(parent).is_some_and(|left| left.ends_with('.')),
        None => host == *known,
    };
    url.port().is_none()
        && url
            .host_str()
            .is_some_and(|host| hosts.iter().any(|known| is(host, known)))
}

/// The file that `media` names. One redirect is followed, since providers lead on to where the bytes are.
pub(crate) async fn fetch(
    http: &reqwest::Client,
    media: &Media,
    hosts: &Hosts<'_>,
    authorise: impl Fn(RequestBuilder) -> RequestBuilder,
) -> Result<FetchedMedia, SendError> {
    let url = media
        .url
        .as_deref()
        .ok_or_else(|| SendError::give_up("no_media_url", "The message names no file."))?;
    let url = Url::parse(url).map_err(|_| elsewhere())?;
    let mut answer = get(http, &url, hosts, &authorise).await?;
    if answer.status.is_redirection() {
        let target = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok());
        let target = target.and_then(|to| url.join(to).ok()).ok_or_else(elsewhere)?;
        answer = get(http, &target, hosts, &authorise).await?;
    }
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    let told = answer
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    Ok(FetchedMedia {
        mime_type: told.map(str::to_owned).or_else(|| media.mime_type.clone()),
        file_name: media.file_name.clone(),
        bytes: answer.body,
    })
}

async fn get(
    http: &reqwest::Client,
    url: &Url,
    hosts: &Hosts<'_>,
    authorise: &impl Fn(RequestBuilder) -> RequestBuilder,
) -> Result<Answer, SendError> {
    let request = http.get(url.clone());
    let request = if hosts.is_own(url) {
        authorise(request)
    } else if hosts.is_foreign(url) {
        request
    } else {
        return Err(elsewhere());
    };
    exchange_within(request, MAX_BYTES).await
}

fn elsewhere() -> SendError {
    SendError::give_up(
        "media_elsewhere",
        "The file isn't where the provider keeps files.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_requests_go_to_known_hosts_alone() {
        let base = Url::parse("http://127.0.0.1:9000").unwrap();
        let hosts = Hosts {
            own: &["api.twilio.com", ".example.org"],
            foreign: &[".twiliocdn.com"],
            base: &base,
        };
        let verdict = |url: &str| {
            let url = Url::parse(url).unwrap();
            (hosts.is_own(&url), hosts.is_foreign(&url))
        };
        for url in [
            "https://api.twilio.com/x",
            "https://a.example.org",
            "http://127.0.0.1:9000/x",
        ] {
            assert_eq!(verdict(url), (true, false), "{url}");
        }
        assert_eq!(verdict("https://media.twiliocdn.com/x"), (false, true));
        for url in [
            "http://api.twilio.com/x",
            "https://api.twilio.com:8443/x",
            "https://api.twilio.com.evil.net/x",
            "https://evilexample.org",
            "https://example.org",
            "https://api.twilio.com@evil.net/",
            "https://eviltwiliocdn.com",
            "http://127.0.0.1:9001",
            "https://127.0.0.1:9000",
            "http://169.254.169.254/",
        ] {
            assert_eq!(verdict(url), (false, false), "{url}");
        }
    }
}
