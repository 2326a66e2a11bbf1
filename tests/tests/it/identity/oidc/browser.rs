//! As much of a browser as signing in takes: it keeps cookies, goes where it is sent, and fills in the provider's form.

use reqwest::{
    Client, Method, Response, Url,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use switchboard_tests::{Answer, api::answer};

#[derive(Clone)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

/// Everything is on one host here, and cookies don't know ports (RFC 6265, section 8.5).
#[derive(Clone)]
pub struct Browser {
    http: Client,
    cookies: Vec<Cookie>,
}

impl Browser {
    pub fn new() -> Self {
        let http = Client::builder().redirect(Policy::none()).no_proxy().build();
        Self {
            http: http.unwrap(),
            cookies: Vec::new(),
        }
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut cookies = self.cookies.iter();
        cookies
            .find(|cookie| cookie.name == name)
            .map(|cookie| cookie.value.as_str())
    }

    pub fn forget(&mut self, name: &str) {
        self.cookies.retain(|cookie| cookie.name != name);
    }

    /// One request; cookies are kept.
    async fn ask(&mut self, method: Method, url: &Url, form: Option<&str>) -> Response {
        let sent = self
            .cookies
            .iter()
            .filter(|cookie| url.path().starts_with(&cookie.path));
        let sent: Vec<String> = sent
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let mut request = self
            .http
            .request(method, url.clone())
            .header(COOKIE, sent.join("; "));
        if let Some(form) = form {
            request = request
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(form.to_owned());
        }
        let response = request.send().await.unwrap();
        let received: Vec<String> = response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        for text in received {
            self.keep(&text);
        }
        response
    }

    fn keep(&mut self, text: &str) {
        let mut parts = text.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
        let attribute = |name: &str| {
            let mut all = attributes.iter();
            all.find(|(one, _)| one.eq_ignore_ascii_case(name))
                .map(|(_, value)| *value)
        };
        let path = attribute("path");
        self.forget(name);
        let gone = attribute("max-age") == Some("0") || value.is_empty();
        if !gone {
            self.cookies.push(Cookie {
                name: name.to_owned(),
                value: value.to_owned(),
                path: path.unwrap_or("/").to_owned(),
            });
        }
    }

    /// Goes to an address and wherever it is sent from there: the last address, with its fragment. A form is filled in on
    /// the provider's page; without one that page is the end.
    pub async fn go(&mut self, address: &str, form: Option<&str>) -> Url {
        self.walk(address, form, |url| url.fragment().is_some()).await
    }

    /// The same until it is sent back to the hub, where it doesn't go: the address of the callback.
    pub async fn until_callback(&mut self, address: &str, form: Option<&str>) -> Url {
        self.walk(address, form, |url| url.path().ends_with("/callback"))
            .await
    }

    async fn walk(&mut self, address: &str, form: Option<&str>, is_end: impl Fn(&Url) -> bool) -> Url {
        let mut url: Url = address.parse().unwrap();
        let mut method = Method::GET;
        for _ in 0..12 {
            let posted = form.filter(|_| method == Method::POST);
            let response = self.ask(method.clone(), &url, posted).await;
            if url.path().starts_with("/interaction/") && method == Method::GET && form.is_some() {
                method = Method::POST;
                continue;
            }
            method = Method::GET;
            let Some(next) = response.headers().get(LOCATION) else {
                return url;
            };
            url = url.join(next.to_str().unwrap()).unwrap();
            if is_end(&url) {
                return url;
            }
        }
        panic!("sent in circles: {url}")
    }

    /// A call of the console's own.
    pub async fn post(&mut self, url: &str, body: &serde_json::Value) -> Answer {
        let url: Url = url.parse().unwrap();
        let sent: Vec<String> = self
            .cookies
            .iter()
            .filter(|cookie| url.path().starts_with(&cookie.path))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let request = self.http.post(url).header(COOKIE, sent.join("; ")).json(body);
        let answer = answer(request).await;
        for value in answer.headers.get_all(SET_COOKIE) {
            self.keep(value.to_str().unwrap());
        }
        answer
    }
}
