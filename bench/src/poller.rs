//! Many sockets on one thread: epoll, with timeouts finer than a millisecond.

use std::{io, net::TcpStream, os::fd::OwnedFd, time::Duration};

use rustix::{
    buffer::spare_capacity,
    event::{
        Timespec,
        epoll::{self, CreateFlags, Event, EventData, EventFlags},
    },
};

pub(crate) struct Poller {
    epoll: OwnedFd,
    events: Vec<Event>,
}

/// A socket that can be read (or is broken), or written again.
#[derive(Clone, Copy)]
pub(crate) struct Ready {
    pub(crate) id: usize,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(1024),
        })
    }

    /// Watches a socket under `id`; a closed socket is forgotten by itself.
    pub(crate) fn add(&self, socket: &TcpStream, id: usize) -> io::Result<()> {
        epoll::add(&self.epoll, socket, EventData::new_u64(id as u64), EventFlags::IN)?;
        Ok(())
    }

    /// Whether the socket is also watched for room to write.
    pub(crate) fn watch_writes(&self, socket: &TcpStream, id: usize, writes: bool) -> io::Result<()> {
        let flags = if writes {
            EventFlags::IN | EventFlags::OUT
        } else {
            EventFlags::IN
        };
        epoll::modify(&self.epoll, socket, EventData::new_u64(id as u64), flags)?;
        Ok(())
    }

    /// For a socket at its end that stays open: it would be ready for ever.
    pub(crate) fn forget(&self, socket: &TcpStream) -> io::Result<()> {
        epoll::delete(&self.epoll, socket)?;
        Ok(())
    }

    pub(crate) fn wait(&mut self, timeout: Duration) -> io::Result<Vec<Ready>> {
        let timeout = Timespec {
            tv_sec: timeout.as_secs().cast_signed(),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        self.events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready = self.events.iter().map(|event| {
            let (flags, data) = (event.flags, event.data);
            Ready {
                id: data.u64() as usize,
                readable: flags.intersects(EventFlags::IN | EventFlags::ERR | EventFlags::HUP),
                writable: flags.contains(EventFlags::OUT),
            }
        });
        Ok(ready.collect())
    }
}
