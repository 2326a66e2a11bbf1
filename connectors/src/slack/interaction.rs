//! Commands, buttons, menus, shortcuts and forms: all are something that a customer chose or typed.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use switchboard_domain::{Content, Timestamp};

use super::{
    form::Form,
    normalise::{Found, unsupported},
    payload::{message_id, provider_at},
};
use crate::{
    Event, InboundMessage, Sender,
    lenient::{Identifier, List, Maybe, Text, members, not_empty, object, read},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Interaction<'a> {
    user: Maybe<User>,
    team: Maybe<Place>,
    channel: Maybe<Place>,
    container: Maybe<Container>,
    message: Maybe<Quoted>,
    message_ts: Maybe<Identifier>,
    #[serde(borrow)]
    actions: List<'a>,
    action_ts: Maybe<Identifier>,
    trigger_id: Maybe<Identifier>,
    callback_id: Maybe<Text>,
    view: Maybe<Value>,
    #[serde(borrow)]
    submission: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    id: Maybe<Identifier>,
    name: Maybe<Text>,
    username: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Place {
    id: Maybe<Identifier>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Container {
    channel_id: Maybe<Identifier>,
    message_ts: Maybe<Identifier>,
    thread_ts: Maybe<Identifier>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Quoted {
    text: Maybe<Text>,
    ts: Maybe<Identifier>,
    thread_ts: Maybe<Identifier>,
}

/// `None`: a kind that we don't know, or nobody did it.
pub(super) fn interaction(kind: &str, raw: &RawValue, received_at: Timestamp) -> Option<Found> {
    let known: Interaction<'_> = object(raw)?;
    let view = known.view.0.as_ref();
    let events = match kind {
        "block_actions" | "interactive_message" => known.actions(raw, received_at)?,
        "view_submission" if view.is_some_and(|view| view["type"] != "workflow_step") => {
            let view = view?;
            let answers = filled_in(view);
            let text = if answers.is_empty() {
                words(&view["title"]["text"])?
            } else {
                answers
            };
            vec![known.choice(known.id(None)?, text, words(&view["callback_id"]), received_at)?]
        }
        "dialog_submission" => {
            let answers: Vec<String> = members(known.submission?)
                .into_iter()
                .filter_map(|(_, answer)| words(&read(answer)?))
                .collect();
            let callback = known.callback_id.0.as_ref().map(|id| id.0.clone());
            vec![known.choice(known.id(None)?, answers.join("\n"), callback, received_at)?]
        }
        "shortcut" | "message_action" => {
            let callback = known.callback_id.0.as_ref()?.0.clone();
            let on = known
                .message
                .0
                .as_ref()
                .and_then(|message| message.text.0.as_ref());
            let text = on.map_or_else(|| callback.clone(), |text| super::text::plain(&text.0));
            vec![known.choice(known.id(None)?, text, Some(callback), received_at)?]
        }
        _ => return None,
    };
    let installed = view.and_then(|view| words(&view["app_installed_team_id"]));
    let team = known.team.0.as_ref().and_then(|team| id(&team.id));
    Some(Found {
        workspace: installed.or(team),
        events,
    })
}

impl Interaction<'_> {
    /// One event for each action, in their order.
    fn actions(&self, whole: &RawValue, received_at: Timestamp) -> Option<Vec<Event>> {
        let List::Items(items) = &self.actions else {
            return None;
        };
        let event = |item: &&RawValue| {
            let chosen = || {
                let action: Value = read(item)?;
                let (text, payload) = chosen(&action)?;
                self.choice(self.id(Some(&action))?, text, payload, received_at)
            };
            chosen().unwrap_or_else(|| unsupported("action", whole.get()))
        };
        let events: Vec<Event> = items.iter().map(event).collect();
        (!events.is_empty()).then_some(events)
    }

    fn choice(
        &self,
        provider_message_id: String,
        text: String,
        payload: Option<String>,
        received_at: Timestamp,
    ) -> Option<Event> {
        let action_ts = self.action_ts.0.clone().or_else(|| self.first_action_ts());
        let channel = self.channel_id();
        Some(Event::Message(InboundMessage {
            provider_message_id,
            sender: self.sender(channel.as_deref())?,
            content: Content::Choice { text, payload },
            provider_at: provider_at(action_ts.as_ref(), received_at),
            reply_to: channel
                .as_deref()
                .zip(self.message_ts())
                .map(|(channel, ts)| message_id(channel, &ts)),
            group_id: channel.filter(|channel| !channel.starts_with('D')),
            forwarded: false,
            referral: None,
        }))
    }

    /// Slack gives interactions no id, but each its time to the microsecond or a trigger of its own.
    fn id(&self, action: Option<&Value>) -> Option<String> {
        let place = self.channel_id().or_else(|| id(&self.user.0.as_ref()?.id))?;
        let stamped = |ts: String, name: Option<String>| match name {
            Some(name) => format!("{place}:{ts}:{name}"),
            None => format!("{place}:{ts}"),
        };
        let Some(action) = action else {
            let ts = id(&self.action_ts).map(|ts| stamped(ts, None));
            return id(&self.trigger_id).or(ts);
        };
        let ts = words(&action["action_ts"]).or_else(|| id(&self.action_ts));
        let name = words(&action["action_id"]).or_else(|| words(&action["name"]));
        ts.map(|ts| stamped(ts, name)).or_else(|| id(&self.trigger_id))
    }

    fn first_action_ts(&self) -> Option<Identifier> {
        let List::Items(items) = &self.actions else {
            return None;
        };
        let action: Value = read(items.first()?)?;
        words(&action["action_ts"]).map(Identifier)
    }

    fn channel_id(&self) -> Option<String> {
        let container = || id(&self.container.0.as_ref()?.channel_id);
        self.channel
            .0
            .as_ref()
            .and_then(|channel| id(&channel.id))
            .or_else(container)
    }

    fn message_ts(&self) -> Option<String> {
        let container = || id(&self.container.0.as_ref()?.message_ts);
        let message = || id(&self.message.0.as_ref()?.ts);
        id(&self.message_ts).or_else(container).or_else(message)
    }

    fn sender(&self, channel: Option<&str>) -> Option<Sender> {
        let user = self.user.0.as_ref()?;
        let in_container = || id(&self.container.0.as_ref()?.thread_ts);
        let thread = self
            .message
            .0
            .as_ref()
            .and_then(|message| id(&message.thread_ts))
            .or_else(in_container);
        let name = [&user.name, &user.username]
            .into_iter()
            .find_map(|name| not_empty(name.clone()));
        Some(answered_in(
            id(&user.id)?,
            name,
            channel,
            thread.or_else(|| self.message_ts()),
        ))
    }
}

/// In a channel the answer goes below the message it is about. A direct channel may be one between two customers, where
/// our bot can't write: the answer goes to the person.
fn answered_in(
    external_id: String,
    name: Option<String>,
    channel: Option<&str>,
    root: Option<String>,
) -> Sender {
    let open = channel.filter(|channel| !channel.starts_with('D'));
    let address = open.map(|channel| match root {
        Some(root) => message_id(channel, &root),
        None => channel.to_owned(),
    });
    Sender {
        external_id,
        aliases: Vec::new(),
        name,
        address,
    }
}

/// What was chosen or typed in one element: what the customer saw, and what stands for it.
fn chosen(action: &Value) -> Option<(String, Option<String>)> {
    let name = words(&action["action_id"]).or_else(|| words(&action["name"]));
    let options: Vec<&Value> = match (&action["selected_option"], &action["selected_options"]) {
        (Value::Object(_), _) => vec![&action["selected_option"]],
        (_, Value::Array(options)) => options.iter().collect(),
        _ => Vec::new(),
    };
    if !options.is_empty() {
        let value = |option: &&Value| words(&option["value"]);
        let label = |option: &&Value| {
            words(&option["text"]["text"])
                .or_else(|| words(&option["text"]))
                .or_else(|| value(option))
        };
        let values: Vec<String> = options.iter().filter_map(value).collect();
        let labels: Vec<String> = options.iter().filter_map(label).collect();
        return Some((labels.join(", "), (!values.is_empty()).then(|| values.join(","))));
    }
    let picked = action.as_object()?.iter().find_map(|(key, value)| {
        let values = key.starts_with("selected_").then(|| picked(value)).flatten()?;
        (!values.is_empty()).then(|| (values.join(", "), Some(values.join(","))))
    });
    let typed = words(&action["value"]);
    let label = words(&action["text"]["text"]).or_else(|| words(&action["text"]));
    picked.or(match (label, typed) {
        (Some(label), value) => Some((label, value.or(name))),
        (None, Some(typed)) if action["type"] == "button" => Some((typed.clone(), Some(typed))),
        (None, Some(typed)) => Some((typed, name)),
        (None, None) => name.map(|name| (String::new(), Some(name))),
    })
}

/// A date, a time, one or more people or channels.
fn picked(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => Some(items.iter().filter_map(words).collect()),
        Value::Null | Value::Object(_) => None,
        value => words(value).map(|value| vec![value]),
    }
}

/// The answers of a form in the order of its blocks, one a line.
fn filled_in(view: &Value) -> String {
    let blocks = view["blocks"].as_array().into_iter().flatten();
    let values = &view["state"]["values"];
    let answers = blocks
        .filter_map(|block| values[block["block_id"].as_str()?].as_object())
        .flat_map(serde_json::Map::values);
    let texts: Vec<String> = answers
        .filter_map(|answer| Some(chosen(answer)?.0))
        .filter(|text| !text.is_empty())
        .collect();
    texts.join("\n")
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn id(found: &Maybe<Identifier>) -> Option<String> {
    found.0.as_ref().map(|id| id.0.clone())
}

/// A slash command, as the customer typed it.
pub(super) fn command(form: &Form, received_at: Timestamp) -> Option<Found> {
    let command = form.filled("command")?;
    let text = match form.filled("text") {
        Some(text) => format!("{command} {}", super::text::plain(&text)),
        None => command,
    };
    let channel = form.filled("channel_id");
    let sender = answered_in(
        form.filled("user_id")?,
        form.filled("user_name"),
        channel.as_deref(),
        None,
    );
    Some(Found {
        workspace: form.filled("team_id"),
        events: vec![Event::Message(InboundMessage {
            provider_message_id: form.filled("trigger_id")?,
            sender,
            content: Content::Text { text },
            provider_at: received_at,
            reply_to: None,
            group_id: channel.filter(|channel| !channel.starts_with('D')),
            forwarded: false,
            referral: None,
        })],
    })
}
