//! Calls of the Graph API: where they go, as whom, and what the answers mean.

use reqwest::{RequestBuilder, Url, multipart::Form};
use serde::Deserialize;
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use super::error::{Dictionary, GraphError};
use crate::{
    FieldError, SendError,
    http_exchange::{self, Answer, exchange, not_the_message, unreadable},
};

const DEFAULT_VERSION: &str = "v23.0";

/// A node of the Graph API, and as whom to ask for it.
#[derive(Debug)]
pub(crate) struct Endpoint<'a> {
    pub url: Url,
    pub access_token: &'a Secret,
}

/// `/{version}/` and `path` at the account's server, else at `default_base_url`. An error is not sendable with this
/// account, said before Meta is asked.
pub(crate) fn endpoint<'a>(
    account: &'a ChannelAccount,
    default_base_url: &str,
    path: &[&str],
) -> Result<Endpoint<'a>, SendError> {
    let settings = &account.settings;
    let access_token = account
        .secrets
        .access_token()
        .ok_or_else(|| unfit("The channel has no access token, so it can't send."))?;
    let version = version(settings).ok_or_else(|| unfit("The channel's graph_version is not valid."))?;
    let mut url = base_url(settings, default_base_url)
        .ok_or_else(|| unfit("The channel's api_base_url is not a valid URL."))?;
    url.path_segments_mut()
        .map_err(|()| unfit("The channel's api_base_url is not a valid URL."))?
        .pop_if_empty()
        .push(version)
        .extend(path);
    Ok(Endpoint { url, access_token })
}

pub(crate) fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

pub(crate) fn base_url(settings: &AccountSettings, default: &str) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(default)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// `v` and a number, as `v23.0`; it becomes part of the URL.
fn version(settings: &AccountSettings) -> Option<&str> {
    let version = match settings.other.get("graph_version") {
        None | Some(Value::Null) => DEFAULT_VERSION,
        Some(version) => version.as_str()?,
    };
    let (major, minor) = version.strip_prefix('v')?.split_once('.')?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (number(major) && number(minor)).then_some(version)
}

pub(crate) fn is_path_segment(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=128).contains(&id.len()) && id.bytes().all(allowed)
}

/// What every account of Meta's needs; `id_form` says how the provider's id of the account looks.
pub(crate) fn check(
    settings: &AccountSettings,
    secrets: &AccountSecrets,
    id_form: &str,
) -> Result<(), Vec<FieldError>> {
    let id = settings.provider_account_id.as_deref();
    // Any valid URL serves as the default: only what is set can be wrong.
    let url = base_url(settings, "https://graph.facebook.com");
    let checks = [
        (
            secrets.signing_secret().is_some(),
            "secrets.signing_secret",
            "The Meta app's secret is required: without it nothing could be received.",
        ),
        (
            id.is_none_or(is_path_segment),
            "settings.provider_account_id",
            id_form,
        ),
        (
            url.is_some(),
            "settings.api_base_url",
            "An http or https URL is needed.",
        ),
        (
            version(settings).is_some(),
            "settings.graph_version",
            "A version of the Graph API looks like v23.0.",
        ),
    ];
    let faults = checks.into_iter().filter(|(is_good, ..)| !is_good);
    let errors: Vec<FieldError> = faults
        .map(|(_, field, message)| FieldError::new(field, message))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

pub(crate) async fn post<T: for<'de> Deserialize<'de>>(
    http: &reqwest::Client,
    endpoint: Endpoint<'_>,
    body: &Value,
    dictionary: &Dictionary,
) -> Result<T, SendError> {
    ask(
        http.post(endpoint.url).json(body),
        endpoint.access_token,
        dictionary,
    )
    .await
}

/// Hands a file over. The message that will name it isn't sent yet, whatever happens.
pub(crate) async fn upload<T: for<'de> Deserialize<'de>>(
    http: &reqwest::Client,
    endpoint: Endpoint<'_>,
    form: Form,
    dictionary: &Dictionary,
) -> Result<T, SendError> {
    let token = endpoint.access_token;
    let request = http
        .post(endpoint.url)
        .bearer_auth(token.expose())
        .multipart(form);
    let answer = http_exchange::upload(request).await?;
    read(&answer, token, dictionary).map_err(not_the_message)
}

pub(crate) async fn get<T: for<'de> Deserialize<'de>>(
    http: &reqwest::Client,
    endpoint: Endpoint<'_>,
    dictionary: &Dictionary,
) -> Result<T, SendError> {
    ask(http.get(endpoint.url), endpoint.access_token, dictionary).await
}

async fn ask<T: for<'de> Deserialize<'de>>(
    request: RequestBuilder,
    token: &Secret,
    dictionary: &Dictionary,
) -> Result<T, SendError> {
    let answer = exchange(request.bearer_auth(token.expose())).await?;
    read(&answer, token, dictionary)
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: GraphError,
}

/// Meta answers some refusals with 200, so an error object counts whatever the status is.
fn read<T: for<'de> Deserialize<'de>>(
    answer: &Answer,
    token: &Secret,
    dictionary: &Dictionary,
) -> Result<T, SendError> {
    if let Ok(refusal) = serde_json::from_slice::<ErrorAnswer>(&answer.body) {
        return Err(refusal.error.to_send_error(answer, token, dictionary));
    }
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    serde_json::from_slice(&answer.body).map_err(|_| unreadable())
}
