//! What a visitor does: writes, reads, types. Everything that has to last goes in through the webhooks' door.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use switchboard_connectors::webchat::{
    Answer, Envelope, FieldKind, MAX_TEXT_CHARS, VisitorEvent, is_client_id, signed, uploaded,
};
use switchboard_domain::{
    Audience, Channel, ConversationId, LiveEvent, LiveEventName, Media, MessageStatus, Position,
};

use super::{
    frames::{Said, Spoken, Told},
    identity::word,
    mailbox,
    session::Session,
    wire::{End, fault},
};
use crate::{error::ApiError, telemetry, webhooks::door};

/// Of messages that were delivered or read, so many are told at once; the next word of the widget tells the rest.
const MOST_STATUSES: i64 = 200;
/// The least time between two "typing" that reach an agent.
const TELL_EVERY: Duration = Duration::from_secs(1);
const LONGEST_ANSWER: usize = 1000;
/// When the widget tries again after a failure of ours that doesn't say.
const AGAIN: Duration = Duration::from_secs(3);
/// The form's answers are one message, once.
const FORM: &str = "form";

/// What agents see of a visitor who types.
#[derive(Serialize)]
struct Activity<'a> {
    conversation_id: &'a ConversationId,
    user: Person<'a>,
    typing: bool,
    /// So that it isn't shown to the visitor themselves.
    customer: bool,
}

#[derive(Serialize)]
struct Person<'a> {
    id: &'a str,
    name: &'a str,
}

impl Session {
    pub async fn act(&mut self, said: Said) -> Result<(), End> {
        match said {
            Said::Message(spoken) => self.say(*spoken).await,
            Said::Delivered { up_to } => self.reached(&up_to, MessageStatus::Delivered).await,
            Said::Read { up_to } => self.reached(&up_to, MessageStatus::Read).await,
            Said::Typing { typing } => {
                self.types(typing).await;
                Ok(())
            }
            Said::Hello(_) | Said::Ping => Ok(()),
        }
    }

    async fn say(&mut self, spoken: Spoken) -> Result<(), End> {
        if let Some((code, message)) = unfit(&spoken) {
            let mut fault = fault(code, message);
            fault.id = Some(&spoken.id);
            return self.refuse(fault, None).await;
        }
        if let Err(wait) = self.may_write() {
            let mut fault = fault("rate_limited", "You write faster than this chat takes it.");
            fault.id = Some(&spoken.id);
            return self.refuse(fault, Some(wait)).await;
        }
        let file = match self.uploaded(&spoken).await {
            Ok(file) => file,
            Err(NoFile::Unknown) => {
                let mut fault = fault(
                    "no_such_file",
                    "This file isn't here (any more). Choose it again.",
                );
                fault.id = Some(&spoken.id);
                return self.refuse(fault, None).await;
            }
            Err(NoFile::Unavailable(error)) => return self.failed(&error, Some(&spoken.id)).await,
        };
        let Ok(form) = self.answers(&spoken) else {
            let mut fault = fault("form_required", "Some questions have to be answered first.");
            fault.id = Some(&spoken.id);
            return self.refuse(fault, None).await;
        };
        let Spoken {
            id,
            text,
            payload,
            reply_to,
            ..
        } = spoken;
        let message = VisitorEvent::Message {
            id: id.clone(),
            text,
            payload,
            file,
            reply_to,
            at: None,
        };
        match self.pass(form.into_iter().chain([message]).collect()).await? {
            Ok(()) => {
                self.form.clear();
                self.refusals = 0;
                self.tell(Told::Ack { id: &id }.frame()).await
            }
            Err(error) => self.failed(&error, Some(&id)).await,
        }
    }

    /// The file that the message names, if it is one of this visitor's uploads.
    async fn uploaded(&self, spoken: &Spoken) -> Result<Option<Box<Media>>, NoFile> {
        let Some(id) = &spoken.file else { return Ok(None) };
        let found = self.app.store.attachments.upload(id, &self.key).await;
        let found = found.map_err(|error| NoFile::Unavailable(error.into()))?;
        let file = found.ok_or(NoFile::Unknown)?;
        Ok(Some(Box::new(uploaded(&file))))
    }

    fn may_write(&self) -> Result<(), Duration> {
        let (chats, now) = (&self.app.chats, self.app.clock.micros());
        chats.messages_of_visitor.take(self.key.clone(), now)?;
        chats.messages_of_ip.take(self.ip, now)
    }

    /// The form's answers as an event, if there is one to fill in; `Err`: something that is needed is missing. What tells
    /// who they are becomes the contact's.
    fn answers(&mut self, spoken: &Spoken) -> Result<Option<VisitorEvent>, ()> {
        let mut answers = Vec::new();
        for field in &self.form {
            let given = spoken.form.get(&field.name).map(|text| text.trim());
            let given = given.filter(|text| !text.is_empty() && text.chars().count() <= LONGEST_ANSWER);
            let Some(value) = given else {
                if field.required {
                    return Err(());
                }
                continue;
            };
            match field.kind {
                FieldKind::Name => self.visitor.name = word(Some(value)).or(self.visitor.name.take()),
                FieldKind::Email => self.visitor.email = word(Some(value)).or(self.visitor.email.take()),
                FieldKind::Phone => self.visitor.phone = word(Some(value)).or(self.visitor.phone.take()),
                FieldKind::Text => {}
            }
            answers.push(Answer {
                label: field.label.clone(),
                value: value.to_owned(),
            });
        }
        let form = VisitorEvent::Form {
            id: FORM.to_owned(),
            answers,
            at: None,
        };
        let asked = matches!(&form, VisitorEvent::Form { answers, .. } if !answers.is_empty());
        Ok(asked.then_some(form))
    }

    /// The way of every webhook; `Ok(Ok(()))` once it is durable.
    async fn pass(&mut self, events: Vec<VisitorEvent>) -> Result<Result<(), ApiError>, End> {
        let app = self.app.clone();
        let account = match app
            .accounts
            .find(Channel::Webchat, &self.place.account.key.account_id)
            .await
        {
            Ok(Some(account)) => account,
            Ok(None) => {
                let gone = fault("account_gone", "This chat has been closed.");
                self.refuse(gone, None).await?;
                return Err(End::Refused);
            }
            Err(error) => return Ok(Err(error.into())),
        };
        let envelope = Envelope {
            visitor: self.visitor.clone(),
            events,
        };
        let body: Bytes = serde_json::to_vec(&envelope).unwrap_or_default().into();
        let arrival = app.arrivals.next();
        let url = format!(
            "{}/webhooks/{}/{}",
            app.public_origin(&account),
            account.key.channel,
            account.key.account_id
        );
        let Some(raw) = signed(&account, url, body, arrival.received_at()) else {
            return Ok(Err(ApiError::unavailable(
                "the web chat account has no signing secret",
            )));
        };
        let taken = door::take(&app, &account, raw, arrival).await;
        telemetry::webhook(
            Channel::Webchat,
            taken
                .as_ref()
                .map_or_else(|error| error.code, |taken| taken.outcome),
        );
        Ok(taken.map(drop))
    }

    async fn failed(&mut self, error: &ApiError, id: Option<&str>) -> Result<(), End> {
        if let Some(cause) = &error.cause {
            tracing::warn!(%cause, account = %self.place.account.key, "what a visitor said couldn't be kept; the widget sends it again");
        }
        let mut fault = fault("unavailable", "This couldn't be kept yet. It is sent again.");
        fault.id = id;
        self.refuse(fault, Some(error.retry_after.unwrap_or(AGAIN))).await
    }

    /// Our messages up to there are on the visitor's device, or were before their eyes.
    async fn reached(&mut self, until: &Position, status: MessageStatus) -> Result<(), End> {
        let store = self.app.store.clone();
        let found = async {
            let conversations = store.conversations.of_contact(&self.key, mailbox::ENDED).await?;
            let ids: Vec<ConversationId> = conversations.into_iter().map(|one| one.id).collect();
            store.messages.short_of(&ids, until, status, MOST_STATUSES).await
        };
        let short = match found.await {
            Ok(short) => short,
            Err(error) => return self.failed(&error.into(), None).await,
        };
        if short.is_empty() {
            return Ok(());
        }
        let event = |message_id| match status {
            MessageStatus::Read => VisitorEvent::Read { message_id, at: None },
            _ => VisitorEvent::Delivered { message_id, at: None },
        };
        match self.pass(short.into_iter().map(event).collect()).await? {
            Ok(()) => Ok(()),
            Err(error) => self.failed(&error, None).await,
        }
    }

    /// Nobody is harmed if it doesn't arrive.
    async fn types(&mut self, typing: bool) {
        let now = self.app.clock.now();
        if typing && now.since(self.typed_at) < TELL_EVERY {
            return;
        }
        self.typed_at = now;
        let Ok(Some(conversation)) = self.app.store.conversations.open_of_contact(&self.key).await else {
            return;
        };
        let name = conversation
            .contact
            .name
            .as_deref()
            .or(self.visitor.name.as_deref());
        let typing = Activity {
            conversation_id: &conversation.id,
            user: Person {
                id: &conversation.contact.external_id,
                name: name.unwrap_or("Visitor"),
            },
            typing,
            customer: true,
        };
        let audience = Audience::of(&conversation);
        if let Ok(event) = LiveEvent::new(LiveEventName::Typing, now, audience, &typing) {
            let _ = self.app.consoles.stream.append(&[event]).await;
        }
    }
}

enum NoFile {
    Unknown,
    Unavailable(ApiError),
}

/// What no repetition would mend.
fn unfit(spoken: &Spoken) -> Option<(&'static str, &'static str)> {
    if !is_client_id(&spoken.id) || spoken.id == FORM {
        return Some((
            "bad_id",
            "A message's id has 1 to 64 letters, digits, '-' or '_'.",
        ));
    }
    if spoken.text.trim().is_empty() && spoken.file.is_none() {
        return Some(("empty", "A message needs some text or a file."));
    }
    let chosen = spoken
        .payload
        .as_ref()
        .is_some_and(|payload| payload.len() > MAX_TEXT_CHARS);
    (chosen || spoken.text.chars().count() > MAX_TEXT_CHARS)
        .then_some(("too_long", "The message is longer than this chat takes."))
}
