//! Media: up by a form, down in two steps with a link that expires.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::hub::{CUSTOMER, World, world};

const TOKEN: &str = "demo-whatsapp-token";

async fn look_up(world: &World, id: &str) -> reqwest::Response {
    let request = world
        .client
        .get(world.url(&format!("/v23.0/{id}")))
        .bearer_auth(TOKEN);
    request.send().await.unwrap()
}

async fn download(world: &World, url: &str, agent: bool) -> reqwest::Response {
    let mut request = world.client.get(url).bearer_auth(TOKEN);
    if agent {
        request = request.header("user-agent", "switchboard");
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_customers_picture_is_fetched_in_two_steps() {
    let world = world(|_| {}).await;
    let id = world.fake.put_media("image/png", &b"not really a picture"[..]);
    let described: Value = look_up(&world, &id).await.json().await.unwrap();
    assert_eq!(described["mime_type"], "image/png");
    assert_eq!(
        described["sha256"],
        hex::encode(Sha256::digest(b"not really a picture"))
    );
    let url = described["url"].as_str().unwrap();
    assert_eq!(
        world.client.get(url).send().await.unwrap().status(),
        401,
        "the link alone isn't enough"
    );
    assert_eq!(
        download(&world, url, false).await.status(),
        403,
        "it wants a user agent"
    );
    let file = download(&world, url, true).await;
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(file.bytes().await.unwrap(), &b"not really a picture"[..]);
    assert_eq!(look_up(&world, "123").await.status(), 400);
}

#[tokio::test]
async fn links_expire() {
    let world = world(|options| options.media_link_lifetime = Duration::ZERO).await;
    let id = world.fake.put_media("image/png", &b"x"[..]);
    let described: Value = look_up(&world, &id).await.json().await.unwrap();
    assert_eq!(
        download(&world, described["url"].as_str().unwrap(), true)
            .await
            .status(),
        404
    );
}

fn form(mime_type: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: {mime_type}\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--b--\r\n");
    ("multipart/form-data; boundary=b".to_owned(), body)
}

async fn upload(world: &World, mime_type: &str, bytes: &[u8]) -> (u16, Value) {
    let (kind, body) = form(mime_type, bytes);
    let url = world.url("/v23.0/106540352242922/media");
    let request = world
        .client
        .post(url)
        .bearer_auth(TOKEN)
        .header("content-type", kind)
        .body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn an_uploaded_file_can_be_sent() {
    let world = world(|_| {}).await;
    let (status, answer) = upload(&world, "image/jpeg", b"jpeg").await;
    assert_eq!(status, 200);
    let body = serde_json::json!({"messaging_product": "whatsapp", "to": CUSTOMER, "type": "image",
        "image": {"id": answer["id"]}});
    assert_eq!(world.send(&body).await.unwrap().0, 200);
    let (_, refused) = upload(&world, "application/x-msdownload", b"MZ").await;
    assert_eq!(refused["error"]["code"], 100);
    let (_, refused) = upload(&world, "image/webp", &vec![0; 600 * 1024]).await;
    assert_eq!(refused["error"]["code"], 131_053);
}
