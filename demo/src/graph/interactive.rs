//! The checks of interactive messages: buttons, lists and their texts.

use std::collections::HashSet;

use serde_json::Value;

use super::validate::{Checked, check_text, invalid, required, text_at, too_long};

const BODY: usize = 1024;
const HEADER: usize = 60;
const FOOTER: usize = 60;
const BUTTONS: usize = 3;
const BUTTON_TITLE: usize = 20;
const ROWS: usize = 10;
const ROW_TITLE: usize = 24;
const ROW_DESCRIPTION: usize = 72;
const ROW_ID: usize = 200;

pub(super) fn check_interactive(object: &Value) -> Checked {
    let kind = text_at(object, "type").ok_or_else(|| required("interactive['type']"))?;
    check_text(&object["body"], "text", "interactive['body']['text']", BODY)?;
    at_most(&object["header"]["text"], "interactive['header']['text']", HEADER)?;
    at_most(&object["footer"]["text"], "interactive['footer']['text']", FOOTER)?;
    let action = &object["action"];
    match kind {
        "button" => check_buttons(action),
        "list" => check_list(action),
        "cta_url" | "flow" | "location_request_message" | "product" | "product_list" | "address_message" => {
            Ok(())
        }
        other => Err(invalid(format!(
            "Param interactive['type'] is not one of the known types: {other:?}"
        ))),
    }
}

fn check_buttons(action: &Value) -> Checked {
    let buttons = action["buttons"]
        .as_array()
        .ok_or_else(|| required("interactive['action']['buttons']"))?;
    if buttons.is_empty() || buttons.len() > BUTTONS {
        return Err(invalid(format!(
            "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {BUTTONS}"
        )));
    }
    let mut seen = HashSet::new();
    for button in buttons {
        let reply = &button["reply"];
        let id = text_at(reply, "id").ok_or_else(|| required("button['reply']['id']"))?;
        check_text(reply, "title", "button['reply']['title']", BUTTON_TITLE)?;
        if !seen.insert(id) {
            return Err(invalid(format!("Duplicated button id {id:?}")));
        }
    }
    Ok(())
}

fn check_list(action: &Value) -> Checked {
    check_text(action, "button", "interactive['action']['button']", BUTTON_TITLE)?;
    let sections = action["sections"]
        .as_array()
        .ok_or_else(|| required("interactive['action']['sections']"))?;
    let rows: Vec<&Value> = sections
        .iter()
        .filter_map(|section| section["rows"].as_array())
        .flatten()
        .collect();
    if rows.is_empty() || rows.len() > ROWS {
        return Err(invalid(format!(
            "Total row count exceed max allowed count: {ROWS}"
        )));
    }
    let mut seen = HashSet::new();
    for row in rows {
        check_text(row, "id", "row['id']", ROW_ID)?;
        check_text(row, "title", "row['title']", ROW_TITLE)?;
        at_most(&row["description"], "row['description']", ROW_DESCRIPTION)?;
        if !seen.insert(row["id"].as_str()) {
            return Err(invalid("Duplicated row id".to_owned()));
        }
    }
    Ok(())
}

fn at_most(text: &Value, shown: &str, limit: usize) -> Checked {
    match text.as_str() {
        Some(text) if text.chars().count() > limit => Err(too_long(shown, limit)),
        _ => Ok(()),
    }
}
