//! The hub's REST API as an outside program calls it.

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use crate::http::http;

/// The password of everyone in the demo, and of those a [`crate::Desk`] hires.
pub const PASSWORD: &str = "switchboard-demo";

/// Somebody at one node of the hub, signed in or not.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// The access token, once signed in.
    pub token: Option<String>,
    /// The user's id, once signed in.
    pub user_id: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body; `null` if it is empty or not JSON.
    pub body: Value,
    pub text: String,
}

impl Api {
    /// Somebody who isn't signed in.
    pub fn stranger(url: &str) -> Self {
        Self {
            http: http(),
            url: url.to_owned(),
            token: None,
            user_id: String::new(),
        }
    }

    /// Signs in; panics if the hub doesn't let them.
    pub async fn sign_in(url: &str, email: &str) -> Self {
        let mut api = Self::stranger(url);
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = api.post("/auth/login", &body).await.ok();
        api.token = Some(text(&answer, "access_token"));
        api.user_id = text(&answer["user"], "id");
        api
    }

    /// The same person at another node.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// A request below `/api/v1`, for headers and bodies of one's own; send it with [`answer`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    /// A reply in a conversation; the key says whether it is a new one.
    pub async fn reply(&self, conversation: &str, text: &str, key: &str) -> Answer {
        let body = json!({ "content": { "type": "text", "text": text } });
        let request = self
            .request(Method::POST, &format!("/conversations/{conversation}/messages"))
            .header("Idempotency-Key", key)
            .json(&body);
        answer(request).await
    }

    /// Anything outside `/api/v1`, as `/readyz`.
    pub async fn outside(&self, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.url))).await
    }
}

/// Sends the request; panics if there is no answer at all.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer from the hub");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("the whole answer");
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer {
        status,
        headers,
        body,
        text,
    }
}

impl Answer {
    /// The body of a success; panics otherwise.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "answered {}: {}",
            self.status,
            self.text
        );
        self.body
    }

    /// The code of an error in the envelope of the contract; panics if it is anything else, or has another status.
    #[track_caller]
    pub fn error(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.text);
        let error = self.body["error"].as_object();
        let error = error.unwrap_or_else(|| panic!("not the envelope: {}", self.text));
        for field in ["message", "request_id"] {
            let given = error.get(field).and_then(Value::as_str).unwrap_or_default();
            assert!(!given.is_empty(), "no {field} in {}", self.text);
        }
        for leak in ["panicked", "src/", ".rs:", "backtrace"] {
            assert!(!self.text.contains(leak), "internals in {}", self.text);
        }
        error["code"].as_str().expect("a code")
    }

    /// A header's value; empty if it isn't there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

/// A text field of a JSON object; panics if it isn't there.
#[track_caller]
pub fn text(object: &Value, field: &str) -> String {
    let value = object[field].as_str();
    value
        .unwrap_or_else(|| panic!("no text {field} in {object}"))
        .to_owned()
}

/// The `items` of a list.
#[track_caller]
pub fn items(list: &Value) -> &Vec<Value> {
    list["items"]
        .as_array()
        .unwrap_or_else(|| panic!("not a list: {list}"))
}
