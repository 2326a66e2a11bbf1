//! Getting files: they lie at Vonage, and for Messenger at Meta, which wants no credentials of ours.

use switchboard_domain::{ChannelAccount, Media};

use super::account::{Credentials, DEFAULT_BASE_URL};
use crate::{
    FetchedMedia, SendError,
    files::{self, Hosts},
    settings,
};

const OWN_HOSTS: [&str; 2] = [".nexmo.com", ".vonage.com"];
const FILE_HOSTS: [&str; 2] = [".fbcdn.net", ".fbsbx.com"];

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
