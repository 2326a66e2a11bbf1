//! Files of ours in three steps: Slack names a place, takes the bytes there, then shares them in the channel
//! (Slack, "Working with files": `files.getUploadURLExternal`, `files.completeUploadExternal`).

use reqwest::Url;
use serde::Deserialize;
use serde_json::json;
use switchboard_domain::{ChannelAccount, Content};

use super::{
    account,
    compose::{Target, caption, refuse},
    send::{ask, read},
};
use crate::{
    Outgoing, Receipt, SendError, Upload,
    http_exchange::{exchange, not_the_message, unreadable, upload},
    lenient::Identifier,
};

/// Begins the id of a message that is a file of ours: sharing one, Slack tells the file's id and no message's.
const FILE_MESSAGE: &str = "file:";
/// Where Slack takes bytes, besides the account's own server. The URL itself is the permission.
const UPLOAD_HOST: &str = "files.slack.com";

#[derive(Deserialize)]
struct Place {
    ok: bool,
    upload_url: String,
    file_id: Identifier,
}

#[derive(Deserialize)]
struct Shared {
    ok: bool,
}

#[derive(Deserialize)]
struct Opened {
    channel: Direct,
}

#[derive(Deserialize)]
struct Direct {
    id: Identifier,
}

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
    file: &Upload,
) -> Result<Receipt, SendError> {
    let target = Target::of(outgoing)?;
    let words = match outgoing.content.files().first() {
        Some(media) => caption(media)?,
        None => None,
    };
    let channel = direct_channel(http, account, &target.channel).await?;
    let place = hand_over(http, account, file).await?;
    let mut body = json!({
        "files": [{ "id": place.file_id.0, "title": file.file_name }],
        "channel_id": channel,
    });
    if let Some(words) = words {
        body["initial_comment"] = words.into();
    }
    if let Some(root) = target.thread {
        body["thread_ts"] = root.into();
    }
    let shared: Shared = read(
        &ask(http, account, "files.completeUploadExternal", &body).await?,
        account,
    )?;
    if !shared.ok {
        return Err(unreadable());
    }
    Ok(Receipt {
        provider_message_id: format!("{FILE_MESSAGE}{}", place.file_id.0),
        contact_address: (channel != target.channel).then_some(channel),
    })
}

/// Files are shared in channels alone: for a person Slack opens the direct one.
async fn direct_channel(
    http: &reqwest::Client,
    account: &ChannelAccount,
    to: &str,
) -> Result<String, SendError> {
    if !to.starts_with(['U', 'W']) {
        return Ok(to.to_owned());
    }
    let answer = ask(http, account, "conversations.open", &json!({ "users": to })).await;
    let opened: Opened = read(&answer.map_err(not_the_message)?, account).map_err(not_the_message)?;
    Ok(opened.channel.id.0)
}

async fn hand_over(
    http: &reqwest::Client,
    account: &ChannelAccount,
    file: &Upload,
) -> Result<Place, SendError> {
    let mut endpoint = account::endpoint(account, "files.getUploadURLExternal")?;
    let own_origin = endpoint.url.origin();
    // The one method here that takes no JSON.
    endpoint
        .url
        .query_pairs_mut()
        .append_pair("filename", &file.file_name)
        .append_pair("length", &file.bytes.len().to_string());
    let request = http.get(endpoint.url).bearer_auth(endpoint.access_token.expose());
    let answer = exchange(request).await.map_err(not_the_message)?;
    let place: Place = read(&answer, account).map_err(not_the_message)?;
    let url = Url::parse(&place.upload_url).ok().filter(|url| {
        let at_slack = url.scheme() == "https" && url.host_str() == Some(UPLOAD_HOST);
        at_slack || url.origin() == own_origin
    });
    let url = url
        .filter(|_| place.ok)
        .ok_or_else(|| refuse("Slack named no place for the file."))?;
    let request = http
        .post(url)
        .header("content-type", "application/octet-stream")
        .body(file.bytes.clone());
    let taken = upload(request).await?;
    if !taken.status.is_success() {
        return Err(not_the_message(taken.error_by_status()));
    }
    Ok(place)
}

/// The id under which the hub knows a message that shares one file, and nothing else.
pub(super) fn shared_id(contents: &[Content]) -> Option<String> {
    let [content] = contents else { return None };
    let [file] = content.files() else { return None };
    Some(format!("{FILE_MESSAGE}{}", file.id.as_ref()?))
}
