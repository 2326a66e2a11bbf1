//! Sending by SMTP: against a server that answers as it is told.

use switchboard_connectors::{Receipt, SendDecision, SendError, Upload, find};
use switchboard_domain::{Channel, ChannelAccount, Content, Media, Secret};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};

use crate::{
    account::{CHANNELS, nowhere},
    wire::{OWN_ID, answer, client, outgoing, send},
};

/// What the server says to a command that begins so; it hangs up if that is nothing.
type Script = &'static [(&'static str, &'static str)];

const WELL: Script = &[];
const PASSWORD: &str = "p4ssw0rd";

struct Server {
    port: u16,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Server {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, lines) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 test ESMTP\r\n").await.unwrap();
            let (mut in_letter, mut line) = (false, String::new());
            while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                let command = line.trim_end().to_owned();
                line.clear();
                sender.send(command.clone()).unwrap();
                if in_letter && command != "." {
                    continue;
                }
                let said = script
                    .iter()
                    .find(|(begin, _)| command.starts_with(begin))
                    .map(|(_, said)| *said);
                let well = match command.split(' ').next().unwrap() {
                    "EHLO" => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
                    "AUTH" => "235 ok",
                    "DATA" => "354 go on",
                    _ => "250 ok",
                };
                let said = said.unwrap_or(well);
                in_letter = said.starts_with("354");
                if said.is_empty() {
                    return;
                }
                stream.write_all(format!("{said}\r\n").as_bytes()).await.unwrap();
            }
        });
        Self { port, lines }
    }

    fn account(&self, channel: Channel) -> ChannelAccount {
        let mut account = nowhere(channel);
        let url = format!("smtp://user:{PASSWORD}@127.0.0.1:{}", self.port);
        account.secrets.0.insert("smtp_url".to_owned(), Secret::new(url));
        account
    }

    fn heard(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.lines.try_recv().ok()).collect()
    }
}

async fn outcome(script: Script) -> Result<Receipt, SendError> {
    let server = Server::start(script).await;
    send(
        &server.account(Channel::Mailgun),
        &outgoing(Content::text("hello")),
    )
    .await
}

#[tokio::test]
async fn a_letter_goes_out_with_its_thread_and_our_ids() {
    for (channel, own) in CHANNELS.into_iter().zip([
        &["X-Mailgun-Variables: {\"hub_message_id\":\"0123456789abcdef0123456789abcdef\"}"][..],
        &["X-SMTPAPI: "],
        &[
            "X-PM-Metadata-hub_message_id: 0123456789abcdef0123456789abcdef",
            "X-PM-KeepID: true",
            "X-PM-Message-Stream: outbound",
        ],
    ]) {
        let mut server = Server::start(WELL).await;
        let receipt = send(&server.account(channel), &answer()).await.unwrap();
        let heard = server.heard();
        let domain = if channel == Channel::Mailgun {
            "mg.example.com"
        } else {
            "example.com"
        };
        assert_eq!(receipt.provider_message_id, format!("{OWN_ID}@{domain}"));
        let id = format!("Message-ID: <{OWN_ID}@{domain}>");
        let expected = [
            "RCPT TO:<ann@customer.example>",
            "Subject: Re: Your order  Bcc: all@example.com",
            "In-Reply-To: <2@customer.example>",
            "References: <1@customer.example> <2@customer.example>",
            id.as_str(),
            "Yes.",
            ".",
        ];
        for line in expected.iter().chain(own) {
            assert!(
                heard.iter().any(|heard| heard.starts_with(line)),
                "{channel}: {line}: {heard:#?}"
            );
        }
        assert!(!heard.iter().any(|heard| heard.starts_with("Bcc")));
    }
}

#[tokio::test]
async fn what_the_server_says_decides() {
    for (script, decision, code) in [
        (
            &[("AUTH", "535 5.7.8 bad p4ssw0rd")] as Script,
            SendDecision::GiveUp,
            "smtp_535",
        ),
        (&[("MAIL", "550 no")], SendDecision::GiveUp, "smtp_550"),
        (
            &[("RCPT", "550 5.1.1 no such user")],
            SendDecision::GiveUp,
            "smtp_550",
        ),
        (&[("RCPT", "451 later")], SendDecision::Retry, "smtp_451"),
        (&[("EHLO", "421 closing")], SendDecision::Retry, "smtp_421"),
        (&[(".", "554 spam")], SendDecision::GiveUp, "smtp_554"),
        (&[(".", "452 full")], SendDecision::Retry, "smtp_452"),
        (&[("RCPT", "")], SendDecision::Retry, "unreachable"),
        (&[("DATA", "")], SendDecision::Retry, "unreachable"),
        (&[(".", "")], SendDecision::Uncertain, "connection_lost"),
    ] {
        let error = outcome(script).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (decision, code),
            "{script:?}: {error}"
        );
        assert_eq!(error.token_rejected, code == "smtp_535");
    }
}

#[tokio::test]
async fn credentials_are_tried_and_nowhere_is_tried_again() {
    let server = Server::start(WELL).await;
    let known = find(Channel::Postmark)
        .check_credentials(&client(), &server.account(Channel::Postmark))
        .await;
    assert_eq!(known, Ok(None));
    let mut account = nowhere(Channel::Sendgrid);
    account
        .secrets
        .0
        .insert("smtp_url".to_owned(), Secret::new("smtp://127.0.0.1:1"));
    let error = send(&account, &outgoing(Content::text("x"))).await.unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Retry, "unreachable")
    );
    account
        .secrets
        .0
        .insert("smtp_url".to_owned(), Secret::new("https://x"));
    let error = send(&account, &outgoing(Content::text("x"))).await.unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "channel_settings")
    );
}

#[tokio::test]
async fn files_of_ours_are_parts_of_the_letter() {
    let mut server = Server::start(WELL).await;
    let mut letter = outgoing(Content::Document(Media::default()));
    letter.files = vec![Upload {
        file_name: "a.pdf".to_owned(),
        mime_type: "application/pdf".to_owned(),
        bytes: b"%PDF-1.7\xff".as_slice().into(),
    }];
    send(&server.account(Channel::Postmark), &letter).await.unwrap();
    let heard = server.heard();
    for line in [
        "Content-Type: application/pdf",
        "Content-Disposition: attachment; filename=\"a.pdf\"",
        "JVBERi0xLjf/",
    ] {
        assert!(heard.iter().any(|said| said == line), "{line} in {heard:#?}");
    }
    assert!(
        heard
            .iter()
            .any(|said| said.starts_with("Content-Type: multipart/mixed;"))
    );
}
