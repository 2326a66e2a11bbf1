//! Links by mail: for who has forgotten their password, and for who has none yet.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;
use switchboard_tests::{
    Answer, Api, Hub, HubOptions, Isolated,
    api::{PASSWORD, text},
    eventually_some,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use crate::world::World;

const SOON: Duration = Duration::from_secs(20);

/// What stands behind the last link to this address among letters.
fn token(letters: &str, to: &str) -> Option<String> {
    let letter = letters
        .rsplit("letter to ")
        .find(|letter| letter.starts_with(to))?;
    let (_, link) = letter.split_once("/set-password#")?;
    Some(
        link.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect(),
    )
}

async fn sign_in(url: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    Api::stranger(url).post("/auth/login", &body).await
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_once_and_everybody_else_is_out() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let person = desk.hire("agent").await;
    let email = text(&person.get("/me").await.ok(), "email");
    let stranger = Api::stranger(world.url());
    let asked = stranger
        .post("/auth/password-reset", &json!({ "email": email }))
        .await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    let nobody = stranger
        .post("/auth/password-reset", &json!({ "email": "nobody@desk.test" }))
        .await;
    assert_eq!((nobody.status, &nobody.text), (202, &asked.text));
    let token = eventually_some("the letter", SOON, async || token(&world.logs(), &email)).await;
    assert!(
        !world.logs().contains("letter to nobody@desk.test"),
        "a letter to nobody"
    );

    let choose = async |token: &str, password: &str| {
        let body = json!({ "token": token, "password": password });
        stranger.post("/auth/password-reset/confirm", &body).await
    };
    choose(&token, "short").await.error(422);
    assert_eq!(choose(&token, "chosen by themselves").await.status, 204);
    assert_eq!(
        choose(&token, "chosen by a thief").await.error(410),
        "link_expired"
    );
    person.get("/me").await.error(401);
    sign_in(world.url(), &email, PASSWORD).await.error(401);
    sign_in(world.url(), &email, "chosen by themselves").await.ok();
    let log = desk
        .admin
        .get("/audit-logs?action=user.password_set_by_link")
        .await
        .ok();
    assert_eq!(log["items"][0]["object"]["id"], person.user_id.as_str());
}

#[tokio::test]
async fn whoever_is_invited_chooses_their_password() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let email = format!("{}@desk.test", Uuid::new_v4().simple());
    let user = json!({ "email": email, "name": "Invited", "role_id": "agent" });
    let made = desk.admin.post("/users", &user).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = text(&made.body, "id");
    let first = eventually_some("the invitation", SOON, async || token(&world.logs(), &email)).await;
    // Before it is accepted nobody gets in, whatever they say.
    for guess in ["", "none yet", PASSWORD] {
        sign_in(world.url(), &email, guess).await.error(401);
    }
    // Invited again: the first is void.
    let path = format!("/users/{id}/invitation");
    assert_eq!(desk.admin.post(&path, &json!({})).await.status, 202);
    assert_eq!(
        desk.hire("agent").await.post(&path, &json!({})).await.error(403),
        "forbidden"
    );
    let second = eventually_some("the second", SOON, async || {
        token(&world.logs(), &email).filter(|token| *token != first)
    })
    .await;
    let stranger = Api::stranger(world.url());
    let choose = |token: &str| json!({ "token": token, "password": "my very own" });
    let path = "/auth/password-reset/confirm";
    stranger.post(path, &choose(&first)).await.error(410);
    assert_eq!(stranger.post(path, &choose(&second)).await.status, 204);
    sign_in(world.url(), &email, "my very own").await.ok();
}

#[tokio::test]
async fn a_link_is_void_once_an_administrator_has_set_the_password() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let person = desk.hire("agent").await;
    let email = text(&person.get("/me").await.ok(), "email");
    let stranger = Api::stranger(world.url());
    let asked = stranger
        .post("/auth/password-reset", &json!({ "email": email }))
        .await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    let token = eventually_some("the letter", SOON, async || token(&world.logs(), &email)).await;
    let set = json!({ "password": "set by an administrator" });
    desk.admin
        .patch(&format!("/users/{}", person.user_id), &set)
        .await
        .ok();
    let chosen = json!({ "token": token, "password": "chosen by a thief" });
    stranger
        .post("/auth/password-reset/confirm", &chosen)
        .await
        .error(410);
    sign_in(world.url(), &email, "set by an administrator").await.ok();
}

/// Takes one letter (RFC 5321), as any mail server would.
async fn take(stream: TcpStream, letters: &Mutex<String>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(b"220 test ESMTP\r\n").await?;
    let (mut line, mut within) = (String::new(), false);
    while stream.read_line(&mut line).await? > 0 {
        let said = line.trim_end().to_owned();
        line.clear();
        if within && said != "." {
            letters.lock().unwrap().extend([said.as_str(), "\n"]);
            continue;
        }
        within = said == "DATA";
        let answer = match said.as_str() {
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        stream
            .get_mut()
            .write_all(format!("{answer}\r\n").as_bytes())
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn letters_leave_by_smtp_and_not_without_a_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let letters = Arc::new(Mutex::new(String::new()));
    let taken = Arc::clone(&letters);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let taken = Arc::clone(&taken);
            tokio::spawn(async move { take(stream, &taken).await });
        }
    });
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner).with("SWITCHBOARD_MAIL__SMTP_URL", &format!("smtp://{address}"));
    let hub = Hub::start(options).await;
    let api = Api::stranger(hub.url());
    let forgotten = json!({ "email": "agent1@demo.test" });
    api.post("/auth/password-reset", &forgotten).await.ok();
    let letter = eventually_some("the letter", SOON, async || {
        Some(letters.lock().unwrap().clone()).filter(|text| text.contains("/set-password#"))
    })
    .await;
    assert!(letter.contains("To: agent1@demo.test"), "{letter}");
    assert!(letter.contains("Subject: Set a new password"), "{letter}");
    assert!(!hub.logs().contains("set-password#"), "the link is in the log");
    for _ in 0..4 {
        api.post("/auth/password-reset", &forgotten).await.ok();
    }
    let refused = api.post("/auth/password-reset", &forgotten).await;
    assert_eq!(refused.error(429), "too_many_attempts");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 60);
}
