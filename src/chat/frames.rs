//! The frames of the protocol, as chat/README.md lists them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_connectors::webchat::Field;
use switchboard_domain::{AttachmentId, MessageId, Position};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::shown::Shown;

/// What a visitor says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    Hello(Box<Hello>),
    Message(Box<Spoken>),
    Delivered {
        up_to: Position,
    },
    Read {
        up_to: Position,
    },
    Typing {
        #[serde(default = "yes")]
        typing: bool,
    },
    Ping,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Hello {
    pub token: Option<String>,
    pub user_id: Option<String>,
    pub user_hash: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Of the page, or of their browser (BCP 47).
    pub language: Option<String>,
    pub since: Option<String>,
    pub have: Vec<MessageId>,
}

#[derive(Debug, Deserialize)]
pub struct Spoken {
    pub id: String,
    #[serde(default)]
    pub text: String,
    pub payload: Option<String>,
    /// Something they have uploaded.
    pub file: Option<AttachmentId>,
    pub reply_to: Option<String>,
    /// Answers by the field's name.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
}

/// What a visitor is told.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told<'a> {
    Welcome(Welcome<'a>),
    Messages {
        items: &'a [Shown],
    },
    Synced {
        since: &'a str,
        unread: u32,
    },
    Message {
        message: &'a Shown,
        since: &'a str,
    },
    Ack {
        id: &'a str,
    },
    Seen {
        unread: u32,
    },
    Typing {
        typing: bool,
        name: &'a str,
    },
    /// Nobody has their conversation yet: their place in line, from 1.
    Queue {
        position: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        predicted_wait_secs: Option<u32>,
    },
    Error(Fault<'a>),
    Pong,
}

#[derive(Debug, Serialize)]
pub struct Welcome<'a> {
    pub token: &'a str,
    pub visitor: &'a str,
    pub identified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<&'a str>,
    pub form: &'a [Field],
    pub max_text_chars: usize,
    /// Whether `POST /chat/{account}/files` takes files: the widget shows its button only then.
    pub files: bool,
}

#[derive(Debug, Serialize)]
pub struct Fault<'a> {
    pub code: &'a str,
    pub message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Told<'_> {
    /// Its text; made once, however many connections it goes to.
    pub fn text(&self) -> Utf8Bytes {
        serde_json::to_string(self).unwrap_or_default().into()
    }

    pub fn frame(&self) -> Message {
        Message::Text(self.text())
    }
}
