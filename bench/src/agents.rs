//! Many consoles on one thread: Socket.IO (Engine.IO 4) over WebSocket, nothing more than is needed.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{Failure, body, frame, http, poller::Poller};

const EVENT: &[u8] = b"42[\"message.created\",";

struct Console {
    stream: TcpStream,
    input: Vec<u8>,
    /// A message that came in pieces.
    pieces: Vec<u8>,
    open: bool,
}

/// A message on a screen.
pub(crate) struct Delivery {
    pub(crate) console: usize,
    pub(crate) index: u64,
    pub(crate) at: Instant,
}

/// Connected consoles, listening on a thread of their own.
pub(crate) struct Agents {
    stop: Arc<AtomicBool>,
    seen: Arc<AtomicU64>,
    thread: JoinHandle<io::Result<(Vec<Delivery>, u64)>>,
}

impl Agents {
    /// Connects `count` consoles, with the tokens in turn, that note the messages of `run`.
    pub(crate) fn connect(
        base_url: &str,
        tokens: &[String],
        count: usize,
        run: &str,
    ) -> Result<Self, Failure> {
        let (host, address) = http::locate(base_url)?;
        let (joined, joining) = mpsc::channel();
        let (stop, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let listener = Listener {
            joining,
            consoles: Vec::with_capacity(count),
            run: run.to_owned(),
            stop: Arc::clone(&stop),
            seen: Arc::clone(&seen),
            deliveries: Vec::new(),
        };
        let thread = thread::spawn(move || listener.listen());
        // They are listened to from the first on: whoever doesn't answer pings while the others come is hung up on.
        for token in tokens.iter().cycle().take(count) {
            let console = Console::join(address, &host, token)?;
            console.stream.set_nonblocking(true)?;
            if joined.send(console).is_err() {
                break;
            }
        }
        Ok(Self { stop, seen, thread })
    }

    /// Waits for `wanted` deliveries, and no longer than `patience` after the last one.
    pub(crate) fn wait_for(&self, wanted: u64, patience: Duration) {
        let mut last = (0, Instant::now());
        loop {
            let seen = self.seen.load(Ordering::Relaxed);
            if seen != last.0 {
                last = (seen, Instant::now());
            }
            if seen >= wanted || last.1.elapsed() > patience {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends listening: every delivery, and how many consoles lost their connection.
    pub(crate) fn finish(self) -> Result<(Vec<Delivery>, u64), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let outcome = self
            .thread
            .join()
            .map_err(|_| Failure::new("the consoles' thread died"))?;
        Ok(outcome?)
    }
}

struct Listener {
    joining: mpsc::Receiver<Console>,
    consoles: Vec<Console>,
    run: String,
    stop: Arc<AtomicBool>,
    seen: Arc<AtomicU64>,
    deliveries: Vec<Delivery>,
}

impl Listener {
    fn listen(mut self) -> io::Result<(Vec<Delivery>, u64)> {
        let mut poller = Poller::new()?;
        let mut chunk = vec![0; 65_536];
        while !self.stop.load(Ordering::Relaxed) {
            while let Ok(console) = self.joining.try_recv() {
                let id = self.consoles.len();
                poller.add(&console.stream, id)?;
                self.consoles.push(console);
                self.take_frames(id);
            }
            for ready in poller.wait(Duration::from_millis(50))? {
                let console = &mut self.consoles[ready.id];
                match console.stream.read(&mut chunk) {
                    Ok(length) if length > 0 => console.input.extend_from_slice(&chunk[..length]),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                    _ => {
                        console.open = false;
                        poller.forget(&console.stream)?;
                        continue;
                    }
                }
                self.take_frames(ready.id);
            }
        }
        let lost = self.consoles.iter().filter(|console| !console.open).count();
        Ok((self.deliveries, lost as u64))
    }

    fn take_frames(&mut self, id: usize) {
        let at = Instant::now();
        while let Some(message) = self.consoles[id].next_message() {
            if message.starts_with(EVENT)
                && let Some(index) = body::index_in(&message, &self.run)
            {
                self.deliveries.push(Delivery {
                    console: id,
                    index,
                    at,
                });
                self.seen.fetch_add(1, Ordering::Relaxed);
            }
        }
        // An idle console shall not hold the largest burst it ever got.
        let console = &mut self.consoles[id];
        if console.input.is_empty() && console.input.capacity() > 4096 {
            console.input = Vec::new();
        }
    }
}

impl Console {
    fn join(address: SocketAddr, host: &str, token: &str) -> Result<Self, Failure> {
        let mut stream = http::connect(address)?;
        write!(
            stream,
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Key: c3dpdGNoYm9hcmRiZW5jaA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )?;
        let mut input = Vec::new();
        let answer = http::read_answer(&mut stream, &mut input)?;
        if answer.status != 101 {
            return Err(Failure::new(format!(
                "a console was answered {}, not 101",
                answer.status
            )));
        }
        input.drain(..answer.length);
        let mut console = Self {
            stream,
            input,
            pieces: Vec::new(),
            open: true,
        };
        console.expect(b"0")?;
        let connect = format!("40{}", json!({"token": token}));
        console
            .stream
            .write_all(&frame::write(frame::TEXT, connect.as_bytes()))?;
        console.expect(b"40")?;
        Ok(console)
    }

    /// Reads messages, while still blocking, until one starts so.
    fn expect(&mut self, start: &[u8]) -> Result<(), Failure> {
        let mut chunk = [0; 4096];
        loop {
            while let Some(message) = self.next_message() {
                if message.starts_with(start) {
                    return Ok(());
                }
                if message.starts_with(b"44") {
                    let reason = String::from_utf8_lossy(&message).into_owned();
                    return Err(Failure::new(format!("a console was refused: {reason}")));
                }
            }
            let length = self.stream.read(&mut chunk)?;
            if length == 0 || !self.open {
                return Err(Failure::new("a console was hung up on"));
            }
            self.input.extend_from_slice(&chunk[..length]);
        }
    }

    /// The next whole text message. Pings of both layers are answered on the way.
    fn next_message(&mut self) -> Option<Vec<u8>> {
        while let Some(next) = frame::parse(&self.input) {
            let payload = self.input[next.payload.clone()].to_vec();
            self.input.drain(..next.payload.end);
            match next.opcode {
                frame::PING => self.write(frame::PONG, &payload),
                frame::CLOSE => self.close(),
                frame::TEXT if next.last && payload == b"2" => self.write(frame::TEXT, b"3"),
                frame::TEXT if next.last => return Some(payload),
                frame::TEXT | frame::CONTINUATION => {
                    self.pieces.extend(payload);
                    if next.last {
                        return Some(std::mem::take(&mut self.pieces));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Answers are a few bytes: a socket that can't take them is as good as gone.
    fn write(&mut self, opcode: u8, payload: &[u8]) {
        let bytes = frame::write(opcode, payload);
        if self.stream.write(&bytes).ok() != Some(bytes.len()) {
            self.close();
        }
    }

    /// The next read finds the end.
    fn close(&mut self) {
        self.open = false;
        // If it's closed already, so be it.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}
