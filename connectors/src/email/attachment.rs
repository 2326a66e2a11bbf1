//! Files that came inside a webhook: nobody can ask the provider for them again, the stored request has them.

use base64::{Engine, engine::general_purpose::STANDARD};
use switchboard_domain::Media;

use super::{
    form::{Field, Form},
    mime, tree,
};
use crate::{FetchedMedia, SendError, StoredRequest, Verified};

/// Fields in which a form carries a whole letter: `SendGrid`'s, and Mailgun's.
pub(crate) const RAW_FIELDS: [&str; 2] = ["email", "body-mime"];

const PREFIX: &str = "attachment-";

/// The `id` of a [`Media`] that is in the request.
pub(crate) fn id(nth: usize) -> String {
    format!("{PREFIX}{nth}")
}

/// Which attachment of its request a [`Media`] is; `None`: it is elsewhere.
pub fn number(media: &Media) -> Option<usize> {
    media.id.as_deref()?.strip_prefix(PREFIX)?.parse().ok()
}

/// The `nth` attachment of a letter, counted from 0 as in `Email::attachments`, out of the webhook that brought it.
pub fn attachment(request: &StoredRequest, nth: usize) -> Option<FetchedMedia> {
    let request = Verified::restore(request.clone());
    if let Some(form) = Form::of(&request) {
        return match raw(&form) {
            Some(raw) => mime::attachment(raw, nth),
            None => form.files().nth(nth).map(fetched),
        };
    }
    let letter = tree::read(request.body())?;
    match tree::items(&letter, "Attachments") {
        [] => mime::attachment(tree::text(&letter, "RawEmail")?.as_bytes(), nth),
        attachments => {
            let one = attachments.get(nth)?;
            Some(FetchedMedia {
                bytes: STANDARD
                    .decode(tree::text(one, "Content").unwrap_or_default())
                    .ok()?
                    .into(),
                mime_type: tree::text(one, "ContentType").map(str::to_owned),
                file_name: tree::text(one, "Name").map(str::to_owned),
            })
        }
    }
}

pub(crate) fn raw<'a>(form: &'a Form<'_>) -> Option<&'a [u8]> {
    let fields = RAW_FIELDS.iter().filter_map(|name| form.bytes(name));
    fields.into_iter().find(|raw| !raw.is_empty())
}

/// The files of a form, in their order.
pub(crate) fn of_form(form: &Form<'_>) -> Vec<Media> {
    let media = |(nth, field): (usize, &Field<'_>)| Media {
        id: Some(id(nth)),
        mime_type: field.content_type.clone(),
        file_name: field.file_name.clone(),
        ..Media::default()
    };
    form.files().enumerate().map(media).collect()
}

fn fetched(field: &Field<'_>) -> FetchedMedia {
    FetchedMedia {
        bytes: field.value.to_vec().into(),
        mime_type: field.content_type.clone(),
        file_name: field.file_name.clone(),
    }
}

/// Why no provider is asked for a file.
pub(crate) fn not_at_provider(media: &Media) -> SendError {
    if number(media).is_some() {
        let message = "The file came with the letter: it has to be taken out of the stored webhook.";
        SendError::give_up("media_in_webhook", message)
    } else {
        SendError::give_up(
            "media_elsewhere",
            "The file isn't where the provider keeps files.",
        )
    }
}
