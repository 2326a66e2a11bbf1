//! A provider on a loopback port that answers exactly what it is told, byte for byte, or breaks off.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

#[derive(Clone)]
pub enum Reply {
    /// These bytes, then the connection ends.
    Bytes(String),
    /// The connection ends without a word.
    Cut,
    /// Nothing at all, for ever.
    Silence,
}

impl Reply {
    pub fn http(status: u16, headers: &str, body: &str) -> Self {
        Self::Bytes(format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
            body.len()
        ))
    }
}

pub struct Request {
    /// Request line and headers.
    pub head: String,
    pub body: Value,
}

impl Request {
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

pub struct Provider {
    pub address: SocketAddr,
    pub requests: mpsc::UnboundedReceiver<Request>,
}

impl Provider {
    pub async fn start(reply: Reply) -> Self {
        Self::script(vec![reply]).await
    }

    pub async fn answering(status: u16, headers: &str, body: &str) -> Self {
        Self::start(Reply::http(status, headers, body)).await
    }

    /// One reply after the other; the last one for all that come later.
    pub async fn script(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            // Kept open: a dropped connection would be a cut one.
            let mut silent = Vec::new();
            let last = replies.last().cloned().unwrap();
            let mut replies = replies.into_iter();
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                // Nobody may be listening any more when a test has ended.
                let _ = sender.send(request);
                match replies.next().unwrap_or_else(|| last.clone()) {
                    Reply::Bytes(bytes) => {
                        stream.write_all(bytes.as_bytes()).await.unwrap();
                        stream.shutdown().await.unwrap();
                    }
                    Reply::Cut => drop(stream),
                    Reply::Silence => silent.push(stream),
                }
            }
        });
        Self { address, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub async fn asked(&mut self) -> Request {
        self.requests.recv().await.unwrap()
    }

    /// Whether all that was asked has been looked at.
    pub fn is_quiet(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Request {
                    head: head.to_owned(),
                    body: serde_json::from_str(body).unwrap_or(Value::Null),
                };
            }
        }
        assert!(
            stream.read_buf(&mut bytes).await.unwrap() > 0,
            "the request broke off"
        );
    }
}
