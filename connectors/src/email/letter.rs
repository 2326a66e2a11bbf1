//! A message as the letter it goes out as. What no provider would take is refused here, with a sentence that says why.

use lettre::{Address, message::Mailbox};
use switchboard_domain::{ChannelAccount, Content, Email, Media};

use super::{html, settings};
use crate::{Outgoing, SendError, Upload};

/// Unicode characters; providers take some megabytes, nobody writes so much.
pub(crate) const MAX_TEXT_CHARS: usize = 500_000;
/// RFC 5322, 2.1.1: a header's line.
const MAX_SUBJECT_CHARS: usize = 900;

/// The name under which our own id goes along and comes back in events. Postmark takes twenty characters at most.
pub(crate) const OWN_ID: &str = "hub_message_id";
/// And the name for the `Message-ID`, for letters that a provider got by SMTP and knows by an id of its own.
pub(crate) const OWN_MAIL_ID: &str = "hub_mail_id";

#[derive(Debug)]
pub(crate) struct Letter {
    pub from: Mailbox,
    pub to: Address,
    pub reply_to: Option<Mailbox>,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// Without angle brackets, as all ids here.
    pub message_id: String,
    pub in_reply_to: Option<String>,
    pub references: Vec<String>,
    /// Our own id of the message.
    pub own_id: String,
    /// Files that go within the letter.
    pub files: Vec<Upload>,
}

impl Letter {
    pub fn compose(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Self, SendError> {
        let from = settings::from(account)?;
        let to = recipient(&outgoing.to)?;
        let mut words = words(&outgoing.content, !outgoing.files.is_empty())?;
        if words.text.trim().is_empty() && words.html.is_none() {
            // Providers take no letter without words.
            let names = outgoing.files.iter().map(|file| file.file_name.as_str());
            words.text = names.collect::<Vec<_>>().join("\n");
        }
        let own_id = outgoing.message_id.as_str().to_owned();
        let thread = outgoing.thread.clone().unwrap_or_default();
        let subject = subject(account, &from, words.subject, thread.subject.as_deref());
        let answered = thread.message_id.filter(|id| is_id(id));
        let mut references: Vec<String> = thread.references.into_iter().filter(|id| is_id(id)).collect();
        if let Some(id) = answered.as_ref().filter(|id| references.last() != Some(id)) {
            references.push(id.clone());
        }
        Ok(Self {
            message_id: format!("{}@{}", id_part(&own_id), from.email.domain()),
            reply_to: reply_to(account, &from, &own_id),
            to,
            subject,
            text: words.text,
            html: words.html,
            in_reply_to: answered,
            references,
            own_id,
            files: outgoing.files.clone(),
            from,
        })
    }

    /// `In-Reply-To` and `References`, if it answers something.
    pub fn thread_headers(&self) -> Vec<(&'static str, String)> {
        let bracketed = |id: &String| format!("<{id}>");
        let references: Vec<String> = self.references.iter().map(bracketed).collect();
        let answered = self.in_reply_to.iter().map(|id| ("In-Reply-To", bracketed(id)));
        let all = (!references.is_empty()).then(|| ("References", references.join(" ")));
        answered.chain(all).collect()
    }
}

pub(crate) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

fn recipient(to: &str) -> Result<Address, SendError> {
    to.trim()
        .parse()
        .map_err(|_| refuse("The customer has no e-mail address that letters can be sent to."))
}

struct Words<'a> {
    subject: Option<&'a str>,
    text: String,
    html: Option<String>,
}

/// `within`: its files are in the letter, and the text needn't lead to them.
fn words(content: &Content, within: bool) -> Result<Words<'_>, SendError> {
    let plain = |text: String| Words {
        subject: None,
        text,
        html: None,
    };
    let words = match content {
        Content::Text { text } => plain(text.clone()),
        Content::Email(email) => of_email(email, within)?,
        Content::Image(media)
        | Content::Audio(media)
        | Content::Video(media)
        | Content::Document(media)
        | Content::Sticker(media)
            if within =>
        {
            plain(media.text.clone().unwrap_or_default())
        }
        Content::Image(media)
        | Content::Audio(media)
        | Content::Video(media)
        | Content::Document(media)
        | Content::Sticker(media) => plain(link(media)?),
        _ => return Err(refuse("This kind of message can't be sent by e-mail.")),
    };
    if words.text.trim().is_empty() && words.html.is_none() && !within {
        return Err(refuse("The message is empty."));
    }
    let count = words.text.chars().count();
    if count > MAX_TEXT_CHARS {
        return Err(refuse(format!(
            "The text has {count} characters; a letter may have {MAX_TEXT_CHARS} at most."
        )));
    }
    Ok(words)
}

fn of_email(email: &Email, within: bool) -> Result<Words<'_>, SendError> {
    let linked = if within {
        &[][..]
    } else {
        email.attachments.as_slice()
    };
    let links: Vec<String> = linked.iter().map(link).collect::<Result<_, _>>()?;
    let html = email.html.as_deref().and_then(html::sanitise);
    let mut text = vec![email.text.clone()];
    if email.text.trim().is_empty() {
        text = html.as_deref().map(html::to_text).into_iter().collect();
    }
    text.extend(links);
    Ok(Words {
        subject: Some(email.subject.as_str()),
        text: text.join("\n\n"),
        // With links below the text, HTML would be the poorer version.
        html: html.filter(|_| linked.is_empty()),
    })
}

/// Files that aren't ours go as links: whose address it is the customer can see.
fn link(media: &Media) -> Result<String, SendError> {
    let url = match &media.url {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => url,
        Some(_) => {
            return Err(refuse(
                "The attachment's address has to start with https:// or http://.",
            ));
        }
        None => {
            return Err(refuse(
                "By e-mail an attachment goes as a link, and this one has no address.",
            ));
        }
    };
    let line = match &media.file_name {
        Some(name) => format!("{name}: {url}"),
        None => url.clone(),
    };
    Ok(
        match media.text.as_deref().filter(|text| !text.trim().is_empty()) {
            Some(text) => format!("{text}\n\n{line}"),
            None => line,
        },
    )
}

fn subject(account: &ChannelAccount, from: &Mailbox, own: Option<&str>, answered: Option<&str>) -> String {
    let given = |text: Option<&str>| text.map(one_line).filter(|text| !text.is_empty());
    let chosen = given(own)
        .or_else(|| given(answered).map(|subject| reply_subject(&subject)))
        .or_else(|| given(settings::text(&account.settings, "subject")));
    chosen.unwrap_or_else(|| {
        let sender = from.name.as_deref().map(one_line);
        format!(
            "Message from {}",
            sender.unwrap_or_else(|| from.email.to_string())
        )
    })
}

/// A line break in a subject would begin another header.
fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_SUBJECT_CHARS)
        .collect();
    clean.trim().to_owned()
}

/// `Re:`, unless it has one already, in whichever tongue.
fn reply_subject(subject: &str) -> String {
    const PREFIXES: [&str; 8] = ["re", "aw", "antw", "sv", "vs", "ref", "odp", "res"];
    let prefix = subject
        .split_once(':')
        .map(|(prefix, _)| prefix.trim().to_lowercase());
    match prefix {
        Some(prefix) if PREFIXES.contains(&prefix.as_str()) => subject.to_owned(),
        _ => format!("Re: {subject}"),
    }
}

fn reply_to(account: &ChannelAccount, from: &Mailbox, own_id: &str) -> Option<Mailbox> {
    let set = settings::mailbox(&account.settings, "reply_to");
    if !settings::flag(&account.settings, "plus_address") {
        return set;
    }
    let base = set.unwrap_or_else(|| from.clone());
    let tagged = format!("{}+{}", base.email.user(), id_part(own_id));
    let email = Address::new(tagged, base.email.domain()).ok()?;
    Some(Mailbox::new(base.name, email))
}

/// What of an id may stand in an address.
fn id_part(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(64)
        .collect()
}

/// Ids come from strangers and go into headers.
fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>');
    (3..=900).contains(&id.len()) && id.chars().all(allowed)
}
