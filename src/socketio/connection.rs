//! A socket's own task: heartbeats, reading, and writing what couldn't be written at once.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    io::{Interest, Ready},
    net::TcpStream,
    time::{Instant, sleep_until},
};

use super::{
    Application,
    frame::{CloseCode, Decoder, Frame, Message},
    packet::{self, Event, Packet},
    server::Server,
    socket::Socket,
};

/// Bytes read at once; they live on the stack, so that idle sockets share them.
const READ: usize = 4096;
/// A client that connects and doesn't sign in within this time is put out.
const SIGN_IN_WITHIN: Duration = Duration::from_secs(20);
/// Events of one socket that are worked at once. A console asks a few; nobody honest asks this many.
const MOST_EVENTS: usize = 32;

/// The end of a connection.
pub(super) struct End(pub CloseCode);

/// When the client is next asked, or has to have answered.
struct Heartbeat {
    deadline: Instant,
    asked_at: Option<Instant>,
    begun: Instant,
}

impl<A: Application> Server<A> {
    /// Runs until the connection ends, whatever it goes over.
    pub(super) async fn run(self: Arc<Self>, socket: Arc<Socket>) {
        let End(code) = self.serve(&socket).await;
        self.forget(&socket);
        socket.close(code);
        if socket.joined.swap(false, Ordering::AcqRel) {
            self.application.clone().disconnected(socket).await;
        }
    }

    async fn serve(self: &Arc<Self>, socket: &Arc<Socket>) -> End {
        let mut heartbeat = Heartbeat::new(self.options.ping_interval);
        let mut stream: Option<(Arc<TcpStream>, Decoder)> = None;
        loop {
            stream = stream.or_else(|| socket.take_stream());
            // What came along with the handshake is read first.
            if let Some((_, decoder)) = &mut stream
                && let Err(end) = self.hear(socket, decoder)
            {
                return end;
            }
            if !socket.connected() {
                return End(CloseCode::Normal);
            }
            let waits = socket.has_waiting();
            tokio::select! {
                () = socket.wake.notified() => {}
                () = sleep_until(heartbeat.deadline) => {
                    if let Err(end) = self.beat(&mut heartbeat, socket) {
                        return end;
                    }
                }
                ready = ready(stream.as_ref().map(|(stream, _)| &**stream), waits) => {
                    let read = match (ready, &mut stream) {
                        (Ok(ready), Some((stream, decoder))) if ready.is_readable() => read(stream, decoder),
                        (Ok(_), _) => Ok(()),
                        (Err(error), _) => Err(error),
                    };
                    if read.is_err() {
                        return End(CloseCode::Normal);
                    }
                }
            }
            if socket.flush().is_err() {
                return End(CloseCode::Normal);
            }
        }
    }

    fn beat(&self, heartbeat: &mut Heartbeat, socket: &Socket) -> Result<(), End> {
        let now = Instant::now();
        let joined = socket.joined.load(Ordering::Acquire);
        if !joined && now.duration_since(heartbeat.begun) >= SIGN_IN_WITHIN {
            return Err(End(CloseCode::Normal));
        }
        if let Some(asked_at) = heartbeat.asked_at.take() {
            if !socket.heard.load(Ordering::Acquire) {
                return Err(End(CloseCode::Normal));
            }
            heartbeat.deadline = now.max(asked_at + self.options.ping_interval);
            return Ok(());
        }
        socket.heard.store(false, Ordering::Release);
        socket.send_regardless(&self.ping);
        heartbeat.asked_at = Some(now);
        heartbeat.deadline = now + self.options.ping_timeout;
        Ok(())
    }

    /// Takes what has come over the WebSocket.
    fn hear(self: &Arc<Self>, socket: &Arc<Socket>, decoder: &mut Decoder) -> Result<(), End> {
        while let Some(message) = decoder.next().map_err(End)? {
            match message {
                Message::Text(text) => self.take(socket, &text)?,
                Message::Ping(payload) => {
                    socket.send(&Frame::pong(&payload));
                }
                Message::Pong => {}
                Message::Close => return Err(End(CloseCode::Normal)),
            }
        }
        Ok(())
    }

    /// Takes one packet of the client.
    pub(super) fn take(self: &Arc<Self>, socket: &Arc<Socket>, text: &str) -> Result<(), End> {
        match Packet::parse(text).map_err(|_| End(CloseCode::ProtocolError))? {
            Packet::Close | Packet::Disconnect => Err(End(CloseCode::Normal)),
            Packet::Pong => {
                socket.heard.store(true, Ordering::Release);
                Ok(())
            }
            Packet::Connect { auth } => {
                if !socket.joining.swap(true, Ordering::AcqRel) {
                    tokio::spawn(self.clone().join(socket.clone(), auth));
                }
                Ok(())
            }
            Packet::Event(event) => self.work(socket, event),
            Packet::Elsewhere { namespace, connects } => {
                if connects {
                    socket.send(&packet::refused_frame(&namespace, "Invalid namespace"));
                }
                Ok(())
            }
            Packet::Probe | Packet::Upgrade | Packet::Nothing => Ok(()),
        }
    }

    async fn join(self: Arc<Self>, socket: Arc<Socket>, auth: serde_json::Value) {
        match self.application.sign_in(auth).await {
            Ok(session) => {
                socket.joined.store(true, Ordering::Release);
                socket.send(&packet::connected_frame(&socket.id.to_string()));
                self.application.clone().connected(socket, session).await;
            }
            Err(why) => {
                socket.send(&packet::refused_frame("", why));
                // It may try again with another token.
                socket.joining.store(false, Ordering::Release);
            }
        }
    }

    fn work(self: &Arc<Self>, socket: &Arc<Socket>, event: Event) -> Result<(), End> {
        if !socket.joined.load(Ordering::Acquire) {
            return Err(End(CloseCode::ProtocolError));
        }
        if !socket.begin_event(MOST_EVENTS) {
            socket.end_event();
            return Err(End(CloseCode::TooBig));
        }
        let (application, socket) = (self.application.clone(), socket.clone());
        tokio::spawn(async move {
            application.event(socket.clone(), event).await;
            socket.end_event();
        });
        Ok(())
    }

    /// Tries a WebSocket beside the polls, until the client says that it is to be used.
    pub(super) async fn try_upgrade(
        self: Arc<Self>,
        socket: Arc<Socket>,
        stream: Arc<TcpStream>,
        mut decoder: Decoder,
    ) -> Option<Decoder> {
        loop {
            while let Some(message) = decoder.next().ok()? {
                let Message::Text(text) = message else { continue };
                match Packet::parse(&text).ok()? {
                    Packet::Probe => {
                        let answer = Frame::text(packet::PROBE_ANSWER);
                        // A fresh connection takes so little, or it has broken.
                        stream.writable().await.ok()?;
                        stream.try_write(answer.wire()).ok()?;
                        if !socket.try_upgrade() {
                            return None;
                        }
                    }
                    Packet::Upgrade => return Some(decoder),
                    _ => {}
                }
            }
            stream.readable().await.ok()?;
            read(&stream, &mut decoder).ok()?;
        }
    }
}

impl Heartbeat {
    fn new(interval: Duration) -> Self {
        let begun = Instant::now();
        Self {
            deadline: begun + interval,
            asked_at: None,
            begun,
        }
    }
}

async fn ready(stream: Option<&TcpStream>, waits: bool) -> io::Result<Ready> {
    let Some(stream) = stream else {
        return std::future::pending().await;
    };
    let interest = if waits {
        Interest::READABLE | Interest::WRITABLE
    } else {
        Interest::READABLE
    };
    stream.ready(interest).await
}

/// Reads what is there, though not for ever: others want their turn.
fn read(stream: &TcpStream, decoder: &mut Decoder) -> io::Result<()> {
    let mut buffer = [0; READ];
    for _ in 0..8 {
        match stream.try_read(&mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => decoder.push(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
