//! The audit log: complete, without secrets, and nobody changes it unnoticed.

use futures_util::TryStreamExt;
use mongodb::{
    Collection,
    bson::{Bson, Document, doc},
};
use serde_json::{Value, json};
use switchboard_tests::{
    Api, Hub, HubOptions, Isolated, Role,
    api::items,
    desk::{ACCESS_TOKEN, SIGNING_SECRET, VERIFY_TOKEN},
};

use crate::world::World;

/// What `switchboard audit verify` says, and whether it is content.
fn verify(options: &HubOptions, more: &[&str]) -> (bool, String) {
    let output = options.run(&[&["audit", "verify"], more].concat());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), said)
}

#[tokio::test]
async fn changes_at_two_nodes_at_once_make_one_chain() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner).split(2, 1);
    let mut hub = Hub::start(options.clone()).await;
    let here = Api::sign_in(hub.url(), "admin@demo.test").await;
    let there = here.at(&hub.node(Role::Serve, 1).url);
    let rename = async |api: &Api, nth: usize| {
        let answer = api
            .put(&format!("/teams/t{nth}"), &json!({ "name": nth.to_string() }))
            .await;
        answer.header("x-request-id").to_owned()
    };
    let mut asked = Vec::new();
    for round in 0..8_usize {
        let of = |nth: usize| round * 4 + nth;
        let (a, b, c, d) = tokio::join!(
            rename(&here, of(0)),
            rename(&there, of(1)),
            rename(&here, of(2)),
            rename(&there, of(3))
        );
        asked.extend([a, b, c, d]);
    }
    let list = here.get("/audit-logs?action=team.created&limit=200").await.ok();
    let mut written: Vec<&str> = items(&list)
        .iter()
        .map(|entry| entry["request_id"].as_str().unwrap())
        .collect();
    written.sort_unstable();
    asked.sort_unstable();
    assert_eq!(written, asked);
    let (ok, said) = verify(&options, &[]);
    assert!(ok && said.contains("33 entries"), "{said}");
}

#[tokio::test]
async fn an_entry_says_who_changed_what_from_where_and_no_secret() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let path = format!("/channels/whatsapp/{}", desk.name);
    let renamed = json!({ "name": "Renamed", "secrets": { "access_token": "planted-newer-token-4411" } });
    let changed = desk.admin.patch(&path, &renamed).await;
    let request = changed.header("x-request-id").to_owned();
    changed.ok();
    let user = desk.hire("agent").await;
    let password = json!({ "password": "planted-password-8812", "capacity": 7 });
    desk.admin
        .patch(&format!("/users/{}", user.user_id), &password)
        .await
        .ok();

    let filter = format!("/audit-logs?object_type=channel&object_id=whatsapp:{}", desk.name);
    let list = desk.admin.get(&filter).await.ok();
    let [changed, created] = items(&list).as_slice() else {
        panic!("{list}")
    };
    assert_eq!(created["action"], "channel.created");
    assert_eq!(changed["action"], "channel.changed");
    assert_eq!(changed["actor"], json!({ "type": "user", "id": "admin" }));
    assert_eq!(changed["request_id"], *request);
    assert_eq!(changed["ip"], "127.0.0.1");
    assert_eq!(changed["before"], json!({ "name": desk.name }));
    assert_eq!(
        changed["after"],
        json!({ "name": "Renamed", "secrets_set": ["access_token"] })
    );
    let filter = format!("/audit-logs?object_id={}&action=user.changed", user.user_id);
    let list = desk.admin.get(&filter).await.ok();
    assert_eq!(
        items(&list)[0]["after"],
        json!({ "capacity": 7, "password": "set" })
    );

    let exported = desk.admin.get("/audit-logs/export").await;
    assert_eq!(exported.header("content-type"), "application/x-ndjson");
    for line in exported.text.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert!(entry["hash"].is_string(), "{line}");
    }
    let planted = [
        SIGNING_SECRET,
        ACCESS_TOKEN,
        VERIFY_TOKEN,
        "planted-newer-token-4411",
        "planted-password-8812",
    ];
    for secret in planted {
        assert!(!exported.text.contains(secret), "{secret} in the audit log");
        assert!(!world.logs().contains(secret), "{secret} in the log");
    }
    let list = desk.admin.get("/audit-logs?action=audit.exported").await.ok();
    assert!(!items(&list).is_empty(), "the export isn't written down");
}

#[tokio::test]
async fn who_may_read_it() {
    let world = World::shared().await;
    let desk = world.desk().await;
    for role in ["agent", "team_lead", "branch_manager"] {
        let who = desk.hire(role).await;
        for path in ["/audit-logs", "/audit-logs/export"] {
            assert_eq!(who.get(path).await.error(403), "forbidden");
        }
    }
    let operations = desk.hire("operations").await;
    operations.get("/audit-logs").await.ok();
    let viewed = format!("/audit-logs?actor={}&action=audit.viewed", operations.user_id);
    assert_eq!(items(&desk.admin.get(&viewed).await.ok()).len(), 1);
    // A page after another, none twice.
    let first = desk.admin.get("/audit-logs?limit=2").await.ok();
    let second = desk
        .admin
        .get(&format!(
            "/audit-logs?limit=2&cursor={}",
            first["next_cursor"].as_str().unwrap()
        ))
        .await
        .ok();
    let number = |list: &Value, nth: usize| items(list)[nth]["id"].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(number(&first, 1), number(&first, 0) - 1);
    assert_eq!(number(&second, 0), number(&first, 1) - 1);
    for odd in ["cursor=x", "from=yesterday", "limit=0", "limit=1000"] {
        desk.admin.get(&format!("/audit-logs?{odd}")).await.error(400);
    }
}

/// The log as it was, to be tampered with once more.
struct Log {
    entries: Collection<Document>,
    heads: Collection<Document>,
    kept: Vec<Document>,
    kept_head: Document,
}

impl Log {
    async fn read(corner: &Isolated) -> Self {
        let database = corner.database().await;
        let (entries, heads) = (
            database.collection("audit_logs"),
            database.collection("audit_heads"),
        );
        let kept = entries.find(doc! {}).await.unwrap().try_collect().await.unwrap();
        let kept_head = heads.find_one(doc! {}).await.unwrap().unwrap();
        Self {
            entries,
            heads,
            kept,
            kept_head,
        }
    }

    async fn restore(&self) {
        self.entries.delete_many(doc! {}).await.unwrap();
        self.entries.insert_many(&self.kept).await.unwrap();
        self.heads.delete_many(doc! {}).await.unwrap();
        self.heads.insert_one(&self.kept_head).await.unwrap();
    }

    async fn set(&self, seq: i64, field: &str, value: impl Into<Bson>) {
        let update = doc! { "$set": { field: value.into() } };
        let done = self
            .entries
            .update_one(doc! { "_id": seq }, update)
            .await
            .unwrap();
        assert_eq!(done.modified_count, 1);
    }
}

#[tokio::test]
async fn tampering_in_the_database_is_found() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner);
    let hub = Hub::start(options.clone()).await;
    let admin = Api::sign_in(hub.url(), "admin@demo.test").await;
    let rename = async |name: &str| admin.put("/teams/t", &json!({ "name": name })).await.ok();
    for name in ["a", "b", "c", "d", "e"] {
        rename(name).await;
    }
    let early = Log::read(&corner).await.kept_head;
    rename("f").await;
    let log = Log::read(&corner).await;
    let (ok, said) = verify(&options, &[]);
    assert!(ok && said.contains("6 entries"), "{said}");
    let kept_elsewhere = said
        .lines()
        .find_map(|line| line.strip_prefix("head "))
        .unwrap()
        .to_owned();

    // Every field of an entry.
    for field in log.kept[2].keys().filter(|field| *field != "_id") {
        let odd: Bson = if field == "at" {
            Bson::DateTime(mongodb::bson::DateTime::from_millis(1))
        } else {
            "x".into()
        };
        log.set(3, field, odd).await;
        let (ok, said) = verify(&options, &[]);
        assert!(
            !ok && (said.contains("entry 3 ") || said.contains("document 3 ")),
            "{field}: {said}"
        );
        log.restore().await;
    }
    log.set(3, "more", "x").await;
    assert!(!verify(&options, &[]).0, "a field was added");
    log.restore().await;

    // Missing, one or all after it; the sealed end as well; the end put back as it was then.
    let faults = async |deleted: Document, head: Option<&Document>| {
        log.entries.delete_many(deleted).await.unwrap();
        if let Some(head) = head {
            log.heads.delete_many(doc! {}).await.unwrap();
            if !head.is_empty() {
                log.heads.insert_one(head).await.unwrap();
            }
        }
        let said = verify(&options, &[]);
        log.restore().await;
        assert!(!said.0, "{}", said.1);
        said.1
    };
    assert!(
        faults(doc! { "_id": 3 }, None)
            .await
            .contains("entry 3 is missing")
    );
    assert!(
        faults(doc! { "_id": 1 }, None)
            .await
            .contains("entry 1 is missing")
    );
    let tail = doc! { "_id": 6 };
    assert!(faults(tail.clone(), None).await.contains("once had entry 6"));
    assert!(
        faults(tail.clone(), Some(&doc! {}))
            .await
            .contains("once had entry 6")
    );
    assert!(faults(tail, Some(&early)).await.contains("once had entry 6"));
    assert!(faults(doc! {}, Some(&doc! {})).await.contains("once had entry 6"));

    everything_put_back(&log, &corner, &options, &early, &kept_elsewhere).await;
    inserted(&log, &options).await;
    // And the hub goes on where it was.
    rename("g").await;
    let (ok, said) = verify(&options, &["--head", &kept_elsewhere]);
    assert!(ok && said.contains("7 entries"), "{said}");
}

/// Redis emptied as well: then only an end that was kept elsewhere tells.
async fn everything_put_back(
    log: &Log,
    corner: &Isolated,
    options: &HubOptions,
    early: &Document,
    kept_elsewhere: &str,
) {
    log.entries.delete_one(doc! { "_id": 6 }).await.unwrap();
    log.heads.delete_many(doc! {}).await.unwrap();
    log.heads.insert_one(early).await.unwrap();
    let mut redis = corner.redis().await;
    let mark = corner
        .keys()
        .await
        .into_iter()
        .find(|key| key.ends_with("mark:audit"))
        .unwrap();
    redis::cmd("DEL").arg(&mark).exec_async(&mut redis).await.unwrap();
    assert!(verify(options, &[]).0);
    assert!(!verify(options, &["--head", kept_elsewhere]).0);
    log.restore().await;
}

/// Beyond the end, with a right hash; and the end moved there by somebody without the key.
async fn inserted(log: &Log, options: &HubOptions) {
    let last = &log.kept[5];
    let mut forged = last.clone();
    forged.insert("_id", 7_i64);
    forged.insert("previous", last.get_str("hash").unwrap());
    log.entries.insert_one(&forged).await.unwrap();
    let (ok, said) = verify(options, &[]);
    assert!(!ok && said.contains("entry 7 was inserted"), "{said}");
    let moved = doc! { "$set": { "seq": 7_i64, "hash": forged.get_str("hash").unwrap() } };
    log.heads.update_one(doc! {}, moved).await.unwrap();
    let (ok, said) = verify(options, &[]);
    assert!(!ok && said.contains("isn't sealed"), "{said}");
    log.restore().await;
}
