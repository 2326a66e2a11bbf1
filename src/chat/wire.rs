//! A visitor's WebSocket: what comes, what goes, and how it ends.

use std::{io::ErrorKind, net::Shutdown, time::Duration};

use futures_util::{SinkExt, StreamExt};
use socket2::SockRef;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::frames::Fault;

/// A visitor who takes nothing for so long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// How long the other side has for its farewell.
const LINGER: Duration = Duration::from_secs(2);

pub type Socket = WebSocketStream<TcpStream>;

/// Why a connection ends, as the visitor is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// They went, or the connection broke.
    Gone,
    Refused,
    TooLarge,
    /// The hub stops, or they read too slowly: their mailbox has it all.
    ComeBack,
    Unavailable,
    NoHello,
    Idle,
    TooMany,
}

impl End {
    fn code(self) -> CloseCode {
        match self {
            Self::Gone => CloseCode::Normal,
            Self::Refused => CloseCode::Policy,
            Self::TooLarge => CloseCode::Size,
            Self::ComeBack => CloseCode::Restart,
            Self::Unavailable => CloseCode::Again,
            Self::NoHello => CloseCode::Library(4408),
            Self::Idle => CloseCode::Library(4409),
            Self::TooMany => CloseCode::Library(4429),
        }
    }
}

pub fn fault(code: &'static str, message: &'static str) -> Fault<'static> {
    Fault {
        code,
        message,
        id: None,
        retry_after_ms: None,
    }
}

pub fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// The next text, whatever control frames come before it.
pub async fn heard(socket: &mut Socket) -> Result<String, End> {
    loop {
        if let Some(text) = text_of(socket.next().await)? {
            return Ok(text);
        }
    }
}

/// Binary frames are no part of the protocol; an empty text is no frame of it either, and is told so.
pub fn text_of(frame: Option<Result<Message, Error>>) -> Result<Option<String>, End> {
    match frame {
        Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
        Some(Ok(Message::Binary(_))) => Ok(Some(String::new())),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(None),
        Some(Err(Error::Capacity(_))) => Err(End::TooLarge),
        Some(Err(Error::Protocol(_) | Error::Utf8(_))) => Err(End::Refused),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
    }
}

pub async fn write(socket: &mut Socket, frame: Message) -> Result<(), End> {
    match timeout(WRITE_WITHIN, socket.send(frame)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}

/// Best effort: the other side may have gone.
pub async fn close(socket: &mut Socket, end: End) {
    if end == End::Gone {
        // The answer to their own farewell.
        let _ = timeout(LINGER, socket.flush()).await;
        return;
    }
    let frame = CloseFrame {
        code: end.code(),
        reason: "".into(),
    };
    if let Ok(Ok(())) = timeout(WRITE_WITHIN, socket.close(Some(frame))).await {
        let _ = timeout(LINGER, hear_out(socket.get_ref())).await;
    }
}

/// A connection that is closed while something of theirs is unread is reset, and then they never see why.
async fn hear_out(stream: &TcpStream) {
    let mut rest = [0; 2048];
    let _ = SockRef::from(stream).shutdown(Shutdown::Write);
    while stream.readable().await.is_ok() {
        match stream.try_read(&mut rest) {
            Ok(0) => return,
            Err(error) if error.kind() != ErrorKind::WouldBlock => return,
            Ok(_) | Err(_) => {}
        }
    }
}
