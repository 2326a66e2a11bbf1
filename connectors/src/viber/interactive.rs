//! Keyboards and rich media, in Viber's own form (Viber REST API, "Keyboards", "Rich media message").

use serde_json::{Value, json};

use super::compose::{refuse, text_message};
use crate::SendError;

/// A keyboard has up to 24 rows of 6 columns; rich media up to 6 columns of 7 rows each.
const MAX_BUTTONS: usize = 144;
const RICH_MEDIA_VERSION: u32 = 7;

/// A keyboard goes below the text; rich media takes its place, and the text is for old apps.
pub(super) fn compose(text: &str, form: &Value) -> Result<Value, SendError> {
    // Given as what it is, or under the name it has in a message.
    let is = |kind: &str| form["Type"] == kind;
    let (rich_media, keyboard) = (form.get("rich_media"), form.get("keyboard"));
    let rich_media = rich_media.or_else(|| is("rich_media").then_some(form));
    let keyboard = keyboard.or_else(|| is("keyboard").then_some(form));
    let mut message = match (rich_media, keyboard) {
        (Some(rich_media), _) => {
            check(rich_media)?;
            json!({
                "type": "rich_media",
                "min_api_version": RICH_MEDIA_VERSION,
                "alt_text": text,
                "rich_media": with_type(rich_media, "rich_media"),
            })
        }
        (None, Some(_)) => text_message(text)?,
        (None, None) => return Err(refuse("An interactive message needs a keyboard or rich_media.")),
    };
    if let Some(keyboard) = keyboard {
        check(keyboard)?;
        message["keyboard"] = with_type(keyboard, "keyboard");
    }
    if let Some(version) = form.get("min_api_version").filter(|version| version.is_u64()) {
        message["min_api_version"] = version.clone();
    }
    Ok(message)
}

fn with_type(form: &Value, kind: &str) -> Value {
    let mut form = form.clone();
    form["Type"] = kind.into();
    form
}

fn check(form: &Value) -> Result<(), SendError> {
    let buttons = form["Buttons"].as_array().map_or(&[][..], Vec::as_slice);
    if !(1..=MAX_BUTTONS).contains(&buttons.len()) {
        return Err(refuse(format!(
            "Viber shows one to {MAX_BUTTONS} buttons, not {}.",
            buttons.len()
        )));
    }
    for button in buttons {
        // Without it the button would do nothing.
        if button["ActionBody"].as_str().is_none_or(str::is_empty) && button["ActionType"] != "none" {
            return Err(refuse("A button needs an ActionBody."));
        }
    }
    Ok(())
}
