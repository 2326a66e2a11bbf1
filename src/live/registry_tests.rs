use std::{cell::RefCell, rc::Rc};

use serde_json::value::RawValue;

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
}

impl Line for Fake {
    fn emit(&self, event: &str, _payload: &impl Serialize) -> Handed {
        if self.got.borrow().len() >= self.room {
            return Handed::Full;
        }
        self.got.borrow_mut().push(event.to_owned());
        Handed::Over
    }
}

fn cursor(nth: u64) -> Cursor {
    format!("1-{nth}").parse().unwrap()
}

fn packet(nth: u64, rooms: &[&str]) -> Packet {
    Packet {
        name: nth.to_string(),
        cursor: cursor(nth),
        rooms: rooms.iter().map(ToString::to_string).collect(),
        payload: RawValue::from_string("{}".into()).unwrap(),
    }
}

fn joined(registry: &mut Registry<Fake>, line: &Fake, rooms: &[&str]) -> Sid {
    let sid = Sid::new();
    let rooms = rooms.iter().map(|room| Box::from(*room)).collect();
    let (from, generation) = registry.join(sid, line.clone(), "u".into(), rooms);
    registry.go_live(sid, generation, from).unwrap().unwrap();
    sid
}

#[test]
fn an_event_of_two_rooms_comes_once() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    joined(&mut registry, &line, &["team:a", "team:b"]);
    let other = Fake::new(10);
    joined(&mut registry, &other, &["team:c"]);
    assert_eq!(registry.deliver(&packet(1, &["all", "team:a", "team:b"])).0, 1);
    assert_eq!((line.got(), other.got().len()), (vec!["1".to_owned()], 0));
}

#[test]
fn a_console_that_was_caught_up_past_the_tail_gets_nothing_twice() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    let sid = joined(&mut registry, &line, &["all"]);
    registry.deliver(&packet(1, &["all"]));
    let generation = registry.hold(sid).unwrap();
    registry.deliver(&packet(2, &["all"]));
    assert_eq!(
        registry.go_live(sid, generation, cursor(1)).unwrap(),
        Err(cursor(2))
    );
    // Its catch-up has read up to 3, the tail only up to 2.
    registry.go_live(sid, generation, cursor(3)).unwrap().unwrap();
    registry.deliver(&packet(3, &["all"]));
    registry.deliver(&packet(4, &["all"]));
    assert_eq!(line.got(), ["1", "4"]);
}

#[test]
fn a_full_line_leaves_the_flow_at_the_event_it_could_not_take() {
    let mut registry = Registry::default();
    let line = Fake::new(1);
    let sid = joined(&mut registry, &line, &["all"]);
    registry.deliver(&packet(1, &["all"]));
    registry.deliver(&packet(2, &["team:x"]));
    let (_, lagging) = registry.deliver(&packet(3, &["all"]));
    assert_eq!(lagging.len(), 1);
    assert_eq!(registry.from(sid), Some(cursor(2)));
    assert!(registry.deliver(&packet(4, &["all"])).1.is_empty());
    assert_eq!(
        registry.go_live(sid, lagging[0].1, cursor(2)).unwrap(),
        Err(cursor(4))
    );
}

#[test]
fn only_the_newest_catch_up_counts() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    let sid = joined(&mut registry, &line, &["all"]);
    let old = registry.hold(sid).unwrap();
    let new = registry.hold(sid).unwrap();
    assert!(registry.catching_up(sid, old).is_none());
    assert!(registry.go_live(sid, old, cursor(9)).is_none());
    assert!(registry.go_live(sid, new, registry.position()).is_some());
}

#[test]
fn rooms_follow_the_user_and_go_with_the_console() {
    let mut registry = Registry::default();
    let line = Fake::new(10);
    let sid = joined(&mut registry, &line, &["team:a"]);
    registry.move_user(&"u".into(), &["team:b".into()]);
    registry.deliver(&packet(1, &["team:a"]));
    registry.deliver(&packet(2, &["team:b"]));
    assert_eq!(line.got(), ["2"]);
    assert_eq!(registry.leave(sid), Some("u".into()));
    assert!(registry.rooms.is_empty() && registry.len() == 0);
}
