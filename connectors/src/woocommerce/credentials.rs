//! Asking the shop whether it knows our keys (`WooCommerce` REST API, "Authentication over HTTPS", "Errors").

use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::account;
use crate::{
    SendError,
    http_exchange::{Answer, exchange, unreadable},
};

/// Reads one order's id, which needs exactly the right that orders need. The API has no name to tell.
pub(super) async fn check(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let mut endpoint = account::endpoint(account, "orders")?;
    endpoint.url.set_query(Some("per_page=1&_fields=id"));
    let request = http
        .get(endpoint.url)
        .basic_auth(endpoint.key.expose(), Some(endpoint.secret.expose()));
    let answer = exchange(request).await?;
    if !answer.status.is_success() {
        return Err(refusal(&answer));
    }
    // A page of the shop's theme also comes with a 200, if the REST API is off.
    match serde_json::from_slice::<Vec<serde_json::Value>>(&answer.body) {
        Ok(_) => Ok(None),
        Err(_) => Err(unreadable()),
    }
}

#[derive(Deserialize)]
struct RestError {
    code: String,
}

/// A key that may not read orders is refused with 403 and a code of `WooCommerce`'s own.
fn refusal(answer: &Answer) -> SendError {
    let by_status = answer.error_by_status();
    let Ok(RestError { code }) = serde_json::from_slice(&answer.body) else {
        return by_status;
    };
    match code.as_str() {
        "woocommerce_rest_authentication_error"
        | "woocommerce_rest_cannot_view"
        | "rest_forbidden"
        | "rest_cannot_view" => SendError::give_up(
            code,
            "WooCommerce refused the channel's consumer key. It has to be renewed in the channel's settings.",
        )
        .with_token_rejected(),
        "rest_no_route" => {
            SendError::give_up(code, "There is no WooCommerce REST API at the channel's address.")
        }
        _ => by_status,
    }
}
