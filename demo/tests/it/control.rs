//! The same from another process: `/_control`.

use serde_json::{Value, json};

use crate::hub::{CUSTOMER, World, world};

async fn call(world: &World, path: &str, body: &Value) -> (u16, Value) {
    let request = world
        .client
        .post(world.url(&format!("/_control/{path}")))
        .json(body);
    let response = request.send().await.unwrap();
    (
        response.status().as_u16(),
        response.json().await.unwrap_or_default(),
    )
}

async fn list(world: &World, path: &str) -> Value {
    let url = world.url(&format!("/_control/{path}"));
    world.client.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn everything_can_be_steered_over_http() {
    let world = world(|_| {}).await;
    let script = json!({"answers": [{"type": "rate_limited"}, {"type": "error", "code": 131_026}]});
    assert_eq!(
        call(&world, "script", &script).await,
        (200, json!({"pending": 2}))
    );
    assert_eq!(world.send_text("a").await.0, 429);
    assert_eq!(world.send_text("b").await.1["error"]["code"], 131_026);
    let (_, answer) = world.send_text("c").await;
    let sent = list(&world, "sent").await;
    assert_eq!(sent.as_array().unwrap().len(), 3);
    assert_eq!(sent[0]["error_code"], 130_429);
    assert_eq!(sent[2]["body"]["text"]["body"], "c");

    let status = json!({"wamid": answer["messages"][0]["id"], "status": "delivered"});
    assert_eq!(call(&world, "status", &status).await.1["http"], 200);
    let unknown = json!({"wamid": "wamid.no", "status": "delivered"});
    assert_eq!(call(&world, "status", &unknown).await.0, 404);

    let message =
        json!({"from": CUSTOMER, "name": "Ana", "message": {"type": "text", "text": {"body": "hola"}}});
    assert_eq!(call(&world, "message", &message).await.1["http"], 200);
    let raw = json!({"payload": {"object": "page", "entry": []}, "signing": "missing"});
    assert_eq!(call(&world, "webhook", &raw).await.1["what"], "raw");
    assert_eq!(list(&world, "posted").await.as_array().unwrap().len(), 3);
    assert_eq!(
        list(&world, &format!("chat/{CUSTOMER}"))
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(call(&world, "clear", &json!({})).await.0, 204);
    assert_eq!(list(&world, "sent").await, json!([]));
}
