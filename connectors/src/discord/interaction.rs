//! Interactions: commands, buttons, menus and forms (Discord, "Receiving and Responding").

use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use switchboard_domain::{Content, Timestamp};

use super::{
    content::file,
    dispatch::sender,
    normalise::unsupported,
    payload::{Member, User, id, name, provider_at},
};
use crate::{
    Event, InboundMessage,
    lenient::{Identifier, Maybe, member, members, object},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Interaction<'a> {
    id: Maybe<Identifier>,
    #[serde(rename = "type")]
    kind: Maybe<u64>,
    channel_id: Maybe<Identifier>,
    guild_id: Maybe<Identifier>,
    context: Maybe<u64>,
    member: Maybe<Member>,
    user: Maybe<User>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    message: Maybe<Value>,
}

/// Of an option: a file.
const ATTACHMENT: u64 = 11;
/// Of a context: between the customer and our bot. Other private channels are between customers.
const BOT_DM: u64 = 1;

pub(super) fn events(raw: &RawValue, received_at: Timestamp) -> Vec<Event> {
    let known = object::<Interaction<'_>>(raw);
    let kind = known.as_ref().and_then(|known| known.kind.0);
    let found = known.and_then(|known| {
        let data: Value = object(known.data?)?;
        match kind? {
            2 => known.messages(command(&data, known.data?), target(&data).as_deref(), received_at),
            3 => known.messages(
                vec![component(&data, known.message.0.as_ref())?],
                known.message_id().as_deref(),
                received_at,
            ),
            5 => known.messages(vec![form(&data)?], known.message_id().as_deref(), received_at),
            _ => None,
        }
    });
    found.unwrap_or_else(|| {
        let name = match kind {
            Some(1) => "ping",
            Some(2) => "command",
            Some(3) => "component",
            Some(4) => "autocomplete",
            Some(5) => "modal",
            _ => "unknown",
        };
        vec![unsupported(&format!("interaction.{name}"), raw.get())]
    })
}

impl Interaction<'_> {
    fn messages(
        &self,
        contents: Vec<Content>,
        reply_to: Option<&str>,
        received_at: Timestamp,
    ) -> Option<Vec<Event>> {
        let interaction_id = id(&self.id)?;
        let member = self.member.0.as_ref();
        let user = self.user.0.as_ref().or_else(|| member?.user.0.as_ref())?;
        let user_id = id(&user.id)?;
        let channel = id(&self.channel_id).unwrap_or(user_id);
        let sender = sender(
            user_id,
            channel,
            self.context.0 == Some(BOT_DM),
            name(user, member.map(|member| &member.nick)),
        );
        let write = |(nth, content)| {
            Event::Message(InboundMessage {
                provider_message_id: match nth {
                    0 => interaction_id.to_owned(),
                    nth => format!("{interaction_id}#{nth}"),
                },
                sender: sender.clone(),
                content,
                provider_at: provider_at(None, Some(interaction_id), received_at),
                reply_to: reply_to.map(str::to_owned),
                group_id: (self.guild_id.0.is_some() || member.is_some()).then(|| channel.to_owned()),
                forwarded: false,
                referral: None,
            })
        };
        Some(contents.into_iter().enumerate().map(write).collect())
    }

    fn message_id(&self) -> Option<String> {
        words(&self.message.0.as_ref()?["id"])
    }
}

/// The command as it was typed, and the files given along. With one option its value says enough.
fn command(data: &Value, raw: &RawValue) -> Vec<Content> {
    let mut name = format!("/{}", words(&data["name"]).unwrap_or_default());
    if data["type"] == 2 || data["type"] == 3 {
        // Of a person's or a message's menu.
        name.remove(0);
    }
    let mut options = &data["options"];
    // A subcommand, maybe in a group: its own options are one level deeper.
    while let Some(sub) = options[0]
        .as_object()
        .filter(|sub| sub.get("type").is_some_and(|kind| *kind == 1 || *kind == 2))
    {
        name = format!("{name} {}", sub.get("name").and_then(words).unwrap_or_default());
        options = sub.get("options").unwrap_or(&Value::Null);
    }
    let options: Vec<&Value> = options.as_array().into_iter().flatten().collect();
    let typed: Vec<(String, String)> = options
        .iter()
        .filter(|option| option["type"] != ATTACHMENT)
        .filter_map(|option| Some((words(&option["name"])?, words(&option["value"])?)))
        .collect();
    let text = match &typed[..] {
        [] => name,
        [(_, value)] => format!("{name} {value}"),
        several => several
            .iter()
            .fold(name, |text, (name, value)| format!("{text} {name}: {value}")),
    };
    let mut contents = vec![Content::Text { text }];
    let files = member(raw, "resolved").and_then(|resolved| member(resolved, "attachments"));
    let files = files.map(members).unwrap_or_default();
    contents.extend(
        files
            .into_iter()
            .filter_map(|(_, raw)| file(raw, false))
            .map(|(kind, media)| kind(media)),
    );
    contents
}

/// The message on which a message's menu was used.
fn target(data: &Value) -> Option<String> {
    words(&data["target_id"]).filter(|_| data["type"] == 3)
}

/// A button is known by its custom id, a menu by what was picked. The words stand in the message they are part of,
/// if that came along whole.
fn component(data: &Value, message: Option<&Value>) -> Option<Content> {
    let custom_id = words(&data["custom_id"])?;
    let element = message.and_then(|message| find(&message["components"], &custom_id));
    let picked: Vec<String> = data["values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(words)
        .collect();
    if picked.is_empty() {
        let label =
            element.and_then(|button| words(&button["label"]).or_else(|| words(&button["emoji"]["name"])));
        return Some(Content::Choice {
            text: label.unwrap_or_else(|| custom_id.clone()),
            payload: Some(custom_id),
        });
    }
    let options = element.and_then(|menu| menu["options"].as_array());
    let label = |value: &String| {
        let option = options?.iter().find(|option| option["value"] == **value)?;
        words(&option["label"])
    };
    let resolved = |value: &String| {
        let kinds = data["resolved"].as_object()?;
        let found = kinds.values().find_map(|kind| kind.get(value))?;
        words(&found["global_name"])
            .or_else(|| words(&found["username"]))
            .or_else(|| words(&found["name"]))
    };
    let texts: Vec<String> = picked
        .iter()
        .map(|value| {
            label(value)
                .or_else(|| resolved(value))
                .unwrap_or_else(|| value.clone())
        })
        .collect();
    Some(Content::Choice {
        text: texts.join(", "),
        payload: Some(picked.join(",")),
    })
}

/// Components are nested in rows, sections and containers.
fn find<'v>(components: &'v Value, custom_id: &str) -> Option<&'v Value> {
    components.as_array()?.iter().find_map(|component| {
        let inside = [&component["components"], &component["accessory"]];
        if component["custom_id"] == custom_id {
            return Some(component);
        }
        find(inside[0], custom_id).or_else(|| Some(inside[1]).filter(|found| found["custom_id"] == custom_id))
    })
}

/// The answers of a form, one a line; one that was left empty is still known by its custom id.
fn form(data: &Value) -> Option<Content> {
    let custom_id = words(&data["custom_id"])?;
    let mut answers = Vec::new();
    collect(&data["components"], &mut answers);
    if answers.is_empty() {
        answers.push(custom_id.clone());
    }
    Some(Content::Choice {
        text: answers.join("\n"),
        payload: Some(custom_id),
    })
}

/// An input stands in a row (older) or in a label (newer).
fn collect(components: &Value, answers: &mut Vec<String>) {
    for component in components.as_array().into_iter().flatten() {
        answers.extend(words(&component["value"]));
        let values = component["values"].as_array().into_iter().flatten();
        let values: Vec<String> = values.filter_map(words).collect();
        answers.extend((!values.is_empty()).then(|| values.join(", ")));
        collect(&component["components"], answers);
        if component["component"].is_object() {
            collect(&Value::Array(vec![component["component"].clone()]), answers);
        }
    }
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
