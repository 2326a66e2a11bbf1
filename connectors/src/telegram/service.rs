//! Service messages: what Telegram says in a chat about the chat.

use serde_json::value::RawValue;
use switchboard_domain::Content;

use super::{identity::user_name, payload::User};
use crate::lenient::{Maybe, Text, object, read};

pub(super) fn content(kind: &str, body: &RawValue) -> Option<Content> {
    let text = match kind {
        "new_chat_members" => {
            let members: Vec<Maybe<User>> = read(body)?;
            let names = members.iter().filter_map(|member| user_name(member.0.as_ref()?));
            joined_by_comma(names, "joined the group.")?
        }
        "left_chat_member" => {
            let name = object::<User>(body).and_then(|user| user_name(&user));
            joined_by_comma(name.into_iter(), "left the group.")?
        }
        "new_chat_title" => format!("The group is called “{}” now.", read::<Text>(body)?.0),
        "new_chat_photo" => "The group has another picture now.".to_owned(),
        "delete_chat_photo" => "The group's picture was removed.".to_owned(),
        "pinned_message" => "A message was pinned.".to_owned(),
        "group_chat_created" | "supergroup_chat_created" => "The group was created.".to_owned(),
        "channel_chat_created" => "The channel was created.".to_owned(),
        "successful_payment" => "The customer paid.".to_owned(),
        "refunded_payment" => "A payment was refunded.".to_owned(),
        "write_access_allowed" => "The customer allowed us to write.".to_owned(),
        _ => return None,
    };
    Some(Content::System { text })
}

fn joined_by_comma(names: impl Iterator<Item = String>, did: &str) -> Option<String> {
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| format!("{} {did}", names.join(", ")))
}
