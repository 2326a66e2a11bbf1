//! Buttons, lists and flows: the caller gives them in WhatsApp's own form, checked here against WhatsApp's limits.

use serde_json::{Value, json};

use super::compose::{at_most, refuse};
use crate::SendError;

const MAX_BODY_CHARS: usize = 1024;
const MAX_EDGE_CHARS: usize = 60;
const MAX_BUTTONS: usize = 3;
const MAX_BUTTON_CHARS: usize = 20;
const MAX_ROWS: usize = 10;
const MAX_ROW_TITLE_CHARS: usize = 24;
const MAX_ROW_DESCRIPTION_CHARS: usize = 72;
const MAX_REPLY_ID_CHARS: usize = 256;
const MAX_ROW_ID_CHARS: usize = 200;

/// `text` becomes the body unless the given form already has one.
pub(super) fn compose(text: &str, form: &Value) -> Result<Value, SendError> {
    let mut form = form.clone();
    let Some(kind) = form["type"].as_str().map(str::to_owned) else {
        return Err(refuse(
            "An interactive message needs a type: button, list, flow …",
        ));
    };
    if form["body"]["text"].as_str().is_none_or(str::is_empty) && !text.is_empty() {
        form["body"] = json!({ "text": text });
    }
    let body = form["body"]["text"].as_str().unwrap_or_default();
    // Alone among the kinds, a single product may do without.
    if body.trim().is_empty() && kind != "product" {
        return Err(refuse("An interactive message needs a text."));
    }
    at_most(body, MAX_BODY_CHARS, "The text of an interactive message")?;
    for (edge, what) in [("header", "The header"), ("footer", "The footer")] {
        at_most(
            form[edge]["text"].as_str().unwrap_or_default(),
            MAX_EDGE_CHARS,
            what,
        )?;
    }
    match kind.as_str() {
        "button" => check_buttons(&form["action"])?,
        "list" => check_list(&form["action"])?,
        _ => {}
    }
    Ok(form)
}

fn check_buttons(action: &Value) -> Result<(), SendError> {
    let buttons = list(action, "buttons");
    if !(1..=MAX_BUTTONS).contains(&buttons.len()) {
        return Err(refuse(format!(
            "WhatsApp shows one to {MAX_BUTTONS} buttons, not {}.",
            buttons.len()
        )));
    }
    let ids = buttons.iter().map(|button| &button["reply"]["id"]);
    check_ids(ids, MAX_REPLY_ID_CHARS)?;
    for button in buttons {
        required(
            &button["reply"]["title"],
            MAX_BUTTON_CHARS,
            "The text of a button",
        )?;
    }
    Ok(())
}

fn check_list(action: &Value) -> Result<(), SendError> {
    required(
        &action["button"],
        MAX_BUTTON_CHARS,
        "The button that opens the list",
    )?;
    let sections = list(action, "sections");
    let rows: Vec<&Value> = sections
        .iter()
        .flat_map(|section| list(section, "rows"))
        .collect();
    if !(1..=MAX_ROWS).contains(&rows.len()) {
        return Err(refuse(format!(
            "WhatsApp shows one to {MAX_ROWS} rows, not {}.",
            rows.len()
        )));
    }
    check_ids(rows.iter().map(|row| &row["id"]), MAX_ROW_ID_CHARS)?;
    for row in rows {
        required(&row["title"], MAX_ROW_TITLE_CHARS, "The title of a row")?;
        let description = row["description"].as_str().unwrap_or_default();
        at_most(description, MAX_ROW_DESCRIPTION_CHARS, "The description of a row")?;
    }
    for section in sections {
        let title = &section["title"];
        if sections.len() > 1 {
            required(title, MAX_ROW_TITLE_CHARS, "The title of a section")?;
        } else {
            at_most(
                title.as_str().unwrap_or_default(),
                MAX_ROW_TITLE_CHARS,
                "The title of a section",
            )?;
        }
    }
    Ok(())
}

/// The id comes back when the customer chooses, so two of the same couldn't be told apart.
fn check_ids<'a>(ids: impl Iterator<Item = &'a Value>, max: usize) -> Result<(), SendError> {
    let mut seen = Vec::new();
    for id in ids {
        required(id, max, "The id of a choice")?;
        if seen.contains(&id) {
            return Err(refuse("Two choices have the same id."));
        }
        seen.push(id);
    }
    Ok(())
}

fn required(text: &Value, max: usize, what: &str) -> Result<(), SendError> {
    match text.as_str() {
        Some(text) if !text.is_empty() => at_most(text, max, what),
        _ => Err(refuse(format!("{what} is missing."))),
    }
}

fn list<'v>(object: &'v Value, name: &str) -> &'v [Value] {
    object[name].as_array().map_or(&[], Vec::as_slice)
}
