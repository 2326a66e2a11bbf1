//! Getting files: MessageBird keeps them, and asks for the access key.

use switchboard_domain::{ChannelAccount, Media};

use super::account;
use crate::{
    FetchedMedia, SendError,
    files::{self, Hosts},
    settings,
};

const OWN_HOSTS: [&str; 2] = [".messagebird.com", ".bird.com"];
/// Where a redirect may lead.
const FILE_HOSTS: [&str; 1] = ["messagebird-media.s3.eu-west-1.amazonaws.com"];

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let token = settings::access_token(account)?;
    let api = account::api(account)?;
    let base = settings::endpoint(&account.settings, api.base_url(), &[])?;
    let hosts = Hosts {
        own: &OWN_HOSTS,
        foreign: &FILE_HOSTS,
        base: &base,
    };
    files::fetch(http, media, &hosts, |request| account::authorise(request, token)).await
}
