//! Letters of the hub's own, to the people who work here.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use crate::{app::StartError, config};

/// Where letters go.
pub struct Mailer {
    way: Way,
    from: Mailbox,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// The demo's: onto the terminal, where whoever tries it out sees them.
    Terminal,
    Nowhere,
}

impl Mailer {
    pub fn new(config: &config::Mail, demo: bool) -> Result<Self, StartError> {
        let way = match config.smtp_url.expose() {
            "" if demo => Way::Terminal,
            "" => Way::Nowhere,
            url => Way::Smtp(AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.build()),
        };
        Ok(Self {
            way,
            from: config.from.parse()?,
        })
    }

    /// Whether letters leave at all.
    pub fn is_configured(&self) -> bool {
        !matches!(self.way, Way::Nowhere)
    }

    /// Sends a letter. Not waited for by whoever asked: how long it takes would tell whether there is such a person.
    pub async fn send(&self, to: &str, subject: &str, text: String) {
        let outcome = match &self.way {
            Way::Smtp(transport) => self
                .letter(to, subject, text)
                .map(|letter| transport.send(letter)),
            Way::Terminal => {
                println!("\n  A letter to {to}: {subject}\n\n{text}\n");
                return;
            }
            Way::Nowhere => return,
        };
        let sent = match outcome {
            Ok(sending) => sending.await.map(drop).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = sent {
            tracing::error!(error, subject, "a letter to a user wasn't sent");
        }
    }

    fn letter(&self, to: &str, subject: &str, text: String) -> Result<Message, StartError> {
        let letter = Message::builder()
            .from(self.from.clone())
            .to(to.parse()?)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN);
        Ok(letter.body(text)?)
    }
}
