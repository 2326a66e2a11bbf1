//! A page of some company's, of another origin than the hub's, with the web chat on it by its one script tag.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse},
};

use crate::state::Graph;

/// Where the page says where the hub is.
const HUB: &str = "{{hub}}";

/// As strict as a company's may be: what the widget needs is its script and a connection to the hub.
pub async fn page(State(graph): State<Arc<Graph>>) -> impl IntoResponse {
    let hub = &graph.options.hub_base_url;
    let live = hub.replacen("http", "ws", 1);
    let policy = format!(
        "default-src 'none'; script-src {hub}; connect-src {live}; img-src https: http:; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, Html(include_str!("shop/index.html").replace(HUB, hub)))
}
