//! Personal data, and how it is shown to whom: the one place where it is masked.
//!
//! Conversations, messages, files and customers have no JSON form of their own. They get one as [`Shown`] to a reader whose
//! role says how, or as a [`LiveEvent`](crate::LiveEvent), which is rendered again for readers who get it masked. So a
//! route that forgets to ask doesn't compile.

use serde::{Serialize, Serializer};

use crate::{
    Attachment, Author, Content, Conversation, Customer, Decision, Email, LastMessage, Media, Message,
    masking::{address, strict, within, words},
};

/// How somebody is shown personal data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pii {
    #[default]
    Plain,
    /// Without phone numbers and e-mail addresses.
    Masked,
}

/// Something with personal data in it.
pub trait Personal {
    /// Takes out phone numbers and e-mail addresses, but for what tells one from another.
    fn mask(&mut self);

    /// Its JSON as it stands.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Something personal as a reader is shown it.
#[derive(Clone, Debug)]
pub struct Shown<T>(T);

impl<T: Personal> Shown<T> {
    pub fn to(reader: Pii, mut value: T) -> Self {
        if reader == Pii::Masked {
            value.mask();
        }
        Self(value)
    }
}

impl<T: Personal> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl Personal for Conversation {
    fn mask(&mut self) {
        let contact = &mut self.contact;
        contact.external_id = address(&contact.external_id);
        mask(&mut contact.address, address);
        mask(&mut contact.name, address);
        if let Some(last) = &mut self.last_message {
            last.mask();
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl LastMessage {
    fn mask(&mut self) {
        let is_notice = matches!(self.kind.as_str(), "system" | "contacts");
        self.preview = if is_notice { strict } else { words }(&self.preview);
    }
}

impl Personal for Message {
    fn mask(&mut self) {
        self.content.mask();
        if let Author::Customer { name } = &mut self.author {
            mask(name, address);
        }
        if let Some(error) = &mut self.error {
            error.message = strict(&error.message);
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl Personal for Customer {
    fn mask(&mut self) {
        mask(&mut self.name, address);
        mask(&mut self.phone, address);
        mask(&mut self.email, address);
        for identity in &mut self.identities {
            identity.external_id = address(&identity.external_id);
        }
        for value in self.attributes.values_mut() {
            within(value, address);
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl Personal for Attachment {
    fn mask(&mut self) {
        mask(&mut self.file_name, words);
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// A decision keeps the words that its rules asked for.
impl Personal for Decision {
    fn mask(&mut self) {
        within(&mut self.input, words);
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

impl Content {
    fn mask(&mut self) {
        match self {
            Self::Text { text }
            | Self::Note { text }
            | Self::Choice { text, .. }
            | Self::Order { text, .. } => {
                *text = words(text);
            }
            Self::System { text } => *text = strict(text),
            Self::Image(media)
            | Self::Audio(media)
            | Self::Video(media)
            | Self::Document(media)
            | Self::Sticker(media) => media.mask(),
            Self::Location { name, address, .. } => {
                mask(name, words);
                mask(address, words);
            }
            Self::Contacts { text, contacts } => {
                *text = strict(text);
                for card in contacts {
                    within(card, address);
                }
            }
            Self::Interactive { text, body } => {
                *text = words(text);
                within(body, words);
            }
            Self::Email(email) => email.mask(),
            Self::Template { components, .. } => {
                for part in components {
                    within(part, words);
                }
            }
            Self::Reaction { .. } | Self::Unsupported { .. } | Self::Deleted => {}
        }
    }
}

impl Media {
    fn mask(&mut self) {
        mask(&mut self.text, words);
        mask(&mut self.file_name, words);
    }
}

/// Ids of letters look like addresses and are none.
impl Email {
    fn mask(&mut self) {
        self.subject = words(&self.subject);
        self.text = words(&self.text);
        mask(&mut self.html, words);
        mask(&mut self.quoted, words);
        self.attachments.iter_mut().for_each(Media::mask);
    }
}

fn mask(field: &mut Option<String>, by: fn(&str) -> String) {
    if let Some(text) = field {
        *text = by(text);
    }
}
