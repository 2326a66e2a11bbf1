//! Connections that go well, and all the ways in which they don't, with time as an argument.

use serde_json::{Value, json};
use switchboard_domain::{AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Timestamp};

use super::*;

const RESUME_URL: &str = "wss://gateway-us-east1-b.discord.gg";

fn at(secs: f64) -> Moment {
    Moment {
        now: Duration::from_secs_f64(secs),
        chance: 0.5,
    }
}

fn secs(secs: f64) -> Duration {
    Duration::from_secs_f64(secs)
}

fn access() -> Access {
    let account = ChannelAccount {
        key: AccountKey {
            channel: Channel::Discord,
            account_id: "d".into(),
        },
        name: "D".into(),
        settings: AccountSettings {
            other: [("gateway".to_owned(), json!(true))].into(),
            ..AccountSettings::default()
        },
        secrets: AccountSecrets([("access_token".to_owned(), Secret::new("the-bot-token"))].into()),
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
    };
    Access::of(&account).unwrap()
}

fn gateway() -> Gateway {
    Gateway::new(access(), None)
}

/// What a step sends.
fn sent(step: &Step) -> Value {
    match step {
        Step::Send(frame) => serde_json::from_str(frame.expose()).unwrap(),
        other => panic!("nothing sent: {other:?}"),
    }
}

fn ops(steps: &[Step]) -> Vec<u64> {
    steps
        .iter()
        .map(|step| sent(step)["op"].as_u64().unwrap())
        .collect()
}

fn hello() -> String {
    json!({ "op": 10, "d": { "heartbeat_interval": 40_000 }, "s": null, "t": null }).to_string()
}

fn ready(sequence: u64) -> String {
    json!({ "op": 0, "t": "READY", "s": sequence, "d": { "v": 10, "session_id": "s1", "resume_gateway_url": RESUME_URL,
        "user": { "id": "845027738276462632", "bot": true }, "guilds": [], "application": { "id": "845027738276462632" } } })
    .to_string()
}

fn message(sequence: u64) -> String {
    json!({ "op": 0, "t": "MESSAGE_CREATE", "s": sequence, "d": { "id": "1" } }).to_string()
}

/// Connected at second 0 and ready; the first heartbeat is due at 20.
fn live() -> Gateway {
    let mut gateway = gateway();
    gateway.start(at(0.0));
    gateway.opened(at(0.0));
    assert_eq!(ops(&gateway.received(&hello(), at(0.0))), [2]);
    gateway.received(&ready(1), at(0.0));
    gateway
}

fn reconnects(steps: &[Step]) -> (String, Duration) {
    match steps {
        [Step::Close(code), Step::Connect { url, at }] => {
            assert!(!matches!(code, 1000 | 1001), "such a code would end the session");
            (url.clone(), *at)
        }
        [Step::Connect { url, at }] => (url.clone(), *at),
        other => panic!("{other:?}"),
    }
}

/// What the next connection begins with.
fn first_word(gateway: &mut Gateway, secs: f64) -> Value {
    gateway.opened(at(secs));
    let steps = gateway.received(&hello(), at(secs));
    sent(&steps[0])
}

#[test]
fn a_session_begins_with_the_token_and_the_intents() {
    let mut gateway = gateway();
    let connect = gateway.start(at(0.0));
    assert_eq!(
        reconnects(&[connect]),
        (
            "wss://gateway.discord.gg/?v=10&encoding=json".to_owned(),
            secs(0.0)
        )
    );
    let identify = first_word(&mut gateway, 1.0);
    assert_eq!(
        (&identify["op"], &identify["d"]["token"]),
        (&json!(2), &json!("the-bot-token"))
    );
    assert_eq!(identify["d"]["intents"], 0b1011_0110_0000_0000);
    assert!(!format!("{gateway:?}").contains("the-bot-token"));
}

#[test]
fn dispatches_are_delivered_as_they_came_with_who_we_are() {
    let mut gateway = live();
    let [Step::Deliver(dispatch)] = &gateway.received(&message(7), at(1.0))[..] else {
        panic!("not delivered")
    };
    let stored = dispatch.verified().to_stored();
    assert_eq!(
        (dispatch.name.as_str(), stored.body.as_ref()),
        ("MESSAGE_CREATE", message(7).as_bytes())
    );
    assert_eq!(
        stored.headers,
        [(BOT_HEADER.to_owned(), "845027738276462632".to_owned())]
    );
    assert_eq!(gateway.session().map(|session| session.sequence), Some(7));
}

#[test]
fn heartbeats_begin_at_random_and_go_on_while_they_are_answered() {
    let mut gateway = live();
    assert_eq!(
        gateway.due(),
        Some(Duration::from_secs(20)),
        "half the interval, by chance"
    );
    assert!(gateway.tick(at(19.9)).is_empty());
    gateway.received(&message(9), at(19.9));
    let beat = gateway.tick(at(20.0));
    assert_eq!(sent(&beat[0]), json!({ "op": 1, "d": 9 }));
    assert!(gateway.received(r#"{"op":11}"#, at(20.1)).is_empty());
    assert_eq!(gateway.due(), Some(Duration::from_mins(1)));
    assert_eq!(ops(&gateway.tick(at(60.0))), [1]);
    // Asked for, it comes at once, and the own rhythm stays.
    gateway.received(r#"{"op":11}"#, at(60.1));
    assert_eq!(ops(&gateway.received(r#"{"op":1,"d":null}"#, at(61.0))), [1]);
    assert_eq!(gateway.due(), Some(Duration::from_secs(100)));
}

#[test]
fn a_heartbeat_without_an_answer_is_a_dead_connection() {
    let mut gateway = live();
    assert_eq!(ops(&gateway.tick(at(20.0))), [1]);
    let (url, when) = reconnects(&gateway.tick(at(60.0)));
    assert_eq!(
        (url, when),
        (format!("{RESUME_URL}/?v=10&encoding=json"), secs(60.0))
    );
    assert_eq!(gateway.due(), None, "the worker waits for the connection");
    assert!(
        gateway.received(&message(99), at(60.0)).is_empty(),
        "the old connection is none any more"
    );
    let resume = first_word(&mut gateway, 61.0);
    assert_eq!(
        resume,
        json!({ "op": 6, "d": { "token": "the-bot-token", "session_id": "s1", "seq": 1 } })
    );
}

#[test]
fn without_a_greeting_a_connection_is_given_up() {
    let mut gateway = gateway();
    gateway.start(at(0.0));
    gateway.opened(at(0.0));
    assert_eq!(gateway.due(), Some(HELLO_WITHIN));
    assert!(gateway.tick(at(19.0)).is_empty());
    assert_eq!(reconnects(&gateway.tick(at(20.0))).1, secs(20.0));
}

#[test]
fn asked_to_reconnect_it_goes_on_where_it_was() {
    let mut gateway = live();
    gateway.received(&message(5), at(1.0));
    assert_eq!(
        reconnects(&gateway.received(r#"{"op":7,"d":null}"#, at(2.0))).1,
        secs(2.0)
    );
    assert_eq!(first_word(&mut gateway, 2.5)["d"]["seq"], 5);
    let replayed = gateway.received(&message(6), at(2.6));
    assert!(matches!(&replayed[..], [Step::Deliver(_)]));
    gateway.received(r#"{"op":0,"t":"RESUMED","s":7,"d":{}}"#, at(2.7));
    assert_eq!(gateway.session().map(|session| session.sequence), Some(7));
}

#[test]
fn an_invalid_session_is_gone_on_with_or_begun_anew_after_a_pause() {
    for (resumable, op) in [(true, 6), (false, 2)] {
        let mut gateway = live();
        let steps = gateway.received(&json!({ "op": 9, "d": resumable }).to_string(), at(10.0));
        assert_eq!(reconnects(&steps).1, secs(13.0), "one to five seconds");
        assert_eq!(first_word(&mut gateway, 13.0)["op"], op);
    }
}

#[test]
fn sessions_begin_five_seconds_apart() {
    let mut gateway = live();
    gateway.received(r#"{"op":9,"d":false}"#, at(0.5));
    gateway.opened(at(2.0));
    assert!(gateway.received(&hello(), at(2.0)).is_empty());
    assert_eq!(gateway.due(), Some(Duration::from_secs(5)));
    assert_eq!(ops(&gateway.tick(at(5.0))), [2]);
    assert_eq!(gateway.due(), Some(Duration::from_secs(22)));
}

#[test]
fn a_close_code_says_whether_to_go_on_begin_anew_or_stop() {
    for code in [
        None,
        Some(1006),
        Some(4000),
        Some(4001),
        Some(4002),
        Some(4005),
        Some(4008),
        Some(4900),
    ] {
        let mut gateway = live();
        reconnects(&gateway.closed(code, at(10.0)));
        assert_eq!(first_word(&mut gateway, 11.0)["op"], 6, "{code:?}");
    }
    for code in [1000, 1001, 4003, 4007, 4009] {
        let mut gateway = live();
        let (url, _) = reconnects(&gateway.closed(Some(code), at(10.0)));
        assert!(url.starts_with("wss://gateway.discord.gg/"), "{code}");
        assert_eq!(first_word(&mut gateway, 11.0)["op"], 2, "{code}");
    }
    for code in [4004, 4010, 4011, 4012, 4013, 4014] {
        let mut gateway = live();
        let steps = gateway.closed(Some(code), at(10.0));
        assert!(
            matches!(&steps[..], [Step::Stop(why)] if !why.message.is_empty() && why.token_rejected == (code == 4004)),
            "{code}"
        );
        assert_eq!(gateway.due(), None);
        assert!(gateway.tick(at(99.0)).is_empty() && gateway.closed(None, at(99.0)).is_empty());
    }
}

#[test]
fn pauses_grow_until_a_session_stands() {
    let mut gateway = live();
    let pauses: Vec<Duration> = (0..9)
        .map(|_| reconnects(&gateway.closed(None, at(0.0))).1)
        .collect();
    // Three quarters of each, by chance.
    assert_eq!(
        pauses,
        [0.0, 0.75, 1.5, 3.0, 6.0, 12.0, 24.0, 45.0, 45.0].map(secs)
    );
    gateway.opened(at(100.0));
    gateway.received(&hello(), at(100.0));
    gateway.received(r#"{"op":0,"t":"RESUMED","s":2,"d":{}}"#, at(100.0));
    assert_eq!(reconnects(&gateway.closed(None, at(200.0))).1, secs(200.0));
}

#[test]
fn a_successor_goes_on_with_the_session_that_was_kept() {
    let kept = live().session().cloned();
    let text = serde_json::to_string(&kept).unwrap();
    let mut successor = Gateway::new(access(), serde_json::from_str(&text).unwrap());
    assert!(reconnects(&[successor.start(at(0.0))]).0.starts_with(RESUME_URL));
    assert_eq!(first_word(&mut successor, 0.5)["d"]["session_id"], "s1");
}

#[test]
fn a_frame_that_cannot_be_read_ends_the_connection_and_an_unknown_one_nothing() {
    for broken in ["", "[]", "{}", "{\"op\":\"x\"}"] {
        reconnects(&live().received(broken, at(1.0)));
    }
    assert!(live().received(r#"{"op":31,"d":{}}"#, at(1.0)).is_empty());
    for odd in [r#"{"op":10,"d":{}}"#, r#"{"op":10,"d":{"heartbeat_interval":0}}"#] {
        let mut gateway = gateway();
        gateway.opened(at(0.0));
        reconnects(&gateway.received(odd, at(0.0)));
    }
}
