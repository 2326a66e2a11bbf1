//! Getting files: `MediaUrl{n}` asks for our credentials and leads on to where the bytes are.

use switchboard_domain::{ChannelAccount, Media};

use super::account::{Credentials, DEFAULT_BASE_URL};
use crate::{
    FetchedMedia, SendError,
    files::{self, Hosts},
    settings,
};

/// The credentials go to these alone: a `MediaUrl` may name any host.
const OWN_HOSTS: [&str; 2] = ["api.twilio.com", ".twilio.com"];
const FILE_HOSTS: [&str; 2] = [".twiliocdn.com", "s3-external-1.amazonaws.com"];

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let credentials = Credentials::of(account)?;
    let base = settings::endpoint(&account.settings, DEFAULT_BASE_URL, &[])?;
    let hosts = Hosts {
        own: &OWN_HOSTS,
        foreign: &FILE_HOSTS,
        base: &base,
    };
    files::fetch(http, media, &hosts, |request| credentials.authorise(request)).await
}
