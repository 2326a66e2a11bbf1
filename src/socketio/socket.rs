//! One console's connection, whatever it goes over, and what waits for it.

use std::{
    collections::VecDeque,
    fmt,
    io::{self, IoSlice},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use bytes::{Buf, Bytes};
use serde::Serialize;
use tokio::{net::TcpStream, sync::Notify};

use super::{
    frame::{CloseCode, Decoder, Frame},
    packet,
};
use crate::connections::Connection;

/// Frames of one write.
const MOST_SLICES: usize = 64;

/// Names a socket; others may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid(u128);

impl Sid {
    pub fn random() -> Self {
        Self(rand::random())
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    Over,
    /// The console reads more slowly than we write.
    Full,
    Gone,
}

/// A client's connection. Shared by its own task and by all who send to it.
pub struct Socket {
    pub id: Sid,
    /// Whoever knows it can poll in the client's name: it is told to the client alone.
    pub(super) engine_id: Sid,
    outbox: Mutex<Outbox>,
    /// Wakes the socket's own task.
    pub(super) wake: Notify,
    /// Wakes the poll that waits for something to take.
    pub(super) poll: Notify,
    /// The client has been heard since the last ping.
    pub(super) heard: AtomicBool,
    /// It is in the main namespace, or on its way in.
    pub(super) joining: AtomicBool,
    pub(super) joined: AtomicBool,
    /// Events being worked.
    pub(super) busy: AtomicUsize,
    /// Packets that may wait.
    capacity: usize,
    _connection: Connection,
}

struct Outbox {
    waiting: VecDeque<Waiting>,
    way: Way,
    /// A poll is there and waits.
    polled: bool,
    /// What reads the WebSocket, until the socket's own task has taken it.
    reader: Option<Box<Decoder>>,
}

enum Way {
    Polling,
    /// A WebSocket is being tried; the polls go on until the client says so.
    Trying,
    WebSocket(Arc<TcpStream>),
    Closed,
}

/// A packet, or what is left of it.
struct Waiting {
    frame: Frame,
    left: Bytes,
}

/// What a poll gets.
pub(super) enum Polled {
    Body(Vec<u8>),
    /// Nothing yet.
    Wait,
    /// Another poll is waiting already, or the client isn't polling any more.
    Misplaced,
}

impl Socket {
    pub(super) fn new(capacity: usize, connection: Connection) -> Self {
        Self {
            id: Sid::random(),
            engine_id: Sid::random(),
            outbox: Mutex::new(Outbox {
                waiting: VecDeque::new(),
                way: Way::Polling,
                polled: false,
                reader: None,
            }),
            wake: Notify::new(),
            poll: Notify::new(),
            heard: AtomicBool::new(true),
            joining: AtomicBool::new(false),
            joined: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            capacity,
            _connection: connection,
        }
    }

    /// Hands a packet over; never waits.
    pub fn send(&self, frame: &Frame) -> Handed {
        self.send_all(&[frame]).1
    }

    /// Hands packets over, in one write if the connection takes them; never waits. Tells how many it could hand over,
    /// and what became of the next, if not all.
    pub fn send_all(&self, frames: &[&Frame]) -> (usize, Handed) {
        self.send_within(frames, self.capacity)
    }

    fn send_within(&self, frames: &[&Frame], capacity: usize) -> (usize, Handed) {
        let mut outbox = self.outbox();
        let Ok(handed) = outbox.send(frames, capacity) else {
            drop(outbox);
            self.close(CloseCode::Normal);
            return (0, Handed::Gone);
        };
        match outbox.way {
            Way::WebSocket(_) if outbox.waiting.is_empty() => {}
            Way::WebSocket(_) => self.wake.notify_one(),
            _ => self.poll.notify_one(),
        }
        if handed == frames.len() {
            (handed, Handed::Over)
        } else {
            (handed, Handed::Full)
        }
    }

    /// Hands over what may not wait for the client to read the rest: asks it whether it is there. Of these there is one at a
    /// time.
    pub(super) fn send_regardless(&self, frame: &Frame) {
        self.send_within(&[frame], usize::MAX);
    }

    /// Answers an event.
    pub fn acknowledge(&self, ack: Option<u64>, payload: &impl Serialize) {
        if let Some(ack) = ack {
            // If it can't take even this, it asks again after its own time-out.
            self.send(&packet::ack_frame(ack, payload));
        }
    }

    pub fn connected(&self) -> bool {
        !matches!(self.outbox().way, Way::Closed)
    }

    /// Puts the client out; it won't come back by itself.
    pub fn turn_out(&self) {
        self.send(&packet::disconnect_frame());
        self.close(CloseCode::Normal);
    }

    /// Ends the connection; the client comes back by itself.
    pub fn hang_up(&self) {
        self.close(CloseCode::Normal);
    }

    /// Ends the connection. The client comes back when it likes.
    pub(super) fn close(&self, code: CloseCode) {
        let mut outbox = self.outbox();
        if let Way::WebSocket(stream) = &outbox.way
            && outbox.waiting.is_empty()
        {
            // Politeness; if it can't be said at once, the end says it.
            let _ = stream.try_write(Frame::close(code).wire());
        }
        outbox.way = Way::Closed;
        drop(outbox);
        self.wake.notify_one();
        self.poll.notify_one();
    }

    /// The WebSocket, once it is what the socket goes over; asked for once.
    pub(super) fn take_stream(&self) -> Option<(Arc<TcpStream>, Decoder)> {
        let mut outbox = self.outbox();
        let Way::WebSocket(stream) = &outbox.way else {
            return None;
        };
        let stream = stream.clone();
        let reader = outbox.reader.take()?;
        Some((stream, *reader))
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.outbox().waiting.is_empty()
    }

    /// Writes what waits, as far as the connection takes it.
    pub(super) fn flush(&self) -> io::Result<()> {
        let mut outbox = self.outbox();
        let outbox = &mut *outbox;
        let Way::WebSocket(stream) = &outbox.way else {
            return Ok(());
        };
        while let Some(first) = outbox.waiting.front_mut() {
            if !write(stream, &mut first.left)? {
                return Ok(());
            }
            outbox.waiting.pop_front();
        }
        // An idle console holds no memory for what once waited.
        outbox.waiting = VecDeque::new();
        Ok(())
    }

    /// A WebSocket is there beside the polls: whatever poll waits is let go.
    pub(super) fn try_upgrade(&self) -> bool {
        let mut outbox = self.outbox();
        let polls = matches!(outbox.way, Way::Polling);
        if polls {
            outbox.way = Way::Trying;
            self.poll.notify_one();
        }
        polls
    }

    /// The WebSocket that was being tried has gone.
    pub(super) fn stop_trying(&self) {
        let mut outbox = self.outbox();
        if matches!(outbox.way, Way::Trying) {
            outbox.way = Way::Polling;
        }
    }

    /// From now on everything goes over the WebSocket.
    pub(super) fn upgrade(&self, stream: Arc<TcpStream>, reader: Decoder) {
        let mut outbox = self.outbox();
        if !matches!(outbox.way, Way::Closed) {
            outbox.way = Way::WebSocket(stream);
            outbox.reader = Some(Box::new(reader));
        }
        drop(outbox);
        self.wake.notify_one();
        self.poll.notify_one();
    }

    /// A poll begins: at the most one at a time.
    pub(super) fn begin_poll(&self) -> bool {
        let mut outbox = self.outbox();
        !std::mem::replace(&mut outbox.polled, true)
    }

    pub(super) fn end_poll(&self) {
        self.outbox().polled = false;
    }

    /// What a poll takes along: up to `limit` bytes, but at least one packet.
    pub(super) fn take(&self, limit: usize) -> Polled {
        let mut outbox = self.outbox();
        if matches!(outbox.way, Way::WebSocket(_)) {
            return Polled::Misplaced;
        }
        let mut body = Vec::new();
        while let Some(next) = outbox.waiting.front() {
            let payload = next.frame.payload();
            if !body.is_empty() && body.len() + 1 + payload.len() > limit {
                break;
            }
            if !body.is_empty() {
                body.push(packet::SEPARATOR);
            }
            body.extend_from_slice(payload);
            outbox.waiting.pop_front();
        }
        match outbox.way {
            _ if !body.is_empty() => Polled::Body(body),
            Way::Closed => Polled::Body(packet::CLOSE.into()),
            Way::Trying => Polled::Body(packet::NOOP.into()),
            _ => Polled::Wait,
        }
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more event may be worked beside those that are.
    pub(super) fn begin_event(&self, most: usize) -> bool {
        self.busy.fetch_add(1, Ordering::Relaxed) < most
    }

    pub(super) fn end_event(&self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Outbox {
    /// Writes what can be written at once and keeps the rest, up to `capacity`; tells how many of `frames` are on their
    /// way.
    fn send(&mut self, frames: &[&Frame], capacity: usize) -> io::Result<usize> {
        let mut sent = Sent::default();
        match &self.way {
            Way::Closed => return Err(io::ErrorKind::NotConnected.into()),
            Way::WebSocket(stream) if self.waiting.is_empty() => sent = write_all(stream, frames)?,
            Way::Polling | Way::Trying | Way::WebSocket(_) => {}
        }
        let room = capacity.saturating_sub(self.waiting.len());
        for frame in frames.iter().skip(sent.frames).take(room) {
            let mut left = frame.wire().clone();
            left.advance(std::mem::take(&mut sent.bytes));
            self.waiting.push_back(Waiting {
                frame: (*frame).clone(),
                left,
            });
        }
        Ok(frames.len().min(sent.frames + room))
    }
}

/// How far a write got: whole frames, and bytes of the next.
#[derive(Default)]
struct Sent {
    frames: usize,
    bytes: usize,
}

fn write_all(stream: &TcpStream, frames: &[&Frame]) -> io::Result<Sent> {
    let mut sent = Sent::default();
    while sent.frames < frames.len() {
        let slices: Vec<IoSlice<'_>> = frames[sent.frames..]
            .iter()
            .take(MOST_SLICES)
            .enumerate()
            .map(|(nth, frame)| IoSlice::new(&frame.wire()[if nth == 0 { sent.bytes } else { 0 }..]))
            .collect();
        match stream.try_write_vectored(&slices) {
            Ok(count) => sent.advance(frames, count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

impl Sent {
    fn advance(&mut self, frames: &[&Frame], count: usize) {
        self.bytes += count;
        while let Some(length) = frames.get(self.frames).map(|frame| frame.wire().len())
            && self.bytes >= length
        {
            self.bytes -= length;
            self.frames += 1;
        }
    }
}

/// Whether all of it was taken.
fn write(stream: &TcpStream, left: &mut Bytes) -> io::Result<bool> {
    while left.has_remaining() {
        match stream.try_write(left) {
            Ok(count) => left.advance(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}
