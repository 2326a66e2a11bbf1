//! The protocol of Discord's gateway without its socket: what to send, when to give a connection up and when to stop
//! (Discord, "Gateway", "Gateway Close Event Codes").
//!
//! Ordinary messages come this way alone. Whoever holds the connection reports what happens to it and when, and carries
//! out the [`Step`]s in their order; time and chance are theirs. Of each [`Dispatch`] that matters they enqueue what
//! [`Dispatch::verified`] holds, which the connector's `normalise` reads as it reads a webhook. Once that is safe they
//! keep [`Gateway::session`]: a successor that starts from it gets everything after it again.

mod access;
mod close;
mod dispatch;
mod frame;
mod starts;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use switchboard_domain::Secret;

pub(super) use self::access::is_address;
pub use self::{
    access::Access,
    dispatch::{BOT_HEADER, Dispatch},
};
use self::{
    close::{Verdict, verdict},
    frame::{Frame, Ready},
    starts::Starts,
};
use crate::SendError;

const QUERY: &str = "/?v=10&encoding=json";
/// For Discord to greet us.
const HELLO_WITHIN: Duration = Duration::from_secs(20);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Our own code for giving a connection up with the session kept.
pub const CLOSE_AND_RESUME: u16 = 4900;
/// Ends the session along with the connection (Discord, "Gateway: Initiating a Disconnect").
pub const CLOSE_AND_END: u16 = 1000;

/// When something happens, and chance: evenly spread from 0 to 1, so that many connections don't act as one.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Since any fixed point.
    pub now: Duration,
    pub chance: f64,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Open a connection there at that time, and report it by [`Gateway::opened`] or [`Gateway::closed`].
    Connect {
        url: String,
        at: Duration,
    },
    /// Secret, since it may hold the token.
    Send(Secret),
    /// Close the connection with this code and report nothing more of it.
    Close(u16),
    Deliver(Dispatch),
    /// Don't come back before somebody has changed the account; the sentence is for them.
    Stop(SendError),
}

/// What it takes to go on where a connection broke off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: String,
    pub url: String,
    pub sequence: u64,
    /// Our own user.
    pub bot: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// No connection, or none yet.
    Away,
    /// Connected; nothing was said yet.
    Opened {
        hello_by: Duration,
    },
    Live {
        interval: Duration,
        beat_at: Duration,
        /// Discord answered the last heartbeat.
        acknowledged: bool,
        /// When the session that we wait for may begin.
        identify_at: Option<Duration>,
    },
    Stopped,
}

/// One connection after the other.
#[derive(Debug)]
pub struct Gateway {
    access: Access,
    intents: u64,
    phase: Phase,
    session: Option<Session>,
    /// Connections in a row of which nothing came.
    failures: u32,
    starts: Starts,
}

impl Gateway {
    /// `session`: of a predecessor, to go on with.
    pub fn new(access: Access, session: Option<Session>) -> Self {
        Self {
            access,
            intents: frame::INTENTS,
            phase: Phase::Away,
            session,
            failures: 0,
            starts: Starts::default(),
        }
    }

    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    pub fn start(&mut self, moment: Moment) -> Step {
        self.connect(moment.now)
    }

    pub fn opened(&mut self, moment: Moment) {
        self.phase = Phase::Opened {
            hello_by: moment.now + HELLO_WITHIN,
        };
    }

    /// When [`Gateway::tick`] is due, if nothing else happens.
    pub fn due(&self) -> Option<Duration> {
        match self.phase {
            Phase::Away | Phase::Stopped => None,
            Phase::Opened { hello_by } => Some(hello_by),
            Phase::Live {
                beat_at, identify_at, ..
            } => Some(identify_at.map_or(beat_at, |at| at.min(beat_at))),
        }
    }

    pub fn tick(&mut self, moment: Moment) -> Vec<Step> {
        let now = moment.now;
        match &mut self.phase {
            Phase::Opened { hello_by } if now >= *hello_by => self.give_up(moment),
            // A zombie: it takes what we say, and nobody is there.
            Phase::Live {
                beat_at,
                acknowledged: false,
                ..
            } if now >= *beat_at => self.give_up(moment),
            Phase::Live {
                interval,
                beat_at,
                acknowledged,
                identify_at,
            } => {
                let (beats, begins) = (now >= *beat_at, identify_at.is_some_and(|at| now >= at));
                if beats {
                    *beat_at = now + *interval;
                    *acknowledged = false;
                }
                if begins {
                    *identify_at = None;
                }
                let beat = beats.then(|| self.heartbeat());
                let identify = begins.then(|| self.identify(now));
                beat.into_iter().chain(identify).collect()
            }
            Phase::Away | Phase::Opened { .. } | Phase::Stopped => Vec::new(),
        }
    }

    pub fn received(&mut self, text: &str, moment: Moment) -> Vec<Step> {
        if !matches!(self.phase, Phase::Opened { .. } | Phase::Live { .. }) {
            return Vec::new();
        }
        let Some(frame) = Frame::read(text) else {
            return self.give_up(moment);
        };
        match frame.op {
            frame::DISPATCH => self.dispatched(&frame, text),
            frame::HEARTBEAT => vec![self.heartbeat()],
            frame::RECONNECT => self.give_up(moment),
            frame::INVALID_SESSION => self.invalidated(&frame, moment),
            frame::HELLO => self.greeted(&frame, moment),
            frame::HEARTBEAT_ACK => {
                if let Phase::Live { acknowledged, .. } = &mut self.phase {
                    *acknowledged = true;
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// The connection is gone, or never was; `code`: of Discord's closing, if it said one.
    pub fn closed(&mut self, code: Option<u16>, moment: Moment) -> Vec<Step> {
        if matches!(self.phase, Phase::Stopped) {
            return Vec::new();
        }
        match verdict(code) {
            Verdict::Resume => {}
            Verdict::Identify => self.session = None,
            Verdict::Stop(why) => {
                self.phase = Phase::Stopped;
                return vec![Step::Stop(why)];
            }
        }
        vec![self.connect_after_pause(moment)]
    }

    fn greeted(&mut self, frame: &Frame<'_>, moment: Moment) -> Vec<Step> {
        let Some(interval) = frame.heartbeat_interval() else {
            return self.give_up(moment);
        };
        let mut phase = Phase::Live {
            interval,
            beat_at: moment.now + interval.mul_f64(moment.chance.clamp(0.0, 1.0)),
            acknowledged: true,
            identify_at: None,
        };
        let first = match &self.session {
            Some(session) => Some(Step::Send(frame::resume(&self.access.token, session))),
            None if self.starts.next_at() > moment.now => {
                if let Phase::Live { identify_at, .. } = &mut phase {
                    *identify_at = Some(self.starts.next_at());
                }
                None
            }
            None => Some(self.identify(moment.now)),
        };
        self.phase = phase;
        first.into_iter().collect()
    }

    fn dispatched(&mut self, frame: &Frame<'_>, text: &str) -> Vec<Step> {
        let name = frame.name.unwrap_or_default();
        if name == "READY"
            && let Some(ready) = frame.data::<Ready>()
        {
            self.session = Some(Session {
                id: ready.session_id,
                url: ready.resume_gateway_url,
                sequence: 0,
                bot: Some(ready.user.id),
            });
        }
        if matches!(name, "READY" | "RESUMED") {
            self.failures = 0;
        }
        let bot = self.session.as_mut().and_then(|session| {
            session.sequence = frame.sequence.unwrap_or(session.sequence);
            session.bot.clone()
        });
        vec![Step::Deliver(Dispatch::new(name, text, bot))]
    }

    /// Discord wants a pause of one to five seconds before the next try.
    fn invalidated(&mut self, frame: &Frame<'_>, moment: Moment) -> Vec<Step> {
        if frame.data::<bool>() != Some(true) {
            self.session = None;
        }
        let pause = Duration::from_secs(1) + Duration::from_secs(4).mul_f64(moment.chance.clamp(0.0, 1.0));
        vec![Step::Close(CLOSE_AND_RESUME), self.connect(moment.now + pause)]
    }

    fn give_up(&mut self, moment: Moment) -> Vec<Step> {
        vec![Step::Close(CLOSE_AND_RESUME), self.connect_after_pause(moment)]
    }

    /// At once the first time; then after one second, two, four … up to a minute, less some chance.
    fn connect_after_pause(&mut self, moment: Moment) -> Step {
        let doubled = self
            .failures
            .checked_sub(1)
            .map(|exponent| 2_u64.saturating_pow(exponent));
        let pause = doubled.map_or(Duration::ZERO, |secs| {
            Duration::from_secs(secs).min(LONGEST_PAUSE)
        });
        self.failures = self.failures.saturating_add(1);
        self.connect(moment.now + pause.mul_f64(0.5 + moment.chance.clamp(0.0, 1.0) / 2.0))
    }

    fn connect(&mut self, at: Duration) -> Step {
        self.phase = Phase::Away;
        let (base, at) = match &self.session {
            Some(session) => (self.access.resumed_at(&session.url), at),
            // Discord doesn't keep connections that say nothing, so it is we who wait.
            None => (self.access.begun_at(), at.max(self.starts.next_at())),
        };
        Step::Connect {
            url: format!("{base}{QUERY}"),
            at,
        }
    }

    fn identify(&mut self, now: Duration) -> Step {
        self.starts.began(now);
        Step::Send(frame::identify(&self.access.token, self.intents))
    }

    fn heartbeat(&self) -> Step {
        Step::Send(frame::heartbeat(self.session.as_ref()))
    }
}

#[cfg(test)]
mod tests;
