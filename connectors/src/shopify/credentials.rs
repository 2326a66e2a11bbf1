//! Asking the shop who it is (GraphQL Admin API).

use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_domain::ChannelAccount;

use super::account;
use crate::{
    SendDecision, SendError,
    http_exchange::{Answer, exchange, unreadable},
};

/// The shop's name, if the account has a token; without one there is nothing to check, since receiving needs none.
pub(super) async fn check(
    http: &reqwest::Client,
    account: &ChannelAccount,
) -> Result<Option<String>, SendError> {
    let Some(token) = account.secrets.access_token() else {
        return Err(account::unfit(
            "The channel has no access token. Orders are received without one.",
        ));
    };
    let request = http
        .post(account::graphql(&account.settings)?)
        .header("x-shopify-access-token", token.expose())
        .json(&json!({ "query": "{ shop { name } }" }));
    read(&exchange(request).await?)
}

#[derive(Deserialize)]
struct GraphQlError {
    #[serde(default)]
    extensions: Value,
}

/// GraphQL answers its errors with 200, and the code is among their extensions.
fn read(answer: &Answer) -> Result<Option<String>, SendError> {
    if answer.status == http::StatusCode::FORBIDDEN {
        return Err(refused("http_403"));
    }
    if !answer.status.is_success() {
        return Err(answer.error_by_status());
    }
    let body: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    let errors = Vec::<GraphQlError>::deserialize(&body["errors"]).unwrap_or_default();
    if let Some(error) = errors.first() {
        return Err(refusal(
            error.extensions["code"].as_str().unwrap_or("graphql"),
            answer,
        ));
    }
    match body["data"]["shop"]["name"].as_str() {
        Some(name) => Ok(Some(name.to_owned())),
        None => Err(unreadable()),
    }
}

fn refusal(code: &str, answer: &Answer) -> SendError {
    match code {
        "THROTTLED" => SendError::new(answer.retry_decision(), code, "Shopify asks us to slow down."),
        "INTERNAL_SERVER_ERROR" => {
            SendError::new(SendDecision::Retry, code, "Shopify has a fault of its own.")
        }
        "ACCESS_DENIED" | "SHOP_INACTIVE" => refused(code),
        _ => SendError::give_up(code, "Shopify refused the question and gave no reason we know."),
    }
}

fn refused(code: &str) -> SendError {
    SendError::give_up(
        code,
        "Shopify refused the channel's access token. It has to be renewed in the channel's settings.",
    )
    .with_token_rejected()
}
