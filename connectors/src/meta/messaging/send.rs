//! Sending: `POST /{version}/{account}/messages`.

use serde::Deserialize;
use switchboard_domain::{ChannelAccount, Content};

use super::{Dialect, compose::compose};
use crate::{
    Outgoing, Receipt, SendDecision, SendError,
    lenient::{Identifier, Maybe, Text, not_empty},
    meta::graph::{self, is_path_segment, unfit},
};

#[derive(Deserialize)]
struct SendAnswer {
    #[serde(default)]
    recipient_id: Maybe<Identifier>,
    #[serde(default)]
    message_id: Maybe<Identifier>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    name: Maybe<Text>,
    #[serde(default)]
    username: Maybe<Text>,
    /// That there is one tells an answer of the Graph API from anybody else's.
    #[serde(rename = "id")]
    _id: Identifier,
}

pub(crate) async fn send(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
    dialect: &Dialect,
) -> Result<Receipt, SendError> {
    let message = compose(outgoing, dialect)?;
    let endpoint = graph::endpoint(account, dialect.base_url, &[sender(account)?, "messages"])?;
    let answer: SendAnswer = graph::post(http, endpoint, &message, dialect.dictionary).await?;
    let recipient = answer.recipient_id.0.map(|id| id.0);
    Ok(Receipt {
        provider_message_id: message_id(answer.message_id, recipient.as_deref(), outgoing, dialect)?,
        contact_address: recipient.filter(|id| id != outgoing.to.trim()),
    })
}

/// An action, such as a reaction, is answered without a message's id.
fn message_id(
    given: Maybe<Identifier>,
    recipient: Option<&str>,
    outgoing: &Outgoing,
    dialect: &Dialect,
) -> Result<String, SendError> {
    let is_action = matches!(outgoing.content, Content::Reaction { .. });
    match given.0 {
        Some(id) => Ok(id.0),
        None if is_action && recipient.is_some() => Ok(format!("reaction:{}", outgoing.message_id.as_str())),
        None => Err(SendError::new(
            SendDecision::Uncertain,
            "no_message_id",
            format!(
                "{} took the message and gave it no id. The customer may or may not have it.",
                dialect.name
            ),
        )),
    }
}

/// The account, or whichever the access token is for.
fn sender(account: &ChannelAccount) -> Result<&str, SendError> {
    let id = account.settings.provider_account_id.as_deref().unwrap_or("me");
    if is_path_segment(id) {
        Ok(id)
    } else {
        Err(unfit("The channel's provider_account_id is not valid."))
    }
}

/// The name that Meta knows the account by.
pub(crate) async fn check_credentials(
    http: &reqwest::Client,
    account: &ChannelAccount,
    dialect: &Dialect,
) -> Result<Option<String>, SendError> {
    let mut endpoint = graph::endpoint(account, dialect.base_url, &["me"])?;
    endpoint.url.set_query(Some("fields=id,name,username"));
    let node: Node = graph::get(http, endpoint, dialect.dictionary).await?;
    Ok(not_empty(node.name).or_else(|| not_empty(node.username)))
}
