//! Buttons, in Telegram's own form (`reply_markup`), checked here against Telegram's limits.

use serde_json::Value;

use super::compose::refuse;
use crate::SendError;

/// Bytes, not characters (Bot API, `InlineKeyboardButton`).
const MAX_CALLBACK_DATA: usize = 64;
const MAX_BUTTONS: usize = 100;

pub(super) fn check(form: &Value) -> Result<Value, SendError> {
    // Given with or without the name it has in the call.
    let markup = form.get("reply_markup").unwrap_or(form);
    let known = ["inline_keyboard", "keyboard", "remove_keyboard", "force_reply"];
    if !known.iter().any(|name| markup.get(name).is_some()) {
        return Err(refuse(
            "An interactive message needs an inline_keyboard or a keyboard.",
        ));
    }
    for name in ["inline_keyboard", "keyboard"] {
        if let Some(rows) = markup.get(name) {
            check_rows(rows, name == "inline_keyboard")?;
        }
    }
    Ok(markup.clone())
}

fn check_rows(rows: &Value, inline: bool) -> Result<(), SendError> {
    let rows = rows.as_array().map_or(&[][..], Vec::as_slice);
    let buttons: Vec<&Value> = rows.iter().filter_map(Value::as_array).flatten().collect();
    if !(1..=MAX_BUTTONS).contains(&buttons.len()) {
        return Err(refuse(format!(
            "Telegram shows one to {MAX_BUTTONS} buttons in rows, not {}.",
            buttons.len()
        )));
    }
    for button in buttons {
        // A plain keyboard's button may be nothing but its text.
        let text = button.as_str().filter(|_| !inline).or(button["text"].as_str());
        if text.is_none_or(str::is_empty) {
            return Err(refuse("The text of a button is missing."));
        }
        let data = button["callback_data"].as_str().unwrap_or_default();
        if data.len() > MAX_CALLBACK_DATA {
            return Err(refuse(format!(
                "A button's callback_data has {} bytes; Telegram takes {MAX_CALLBACK_DATA} at most.",
                data.len()
            )));
        }
    }
    Ok(())
}
