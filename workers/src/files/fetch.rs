//! Fetching one file from its provider, or out of the webhook that brought it.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use switchboard_connectors::{
    self as connectors, FetchedMedia, SendDecision, SendError, StoredRequest, email, webchat,
};
use switchboard_domain::{
    AccountKey, Attachment, AttachmentId, AttachmentState, Audience, Conversation, LiveEventName, Media,
    Message, MessageError,
};
use switchboard_queue::Outcome;
use switchboard_store::Awaited;

use super::FileError;
use crate::{Hub, error::WorkError, events};

impl Hub {
    /// One attempt. `last`: what isn't there now never will be.
    pub(crate) async fn fetch_file(&self, id: &AttachmentId, last: bool) -> Result<Outcome, WorkError> {
        let Some(awaited) = self.store.attachments.get(id).await? else {
            return Ok(Outcome::Done);
        };
        let Some(message_id) = &awaited.attachment.message_id else {
            return Ok(Outcome::Done);
        };
        // The file is noted before its message is stored.
        let message = match self.store.messages.get(message_id).await? {
            Some(message) => message,
            None if last => return self.give_up(&awaited.attachment, None, &no_longer()).await,
            None => return Err(WorkError::MessageMissing),
        };
        let Some(media) = file_of(&message, &awaited.attachment) else {
            return self.give_up(&awaited.attachment, None, &no_longer()).await;
        };
        if awaited.attachment.state != AttachmentState::Pending {
            // A worker may have died between the file and its message.
            return self.show_file(&awaited.attachment, &message, media).await;
        }
        match self.obtain(&awaited, &message, media).await? {
            Ok(fetched) => {
                self.keep_fetched(&awaited.attachment, &message, media, fetched)
                    .await
            }
            Err(error) => {
                self.not_obtained(&awaited.attachment, &message, media, &error, last)
                    .await
            }
        }
    }

    async fn obtain(
        &self,
        awaited: &Awaited,
        message: &Message,
        media: &Media,
    ) -> Result<Result<FetchedMedia, SendError>, WorkError> {
        if let Some(nth) = email::number(media).filter(|_| message.channel.is_email()) {
            return self.taken_from_ledger(awaited, nth).await;
        }
        if let Some(upload) = webchat::upload(media).filter(|_| message.channel.is_our_own()) {
            return self.taken_from_upload(&upload, message).await;
        }
        let key = AccountKey {
            channel: message.channel,
            account_id: message.account_id.clone(),
        };
        let accounts = self.accounts.known_with([&key], self.clock.now()).await?;
        let Some(account) = accounts.get(&key) else {
            let message = "The channel account is gone, so the file can't be fetched any more.";
            return Ok(Err(SendError::give_up("account_gone", message)));
        };
        let connector = connectors::find(message.channel);
        let fetched = connector.fetch_media(&self.http, account, media).await;
        Ok(fetched.and_then(|fetched| whole(media, fetched)))
    }

    async fn taken_from_ledger(
        &self,
        awaited: &Awaited,
        nth: usize,
    ) -> Result<Result<FetchedMedia, SendError>, WorkError> {
        let logged = match &awaited.webhook_id {
            Some(id) => self.store.event_log.get(id).await?,
            None => None,
        };
        let file = logged.and_then(|(headers, body)| {
            let request = StoredRequest {
                headers,
                body: Bytes::from(body),
            };
            email::attachment(&request, nth)
        });
        let missing = "The file can't be taken out of the letter that brought it.";
        Ok(file.ok_or_else(|| SendError::new(SendDecision::Retry, "not_in_webhook", missing)))
    }

    /// What the message's own contact has uploaded; nobody else's file becomes theirs by its id.
    async fn taken_from_upload(
        &self,
        id: &AttachmentId,
        message: &Message,
    ) -> Result<Result<FetchedMedia, SendError>, WorkError> {
        let gone = || SendError::give_up("no_such_upload", "The customer hasn't uploaded this file.");
        let ids = std::slice::from_ref(&message.conversation_id);
        let conversations = self.store.conversations.get_many(ids).await?;
        let key = conversations
            .first()
            .map(|of| Conversation::open_key(&of.account(), &of.contact.external_id));
        let upload = match key {
            Some(key) => self.store.attachments.upload(id, &key).await?,
            None => None,
        };
        let Some((upload, sha256)) = upload.and_then(|file| file.sha256.clone().map(|hash| (file, hash)))
        else {
            return Ok(Err(gone()));
        };
        match self.files.bytes(&sha256).await {
            Ok(bytes) => Ok(Ok(FetchedMedia {
                bytes,
                mime_type: upload.mime_type,
                file_name: upload.file_name,
            })),
            Err(FileError::Gone) => Ok(Err(gone())),
            Err(error) => Err(error.into()),
        }
    }

    async fn keep_fetched(
        &self,
        attachment: &Attachment,
        message: &Message,
        media: &Media,
        fetched: FetchedMedia,
    ) -> Result<Outcome, WorkError> {
        let name = fetched.file_name.or_else(|| media.file_name.clone());
        let bytes = fetched.bytes.clone();
        let kept = match self.files.keep(fetched.bytes, fetched.mime_type, name).await {
            Ok(kept) => kept,
            Err(error @ (FileError::Empty | FileError::TooLarge { .. })) => {
                let code = if matches!(error, FileError::Empty) {
                    "empty"
                } else {
                    "too_large"
                };
                let error = SendError::give_up(code, error.to_string());
                return self.give_up(attachment, Some((message, media)), &error).await;
            }
            Err(error) => return Err(error.into()),
        };
        // Linked before it is settled: a crash in between leaves it pending, and the sweep finds that.
        let index = attachment.index as usize;
        self.store
            .messages
            .attach(&message.id, (index, media), &attachment.id)
            .await?;
        match self.store.attachments.stored(&attachment.id, &kept).await? {
            Some(noted) => self.files.make_sure(&noted, bytes).await?,
            // Settled by another attempt, or its customer was erased meanwhile.
            None => self.forget_bytes(&kept.sha256).await?,
        }
        metrics::counter!("switchboard_files_total", "channel" => message.channel.as_str(), "result" => "stored")
            .increment(1);
        self.show_file(attachment, message, media).await
    }

    async fn not_obtained(
        &self,
        attachment: &Attachment,
        message: &Message,
        media: &Media,
        error: &SendError,
        last: bool,
    ) -> Result<Outcome, WorkError> {
        // An answer that is too long or can't be read won't be another next time.
        let passes = match error.decision {
            SendDecision::GiveUp => false,
            SendDecision::Uncertain => error.code != "unreadable_answer",
            SendDecision::Retry | SendDecision::RetryAfter(_) => true,
        };
        if !passes || last {
            return self.give_up(attachment, Some((message, media)), error).await;
        }
        tracing::debug!(%error, attachment = %attachment.id, "a file couldn't be fetched yet");
        Ok(match error.decision {
            SendDecision::RetryAfter(delay) => Outcome::RetryAfter {
                delay,
                error: error.to_string(),
            },
            _ => Outcome::retry(error),
        })
    }

    async fn give_up(
        &self,
        attachment: &Attachment,
        of: Option<(&Message, &Media)>,
        error: &SendError,
    ) -> Result<Outcome, WorkError> {
        let reason = MessageError {
            code: error.code.clone(),
            message: sentence(error),
        };
        if let Some((message, media)) = of {
            tracing::warn!(%error, attachment = %attachment.id, channel = %message.channel, "a file can't be fetched");
            let index = attachment.index as usize;
            self.store
                .messages
                .attach(&message.id, (index, media), &attachment.id)
                .await?;
        }
        metrics::counter!("switchboard_files_total", "channel" => of.map_or("none", |(message, _)| message.channel.as_str()),
            "result" => "failed")
        .increment(1);
        self.store.attachments.failed(&attachment.id, &reason).await?;
        match of {
            Some((message, media)) => self.show_file(attachment, message, media).await,
            None => Ok(Outcome::Done),
        }
    }

    /// Tells consoles that the file is there, or never will be.
    async fn show_file(
        &self,
        attachment: &Attachment,
        message: &Message,
        media: &Media,
    ) -> Result<Outcome, WorkError> {
        let index = attachment.index as usize;
        let linked = self
            .store
            .messages
            .attach(&message.id, (index, media), &attachment.id)
            .await?;
        let Some(message) = linked else {
            return Ok(Outcome::Done);
        };
        let ids = std::slice::from_ref(&message.conversation_id);
        if let Some(conversation) = self.store.conversations.get_many(ids).await?.first() {
            let audience = Audience::of(conversation);
            let now = self.clock.now();
            self.show(&[events::message(
                LiveEventName::MessageUpdated,
                audience,
                &message,
                now,
            )?])
            .await?;
        }
        Ok(Outcome::Done)
    }
}

/// The file it was noted for, unless an edit has put another in its place.
fn file_of<'a>(message: &'a Message, attachment: &Attachment) -> Option<&'a Media> {
    let index = attachment.index as usize;
    let media = message.content.files().get(index)?;
    (Attachment::received_id(&message.id, index, media) == attachment.id).then_some(media)
}

/// Some providers tell a file's hash beforehand: then a damaged one is fetched again.
fn whole(media: &Media, fetched: FetchedMedia) -> Result<FetchedMedia, SendError> {
    let Some(told) = media.sha256.as_deref() else {
        return Ok(fetched);
    };
    let hash = Sha256::digest(&fetched.bytes);
    if told.eq_ignore_ascii_case(&hex::encode(hash)) || told == STANDARD.encode(hash) {
        return Ok(fetched);
    }
    let message = "The file arrived damaged from the provider.";
    Err(SendError::new(SendDecision::Retry, "damaged", message))
}

fn no_longer() -> SendError {
    SendError::give_up("no_longer", "The message no longer has this file.")
}

/// Connectors word their errors for messages that go out; a file that comes in wants other words.
fn sentence(error: &SendError) -> String {
    let by_status = error.code.starts_with("http_");
    match error.code.as_str() {
        "http_404" | "http_410" => "The provider doesn't have this file any more.".to_owned(),
        "timeout" | "unreachable" | "connection_lost" => {
            "The provider didn't hand the file over in time, however often it was asked.".to_owned()
        }
        "unreadable_answer" => "The file is too large, or the provider's answer can't be read.".to_owned(),
        _ if error.token_rejected => {
            "The provider refused the channel's access token, so the file couldn't be fetched.".to_owned()
        }
        _ if by_status => "The provider didn't hand the file over.".to_owned(),
        _ => error.message.clone(),
    }
}
