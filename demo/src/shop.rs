//! A page of some company's, of another origin than the hub's, with the web chat on it by its one script tag.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Query, State},
    http::header,
    response::{Html, IntoResponse},
};

use crate::state::Graph;

/// Where the page says where the hub is, and whose chat it carries.
const HUB: &str = "{{hub}}";
const ACCOUNT: &str = "{{account}}";
/// Unless `?account=` names another.
const DEMO: &str = "webchat-demo";

/// As strict as a company's may be: what the widget needs is its script, and to connect and upload to the hub.
pub async fn page(
    State(graph): State<Arc<Graph>>,
    Query(query): Query<HashMap<String, String>>,
) -> impl IntoResponse {
    let account = query.get("account").map_or(DEMO, String::as_str);
    let account = if is_account(account) { account } else { DEMO };
    let hub = &graph.options.hub_base_url;
    let live = hub.replacen("http", "ws", 1);
    let policy = format!(
        "default-src 'none'; script-src {hub}; connect-src {live} {hub}; img-src https: http:; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    let page = include_str!("shop/index.html");
    (headers, Html(page.replace(HUB, hub).replace(ACCOUNT, account)))
}

/// It becomes a part of the page.
fn is_account(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}
