//! A provider on a loopback port with one answer for everything, and a client that can reach nobody else.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{
    Client,
    dns::{Name, Resolve, Resolving},
    redirect::Policy,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[derive(Clone)]
pub enum Answer {
    Whole {
        status: u16,
        headers: &'static str,
        body: String,
    },
    /// The connection ends once the request has come.
    Cut,
    /// The same, the hard way.
    Reset,
    /// These bytes and no more, whatever they are.
    Bytes(Vec<u8>),
    /// A byte now and then, for as long as anybody listens.
    Drip,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Whole {
            status,
            headers: "content-type: application/json\r\n",
            body: body.into(),
        }
    }
}

pub struct Provider {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = requests.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request);
                let answer = answer.clone();
                tokio::spawn(async move { answer_with(stream, &answer).await });
            }
        });
        Self { address, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn asked(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// All that it was told, with what Basic credentials hide.
    pub fn heard(&self) -> String {
        let requests = self.requests.lock().unwrap().join("\n");
        let basic = requests
            .split_whitespace()
            .filter_map(|word| STANDARD.decode(word).ok());
        let hidden: Vec<u8> = basic.collect::<Vec<_>>().join(&b'\n');
        requests + "\n" + &String::from_utf8_lossy(&hidden)
    }
}

/// Who is answered may hang up at any time.
async fn answer_with(mut stream: TcpStream, answer: &Answer) {
    match answer {
        Answer::Whole {
            status,
            headers,
            body,
        } => {
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::Cut => {}
        Answer::Reset => stream.set_zero_linger().unwrap(),
        Answer::Drip => {
            let head = b"HTTP/1.1 200 X\r\ncontent-length: 1000000\r\n\r\n{";
            let mut taken = stream.write_all(head).await;
            while taken.is_ok() {
                tokio::time::sleep(Duration::from_millis(500)).await;
                taken = stream.write_all(b" ").await;
            }
        }
    }
}

/// To the end of the request: its length is told, or it comes in chunks of which the last is empty.
async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) && stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {}
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let header = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let body = &bytes[end + 4..];
    if header("transfer-encoding:").is_some() {
        return body.ends_with(b"0\r\n\r\n");
    }
    let length = header("content-length:").map_or(0, |length| length.parse().unwrap());
    body.len() >= length
}

/// Names whose addresses were asked for. Nobody gets one.
#[derive(Clone, Default)]
pub struct Names(Arc<Mutex<Vec<String>>>);

impl Names {
    pub fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        self.0.lock().unwrap().push(name.as_str().to_owned());
        Box::pin(async { Err("this test stays on 127.0.0.1".into()) })
    }
}

thread_local! {
    // One for each test, since each has a thread: reading the roots of trust takes longer than all the rest.
    static CLIENT: (Client, Names) = new_client();
}

/// A client for which no host has an address but those that are one already.
pub fn client() -> (Client, Names) {
    CLIENT.with(Clone::clone)
}

fn new_client() -> (Client, Names) {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let names = Names::default();
    let client = Client::builder()
        .dns_resolver(Arc::new(names.clone()))
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    (client, names)
}
