//! Sending by SMTP (RFC 5321), step by step: until the letter itself is on its way, a fault means that it wasn't taken.

use std::{net::IpAddr, time::Duration};

use lettre::{
    Message,
    message::{
        Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use reqwest::Url;
use switchboard_domain::{ChannelAccount, Secret};
use tokio::time::timeout;

use super::{letter::Letter, settings};
use crate::{REQUEST_TIMEOUT, Receipt, SendDecision, SendError, UPLOAD_TIMEOUT};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The server that `smtp_url` names.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Server {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte on (RFC 8314).
    Tls,
    /// TLS before anything is told; a server that has none is refused.
    StartTls,
    /// For a relay on this machine.
    None,
}

impl Server {
    /// `smtps://user:password@host:port`, or `smtp://…` with STARTTLS; without it only on this machine.
    pub fn parse(url: &Secret) -> Option<Self> {
        let url = Url::parse(url.expose()).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Tls, 465),
            "smtp" if is_here => (Security::None, 25),
            "smtp" => (Security::StartTls, 587),
            _ => return None,
        };
        let credentials = match (decoded(url.username())?, url.password()) {
            (user, Some(password)) if !user.is_empty() => Some((user, decoded(password)?)),
            (user, None) if user.is_empty() => None,
            _ => return None,
        };
        Some(Self {
            host,
            port: url.port().unwrap_or(port),
            security,
            credentials,
        })
    }

    /// Up to where letters are taken.
    async fn connect(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, Error> {
        let tls = || TlsParameters::new_rustls(self.host.clone());
        let wrapped = (self.security == Security::Tls).then(tls).transpose()?;
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT_TIMEOUT), hello, wrapped, None).await?;
        if self.security == Security::StartTls {
            connection.starttls(tls()?, hello).await?;
        }
        if let Some((user, password)) = &self.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }
}

fn decoded(text: &str) -> Option<String> {
    let pair = format!("http://localhost/?v={}", text.replace('+', "%2B"));
    let url = Url::parse(&pair).ok()?;
    url.query_pairs().next().map(|(_, value)| value.into_owned())
}

/// The account's own server, if it has one.
pub(crate) fn server(account: &ChannelAccount) -> Option<Result<Server, SendError>> {
    let url = account.secrets.get("smtp_url")?;
    Some(Server::parse(url).ok_or_else(|| settings::unfit("The channel's smtp_url is not valid.")))
}

/// Hands the letter over. `extra` are headers by which the provider's events will tell our id.
pub(crate) async fn send(
    account: &ChannelAccount,
    server: &Server,
    letter: &Letter,
    extra: &[(&str, String)],
) -> Result<Receipt, SendError> {
    let message = build(letter, extra)
        .map_err(|_| SendError::give_up("invalid_message", "The letter can't be written as it is."))?;
    let hello = ClientId::Domain(letter.from.email.domain().to_owned());
    let text = |error: &Error| settings::redacted(account, &error.to_string());
    let before = async {
        let mut connection = server.connect(&hello).await?;
        begin(&mut connection, letter, &message).await?;
        Ok::<_, Error>(connection)
    };
    let mut connection = timeout(REQUEST_TIMEOUT, before)
        .await
        .map_err(|_| unreachable())?
        .map_err(|error| refusal(&error, &text(&error)))?;
    let time = if letter.files.is_empty() {
        REQUEST_TIMEOUT
    } else {
        UPLOAD_TIMEOUT
    };
    match timeout(time, connection.message(&message)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) if error.status().is_some() => return Err(refusal(&error, &text(&error))),
        Ok(Err(_)) | Err(_) => return Err(cut_off()),
    }
    connection.abort().await;
    Ok(Receipt {
        provider_message_id: letter.message_id.clone(),
        contact_address: None,
    })
}

/// Whether the server lets us in.
pub(crate) async fn check(account: &ChannelAccount, server: &Server) -> Result<(), SendError> {
    let hello = ClientId::Domain(settings::from(account)?.email.domain().to_owned());
    let mut connection = timeout(REQUEST_TIMEOUT, server.connect(&hello))
        .await
        .map_err(|_| unreachable())?
        .map_err(|error| refusal(&error, &settings::redacted(account, &error.to_string())))?;
    connection.abort().await;
    Ok(())
}

/// Who writes to whom; then the server waits for the letter.
async fn begin(connection: &mut AsyncSmtpConnection, letter: &Letter, message: &[u8]) -> Result<(), Error> {
    let server = connection.server_info();
    let mut parameters = Vec::new();
    if server.supports_feature(Extension::SmtpUtfEight) && !letter.to.to_string().is_ascii() {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if server.supports_feature(Extension::EightBitMime) && !message.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = Some(letter.from.email.clone());
    connection.command(Mail::new(from, parameters)).await?;
    connection
        .command(Rcpt::new(letter.to.clone(), Vec::new()))
        .await?;
    connection.command(Data).await?;
    Ok(())
}

fn build(letter: &Letter, extra: &[(&str, String)]) -> Result<Vec<u8>, lettre::error::Error> {
    let mut builder = Message::builder()
        .from(letter.from.clone())
        .to(Mailbox::new(None, letter.to.clone()))
        .subject(letter.subject.clone())
        .message_id(Some(format!("<{}>", letter.message_id)));
    if let Some(reply_to) = &letter.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    let thread = letter.thread_headers();
    for (name, value) in thread.iter().chain(extra) {
        builder = with_header(builder, name, value);
    }
    let words = letter
        .html
        .as_ref()
        .map(|html| MultiPart::alternative_plain_html(letter.text.clone(), html.clone()));
    let message = match (words, letter.files.is_empty()) {
        (Some(words), true) => builder.multipart(words)?,
        (None, true) => builder
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())?,
        (Some(words), false) => builder.multipart(with_files(MultiPart::mixed().multipart(words), letter))?,
        (None, false) => {
            let words = SinglePart::plain(letter.text.clone());
            builder.multipart(with_files(MultiPart::mixed().singlepart(words), letter))?
        }
    };
    Ok(message.formatted())
}

fn with_files(words: MultiPart, letter: &Letter) -> MultiPart {
    letter.files.iter().fold(words, |parts, file| {
        // What a file is, its bytes told: a type that can't be written isn't among those.
        let kind = ContentType::parse(&file.mime_type).unwrap_or(ContentType::TEXT_PLAIN);
        let file = Attachment::new(file.file_name.clone()).body(file.bytes.to_vec(), kind);
        parts.singlepart(file)
    })
}

/// `name` is one of ours; a name that lettre refused would be left out.
fn with_header(builder: MessageBuilder, name: &str, value: &str) -> MessageBuilder {
    match HeaderName::new_from_ascii(name.to_owned()) {
        Ok(name) => builder.raw_header(HeaderValue::new(name, value.to_owned())),
        Err(_) => builder,
    }
}

/// What the server said, or that there is none (RFC 5321, 4.2.1; enhanced codes: RFC 3463).
fn refusal(error: &Error, said: &str) -> SendError {
    let Some(status) = error.status() else {
        // Nothing had been handed over yet.
        return unreachable();
    };
    let code = format!("smtp_{status}");
    if error.is_transient() {
        let message =
            format!("The mail server can't take the letter now. It will be sent again. It said: {said}");
        return SendError::new(SendDecision::Retry, code, message);
    }
    let refused = SendError::give_up(
        code.clone(),
        format!("The mail server refused the letter: {said}"),
    );
    match code.as_str() {
        "smtp_530" | "smtp_534" | "smtp_535" | "smtp_538" => refused.with_token_rejected(),
        _ => refused,
    }
}

fn unreachable() -> SendError {
    SendError::new(
        SendDecision::Retry,
        "unreachable",
        "The mail server can't be reached. The letter will be sent again.",
    )
}

fn cut_off() -> SendError {
    SendError::new(
        SendDecision::Uncertain,
        "connection_lost",
        "The connection to the mail server broke off. The customer may or may not have the letter.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    type Credentials = Option<(String, String)>;

    fn parsed(url: &str) -> Option<(String, u16, Security, Credentials)> {
        let server = Server::parse(&Secret::new(url))?;
        Some((server.host, server.port, server.security, server.credentials))
    }

    #[test]
    fn a_url_says_how_safe_it_is() {
        let user = Some(("user@x".to_owned(), "p+ss:w/rd".to_owned()));
        assert_eq!(
            parsed("smtps://user%40x:p+ss%3Aw%2Frd@smtp.example.com"),
            Some(("smtp.example.com".into(), 465, Security::Tls, user))
        );
        assert_eq!(
            parsed("smtp://smtp.example.com:2525"),
            Some(("smtp.example.com".into(), 2525, Security::StartTls, None))
        );
        assert_eq!(
            parsed("smtp://127.0.0.1:1025"),
            Some(("127.0.0.1".into(), 1025, Security::None, None))
        );
        for bad in [
            "",
            "smtp.example.com",
            "http://smtp.example.com",
            "smtp://",
            "smtp://user@host",
            "smtp://:p@host",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
