use std::{cell::RefCell, rc::Rc};

use super::*;

/// A line that holds as many packets as it has room for.
#[derive(Clone)]
struct Fake {
    got: Rc<RefCell<Vec<String>>>,
    room: usize,
}

impl Fake {
    fn new(room: usize) -> Self {
        Self {
            got: Rc::default(),
            room,
        }
    }

    fn got(&self) -> Vec<String> {
        self.got.borrow().clone()
    }

    /// The client takes what is there.
    fn read(&self) {
        self.got.borrow_mut().clear();
    }
}

impl Line for Fake {
    fn hand(&self, frames: &[&Frame]) -> (usize, Handed) {
        let mut got = self.got.borrow_mut();
        let room = self.room - got.len();
        for frame in frames.iter().take(room) {
            got.push(String::from_utf8(frame.payload().to_vec()).unwrap());
        }
        if frames.len() <= room {
            (frames.len(), Handed::Over)
        } else {
            (room, Handed::Full)
        }
    }
}

fn cursor(nth: u64) -> Cursor {
    format!("1-{nth}").parse().unwrap()
}

fn packet(nth: u64, rooms: &[&str]) -> Packet {
    Packet::bare(cursor(nth), rooms, &nth.to_string())
}

fn access(rooms: &[&str]) -> Access {
    Access {
        rooms: rooms.iter().map(|room| Box::from(*room)).collect(),
        pii: Pii::Plain,
    }
}

fn joined(registry: &mut Registry<Fake>, line: &Fake, rooms: &[&str]) -> Sid {
    let sid = Sid::random();
    let (from, generation) = registry.join(sid, line.clone(), "u".into(), access(rooms));
    assert_eq!(registry.go_live(sid, generation, from, None), Ok(true));
    sid
}

fn deliver(registry: &mut Registry<Fake>, packet: &Packet) -> (usize, Held) {
    let packets = std::slice::from_ref(packet);
    let mut due = registry.begin(packets, packet.cursor);
    registry.deliver(packets, &mut due, usize::MAX)
}

#[test]
fn an_event_of_two_rooms_comes_once() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    joined(&mut registry, &line, &["team:a", "team:b"]);
    let other = Fake::new(10);
    joined(&mut registry, &other, &["team:c"]);
    assert_eq!(
        deliver(&mut registry, &packet(1, &["all", "team:a", "team:b"])).0,
        1
    );
    assert_eq!((line.got(), other.got().len()), (vec!["1".to_owned()], 0));
}

#[test]
fn a_console_that_was_caught_up_past_the_tail_gets_nothing_twice() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    let sid = joined(&mut registry, &line, &["all"]);
    deliver(&mut registry, &packet(1, &["all"]));
    let generation = registry.hold(sid).unwrap();
    deliver(&mut registry, &packet(2, &["all"]));
    assert_eq!(registry.go_live(sid, generation, cursor(1), None), Ok(false));
    // Its catch-up has read up to 3, the tail only up to 2.
    assert_eq!(registry.go_live(sid, generation, cursor(3), None), Ok(true));
    deliver(&mut registry, &packet(3, &["all"]));
    deliver(&mut registry, &packet(4, &["all"]));
    assert_eq!(line.got(), ["1", "4"]);
}

#[test]
fn a_full_line_leaves_the_flow_at_the_event_it_could_not_take() {
    let mut registry = Registry::default();
    let line = Fake::new(1);
    let sid = joined(&mut registry, &line, &["all"]);
    deliver(&mut registry, &packet(1, &["all"]));
    deliver(&mut registry, &packet(2, &["team:x"]));
    let (_, lagging) = deliver(&mut registry, &packet(3, &["all"]));
    assert_eq!(lagging.len(), 1);
    assert_eq!(registry.from(sid), Some(cursor(2)));
    assert!(deliver(&mut registry, &packet(4, &["all"])).1.is_empty());
    assert_eq!(registry.go_live(sid, lagging[0].1, cursor(2), None), Ok(false));
}

#[test]
fn only_the_newest_catch_up_counts() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    let sid = joined(&mut registry, &line, &["all"]);
    let old = registry.hold(sid).unwrap();
    let new = registry.hold(sid).unwrap();
    let event = packet(1, &["all"]);
    assert_eq!(registry.hand_missed(sid, old, &event), Err(Refused::Over));
    assert_eq!(registry.go_live(sid, old, cursor(9), None), Err(Refused::Over));
    assert!(line.got().is_empty());
    assert_eq!(registry.hand_missed(sid, new, &event), Ok(true));
    assert_eq!(registry.go_live(sid, new, registry.position(), None), Ok(true));
}

/// Otherwise it would take a later event for its place, and what it missed would be gone.
#[test]
fn nothing_comes_between_a_console_s_word_and_what_follows() {
    let mut registry = Registry::default();
    let line = Fake::new(2);
    let sid = joined(&mut registry, &line, &["all"]);
    deliver(&mut registry, &packet(1, &["all"]));
    let generation = registry.hold(sid).unwrap();
    line.hand(&[&Frame::text("other")]);
    let word = |at: Cursor| Frame::text(&format!("word at {at}"));
    assert_eq!(
        registry.go_live(sid, generation, cursor(1), Some(&word(cursor(1)))),
        Err(Refused::Full)
    );
    assert_eq!(registry.skip_ahead(sid, generation, word), Err(Refused::Full));
    deliver(&mut registry, &packet(2, &["all"]));
    line.read();
    assert_eq!(registry.skip_ahead(sid, generation, word), Ok(()));
    deliver(&mut registry, &packet(3, &["all"]));
    assert_eq!(line.got(), ["word at 1-2", "3"]);
}

#[test]
fn what_went_over_a_connection_is_known() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    deliver(&mut registry, &packet(3, &["all"]));
    let sid = joined(&mut registry, &line, &["all"]);
    assert_eq!(registry.has_had(sid), Some((cursor(3), cursor(3))));
    deliver(&mut registry, &packet(4, &["all"]));
    deliver(&mut registry, &packet(5, &["team:x"]));
    assert_eq!(registry.has_had(sid), Some((cursor(3), cursor(4))));
    // A first resume has got as far as 2; then another begins.
    let generation = registry.hold(sid).unwrap();
    registry
        .hand_missed(sid, generation, &packet(2, &["all"]))
        .unwrap();
    registry.hold(sid).unwrap();
    assert_eq!(registry.has_had(sid), Some((cursor(3), cursor(4))));
    let generation = registry.hold(sid).unwrap();
    registry
        .skip_ahead(sid, generation, |_| Frame::text("anew"))
        .unwrap();
    assert_eq!(
        registry.has_had(sid),
        Some((cursor(5), cursor(5))),
        "what was skipped it hasn't had"
    );
}

#[test]
fn rooms_follow_the_user_and_go_with_the_console() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    joined(&mut registry, &line, &["team:a"]);
    let mut moved = || registry.move_user(&"u".into(), &access(&["team:b"]));
    let (held, again) = (moved(), moved());
    assert_eq!(
        (held.len(), again.len()),
        (1, 0),
        "only those for which it is news"
    );
    let (sid, generation) = held[0];
    assert_eq!(registry.go_live(sid, generation, cursor(0), None), Ok(true));
    deliver(&mut registry, &packet(1, &["team:a"]));
    deliver(&mut registry, &packet(2, &["team:b"]));
    assert_eq!(line.got(), ["2"]);
    assert_eq!(registry.leave(sid), Some("u".into()));
    assert!(registry.rooms.is_empty() && registry.len() == 0);
}

/// Handing an event to thousands takes a while, and the registry isn't locked all the time.
#[test]
fn whoever_comes_or_is_caught_up_while_an_event_is_handed_out_gets_it_once() {
    let mut registry = Registry::default();
    let (late, resuming) = (Fake::new(10), Fake::new(10));
    let held = joined(&mut registry, &resuming, &["all"]);
    let event = [packet(1, &["all"])];
    let mut due = registry.begin(&event, cursor(1));
    let newcomer = Sid::random();
    let (from, generation) = registry.join(newcomer, late.clone(), "u".into(), access(&["all"]));
    assert_eq!(from, cursor(1), "it fetches a state that has the event");
    assert_eq!(registry.go_live(newcomer, generation, from, None), Ok(true));
    let generation = registry.hold(held).unwrap();
    assert_eq!(
        registry.go_live(held, generation, cursor(0), None),
        Ok(false),
        "the event has to be read for it first"
    );
    assert_eq!(registry.go_live(held, generation, cursor(1), None), Ok(true));
    assert_eq!(registry.deliver(&event, &mut due, 10).0, 0);
    assert!(late.got().is_empty() && resuming.got().is_empty());
}

#[test]
fn events_that_come_together_are_handed_over_together_and_what_is_not_taken_is_caught_up() {
    let mut registry = Registry::default();
    let (roomy, narrow) = (Fake::new(10), Fake::new(2));
    joined(&mut registry, &roomy, &["all", "team:a"]);
    let full = joined(&mut registry, &narrow, &["all"]);
    let events = [
        packet(1, &["all", "team:a"]),
        packet(2, &["team:a"]),
        packet(3, &["all"]),
        packet(4, &["all"]),
    ];
    let mut due = registry.begin(&events, cursor(4));
    let (first, _) = registry.deliver(&events, &mut due, 1);
    assert!(!due.is_empty());
    let (second, lagging) = registry.deliver(&events, &mut due, 1);
    assert!(due.is_empty());
    assert_eq!(first + second, 6);
    assert_eq!(roomy.got(), ["1", "2", "3", "4"]);
    assert_eq!(narrow.got(), ["1", "3"]);
    let lagging = lagging.first().copied();
    assert_eq!(
        registry.from(full),
        Some(cursor(3)),
        "it goes on where it was full"
    );
    assert!(lagging.is_none_or(|(sid, _)| sid == full));
}

#[test]
fn each_gets_an_event_as_their_role_says() {
    let mut registry = Registry::default();
    let (plain, masked) = (Fake::new(10), Fake::new(10));
    joined(&mut registry, &plain, &["all"]);
    let sid = Sid::random();
    let reduced = Access {
        pii: Pii::Masked,
        ..access(&["all"])
    };
    let (from, generation) = registry.join(sid, masked.clone(), "m".into(), reduced);
    assert_eq!(registry.go_live(sid, generation, from, None), Ok(true));
    let event = |nth: u64, data: &'static str| {
        let entry = switchboard_queue::LiveEntry {
            cursor: format!("1-{nth}"),
            name: "message.created".into(),
            at: Timestamp::default(),
            rooms: vec!["all".into()],
            data: bytes::Bytes::from_static(data.as_bytes()),
        };
        Packet::of(entry).unwrap()
    };
    let message = r#"{"id":"m","conversation_id":"c","channel":"whatsapp","account_id":"a","direction":"inbound",
        "content":{"type":"text","text":"call +15551230001"},"provider_at":"2026-01-01T00:00:00.000Z",
        "received_at":"2026-01-01T00:00:00.000Z","processed_at":"2026-01-01T00:00:00.000Z","status":"received",
        "author":{"type":"customer"},"position":"p"}"#;
    deliver(&mut registry, &event(1, message));
    // What isn't a message can't be masked, and isn't handed to them; what follows is.
    deliver(&mut registry, &event(2, r#"{"text":"+15551230001"}"#));
    deliver(&mut registry, &event(3, message));
    assert_eq!(plain.got().len(), 3);
    assert!(plain.got().iter().all(|frame| frame.contains("+15551230001")));
    assert_eq!(masked.got().len(), 2);
    assert!(masked.got().iter().all(|frame| frame.contains("call •••0001")));
}

#[test]
fn a_user_is_here_as_long_as_one_of_their_consoles() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    let (first, second) = (
        joined(&mut registry, &line, &["all"]),
        joined(&mut registry, &line, &["all"]),
    );
    let user = UserId::from("u");
    assert_eq!(registry.lines_of(&user).len(), 2);
    registry.leave(first);
    assert!(registry.has(&user));
    registry.leave(second);
    assert!(!registry.has(&user) && registry.users().is_empty());
}
