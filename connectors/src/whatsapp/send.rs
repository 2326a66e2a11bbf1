//! Sending through the Cloud API.

use switchboard_domain::ChannelAccount;

use super::account;
use crate::{Outgoing, Receipt, SendError, http_exchange::exchange};

pub(super) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    _outgoing: &Outgoing,
) -> Result<Receipt, SendError> {
    let endpoint = account::endpoint(account)?;
    let request = http
        .post(endpoint.messages_url)
        .bearer_auth(endpoint.access_token.expose());
    let answer = exchange(request).await?;
    Err(if answer.status.is_success() && answer.body.is_empty() {
        answer.unreadable()
    } else {
        answer.error_by_status()
    })
}

pub(super) async fn mark_read(
    http: &reqwest::Client,
    account: &ChannelAccount,
    _provider_message_id: &str,
) -> Result<(), SendError> {
    let endpoint = account::endpoint(account)?;
    exchange(
        http.post(endpoint.messages_url)
            .bearer_auth(endpoint.access_token.expose()),
    )
    .await
    .map(drop)
}
