//! What is refused before the provider is asked, with a sentence that says why; and what no refusal may tell.

use switchboard_domain::{Media, Secret};

use crate::SendError;

/// Providers repeat what they refuse, credentials too, in their words as in their codes.
pub(crate) fn hide(secret: &Secret, mut error: SendError) -> SendError {
    for text in [&mut error.code, &mut error.message] {
        *text = text.replace(secret.expose(), "…");
    }
    error
}

pub(crate) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

/// For kinds of content the channel has no form for.
pub(crate) fn unsendable(provider: &str) -> SendError {
    refuse(format!("This kind of message can't be sent through {provider}."))
}

/// Words that say something and fit, counted in Unicode characters.
pub(crate) fn words<'a>(text: &'a str, max: usize, provider: &str) -> Result<&'a str, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    at_most(text, max, "The text", provider)?;
    Ok(text)
}

pub(crate) fn at_most(text: &str, max: usize, what: &str, provider: &str) -> Result<(), SendError> {
    let count = text.chars().count();
    if count > max {
        return Err(refuse(format!(
            "{what} has {count} characters; {provider} takes {max} at most."
        )));
    }
    Ok(())
}

/// The customer's address, trimmed.
pub(crate) fn address<'a>(to: &'a str, provider: &str) -> Result<&'a str, SendError> {
    let to = to.trim();
    if to.is_empty() {
        return Err(refuse(format!("The customer has no address at {provider}.")));
    }
    Ok(to)
}

/// The address of a file that the provider is to fetch.
pub(crate) fn file_address(media: &Media) -> Result<&str, SendError> {
    match media.url.as_deref() {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => Ok(url),
        Some(_) => Err(refuse(
            "The attachment's address has to start with https:// or http://.",
        )),
        None => Err(refuse("The attachment has no address to be fetched from.")),
    }
}

/// A place on earth.
pub(crate) fn place(latitude: f64, longitude: f64) -> Result<(), SendError> {
    if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
        Ok(())
    } else {
        Err(refuse("There is no such place: check latitude and longitude."))
    }
}
