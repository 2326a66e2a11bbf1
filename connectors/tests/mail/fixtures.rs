//! The payload files of a connector.

use std::{fs, path::PathBuf};

use switchboard_domain::Channel;

use crate::account::{FORM, JSON, MULTIPART};

pub fn folder(channel: Channel) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(channel.as_str())
        .join("fixtures")
}

pub struct Payload {
    pub name: String,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

/// As the provider posts them. Some were recorded as the fields of a form, written as one object; they become a form.
pub fn inbound(channel: Channel) -> Vec<Payload> {
    let mut files: Vec<_> = fs::read_dir(folder(channel).join("inbound"))
        .unwrap()
        .map(|file| file.unwrap())
        .collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    let payloads = files.into_iter().map(|file| {
        let name = file.file_name().into_string().unwrap();
        let body = fs::read(file.path()).unwrap();
        let (name, content_type) = match name.rsplit_once('.').unwrap() {
            (name, "json") => (name, JSON),
            (name, _) if channel == Channel::Mailgun => (name, FORM),
            (name, _) => (name, MULTIPART),
        };
        let is_form = channel == Channel::Sendgrid && body.starts_with(b"{");
        Payload {
            name: name.split('.').next().unwrap().to_owned(),
            content_type: if is_form { MULTIPART } else { content_type },
            body: if is_form { as_form(&body) } else { body },
        }
    });
    payloads.collect()
}

fn as_form(body: &[u8]) -> Vec<u8> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).unwrap();
    let part = |(name, value): (String, serde_json::Value)| {
        let value = value.as_str().unwrap();
        format!("--xYzZY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: Vec<String> = fields.into_iter().map(part).collect();
    (parts.concat() + "--xYzZY--\r\n").into_bytes()
}
