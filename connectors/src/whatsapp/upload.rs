//! Handing a file to Meta: `POST /{version}/{phone number id}/media`. It keeps it for thirty days under an id.

use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use switchboard_domain::ChannelAccount;

use super::{account, codes::DICTIONARY, payload::Identifier};
use crate::{Outgoing, SendError, Upload, meta::graph};

#[derive(Deserialize)]
struct Uploaded {
    id: Identifier,
}

/// The message with its file by Meta's id.
pub(super) async fn uploaded(
    http: &reqwest::Client,
    account: &ChannelAccount,
    outgoing: &Outgoing,
    file: &Upload,
) -> Result<Outgoing, SendError> {
    let part = Part::stream(file.bytes.clone())
        .file_name(file.file_name.clone())
        .mime_str(&file.mime_type)
        .map_err(|_| {
            SendError::give_up(
                "invalid_message",
                "The type of the file can't be told to WhatsApp.",
            )
        })?;
    let form = Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", file.mime_type.clone())
        .part("file", part);
    let uploaded: Uploaded = graph::upload(http, account::media(account)?, form, &DICTIONARY).await?;
    let mut outgoing = outgoing.clone();
    for media in outgoing.content.files_mut() {
        media.id = Some(uploaded.id.0.clone());
    }
    Ok(outgoing)
}
