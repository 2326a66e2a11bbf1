//! A provider that has its answer for each path, for what takes several calls.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Answers by path, each with its status; `{origin}` becomes the provider's own.
pub type Script = &'static [(&'static str, u16, &'static str)];

pub struct Scripted {
    pub origin: String,
    calls: Arc<Mutex<Vec<(String, String)>>>,
}

impl Scripted {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (heard, own) = (Arc::clone(&calls), origin.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (request, body) = read(&mut stream).await;
                let path = request
                    .split(' ')
                    .nth(1)
                    .unwrap()
                    .split('?')
                    .next()
                    .unwrap()
                    .to_owned();
                heard.lock().unwrap().push((request, body));
                let (_, status, said) = script.iter().find(|(at, ..)| *at == path).unwrap();
                let said = said.replace("{origin}", &own);
                let length = said.len();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{said}"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { origin, calls }
    }

    /// Head and body of each request, in their order.
    pub fn calls(&self) -> Vec<(String, String)> {
        self.calls.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return (head.to_owned(), body.to_owned());
            }
        }
        assert!(
            stream.read_buf(&mut bytes).await.unwrap() > 0,
            "the request broke off"
        );
    }
}
