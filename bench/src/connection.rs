//! One connection that webhooks are posted over, one at a time.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Instant,
};

use crate::{
    http::{self, Answer},
    poller::Poller,
};

pub(crate) struct Connection {
    stream: TcpStream,
    id: usize,
    input: Vec<u8>,
    written: usize,
    watches_writes: bool,
    /// The slot under way, and when it was begun.
    pub(crate) current: Option<(usize, Instant)>,
    /// Slots that wait for it.
    pub(crate) queue: VecDeque<usize>,
}

/// What a readable connection had to say.
pub(crate) enum Heard {
    Nothing,
    Answered(u16),
    /// Closed or broken; a new one has taken its place.
    Lost,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr, id: usize, poller: &Poller) -> io::Result<Self> {
        Ok(Self {
            stream: open_stream(address, id, poller)?,
            id,
            input: Vec::with_capacity(1024),
            written: 0,
            watches_writes: false,
            current: None,
            queue: VecDeque::new(),
        })
    }

    pub(crate) fn begin(&mut self, slot: usize, request: &[u8], poller: &Poller) -> io::Result<()> {
        self.current = Some((slot, Instant::now()));
        self.written = 0;
        self.write_on(request, poller)
    }

    /// Writes as much as fits. A broken connection is noticed when it's read.
    pub(crate) fn write_on(&mut self, request: &[u8], poller: &Poller) -> io::Result<()> {
        if let Ok(length) = self.stream.write(&request[self.written..]) {
            self.written += length;
        }
        let more = self.written < request.len();
        if more != self.watches_writes {
            self.watches_writes = more;
            poller.watch_writes(&self.stream, self.id, more)?;
        }
        Ok(())
    }

    pub(crate) fn hear(&mut self, address: SocketAddr, poller: &Poller) -> io::Result<Heard> {
        let mut chunk = [0; 8192];
        match self.stream.read(&mut chunk) {
            Ok(length) if length > 0 => self.input.extend_from_slice(&chunk[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Heard::Nothing),
            _ => {
                self.reopen(address, poller)?;
                return Ok(Heard::Lost);
            }
        }
        let Some(Answer {
            status,
            length,
            keep_alive,
            ..
        }) = http::parse(&self.input)
        else {
            return Ok(Heard::Nothing);
        };
        self.input.drain(..length);
        if !keep_alive {
            self.reopen(address, poller)?;
        }
        Ok(Heard::Answered(status))
    }

    fn reopen(&mut self, address: SocketAddr, poller: &Poller) -> io::Result<()> {
        self.stream = open_stream(address, self.id, poller)?;
        self.input.clear();
        self.watches_writes = false;
        Ok(())
    }
}

fn open_stream(address: SocketAddr, id: usize, poller: &Poller) -> io::Result<TcpStream> {
    let stream = http::connect(address)?;
    stream.set_nonblocking(true)?;
    poller.add(&stream, id)?;
    Ok(stream)
}
