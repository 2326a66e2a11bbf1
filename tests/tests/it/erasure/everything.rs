//! Everything that is anywhere, as text: each document of the database, each key of Redis, each file.

use std::{fs, path::Path};

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, Document, doc};
use redis::Value as Reply;
use switchboard_tests::Isolated;

/// Each place with what it holds.
pub async fn everything(corner: &Isolated) -> Vec<(String, String)> {
    let mut all = database(corner).await;
    all.extend(redis(corner).await);
    files(corner.files.path(), &mut all);
    all
}

/// The places that hold it, each with what it says.
pub fn places<'a>(all: &'a [(String, String)], what: &str) -> Vec<&'a (String, String)> {
    let what = what.to_lowercase();
    let holds = |(place, text): &&(String, String)| {
        text.to_lowercase().contains(&what) || place.to_lowercase().contains(&what)
    };
    all.iter().filter(holds).collect()
}

pub async fn database(corner: &Isolated) -> Vec<(String, String)> {
    let (database, mut all) = (corner.database().await, Vec::new());
    for name in database.list_collection_names().await.unwrap() {
        let rows = database.collection::<Document>(&name);
        let mut rows = rows.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap();
        while let Some(row) = rows.try_next().await.unwrap() {
            let mut text = String::new();
            for (field, value) in &row {
                text.extend([" ", field, "="]);
                spell(value, &mut text);
            }
            all.push((name.clone(), text));
        }
    }
    all
}

fn spell(value: &Bson, all: &mut String) {
    match value {
        Bson::Document(fields) => fields.iter().for_each(|(field, value)| {
            all.extend([" ", field, "="]);
            spell(value, all);
        }),
        Bson::Array(values) => values.iter().for_each(|value| spell(value, all)),
        Bson::Binary(binary) => *all += &String::from_utf8_lossy(&binary.bytes),
        other => all.extend([" ", &other.to_string()]),
    }
}

async fn redis(corner: &Isolated) -> Vec<(String, String)> {
    let (mut connection, mut all) = (corner.redis().await, Vec::new());
    for key in corner.keys().await {
        let kind: String = redis::cmd("TYPE")
            .arg(&key)
            .query_async(&mut connection)
            .await
            .unwrap();
        let (command, arguments): (&str, &[&str]) = match kind.as_str() {
            "stream" => ("XRANGE", &["-", "+"]),
            "zset" => ("ZRANGE", &["0", "-1"]),
            "hash" => ("HGETALL", &[]),
            "set" => ("SMEMBERS", &[]),
            "list" => ("LRANGE", &["0", "-1"]),
            _ => ("GET", &[]),
        };
        let mut command = redis::cmd(command);
        command.arg(&key).arg(arguments);
        // It may have run out since it was listed.
        let reply: Reply = command.query_async(&mut connection).await.unwrap_or(Reply::Nil);
        let mut text = String::new();
        utter(&reply, &mut text);
        all.push((key, text));
    }
    all
}

fn utter(reply: &Reply, all: &mut String) {
    match reply {
        Reply::BulkString(bytes) => all.extend([&String::from_utf8_lossy(bytes), "\n"]),
        Reply::Array(replies) => replies.iter().for_each(|reply| utter(reply, all)),
        Reply::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            utter(key, all);
            utter(value, all);
        }),
        _ => {}
    }
}

fn files(folder: &Path, all: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            files(&entry.path(), all);
        } else if let Ok(bytes) = fs::read(entry.path()) {
            let name = entry.path().display().to_string();
            all.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
}
