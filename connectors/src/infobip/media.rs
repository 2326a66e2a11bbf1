//! Getting files: Infobip keeps WhatsApp's for a week, and asks for the API key.

use switchboard_domain::{ChannelAccount, Media};

use super::account::{self, DEFAULT_BASE_URL};
use crate::{
    FetchedMedia, SendError,
    files::{self, Hosts},
    settings,
};

const OWN_HOSTS: [&str; 1] = [".infobip.com"];

pub(super) async fn fetch(
    http: &reqwest::Client,
    account: &ChannelAccount,
    media: &Media,
) -> Result<FetchedMedia, SendError> {
    let token = settings::access_token(account)?;
    let base = settings::endpoint(&account.settings, DEFAULT_BASE_URL, &[])?;
    let hosts = Hosts {
        own: &OWN_HOSTS,
        foreign: &[],
        base: &base,
    };
    files::fetch(http, media, &hosts, account::authorise(account, token)).await
}
