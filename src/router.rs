//! Every route, in one list.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    routing::{any, get, options},
};
use switchboard_domain::{Field, Operator};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    api::{
        actions, api_keys, attachments, audit_logs, auth, branches, business_hours, channel_trials,
        channel_types, channels, codes, conversations, customer_export, customer_facts, customers,
        explanations, me, messages, oidc, ops, passwords, queues_live, roles, routing, rule_drafts,
        rule_shadows, rules, sessions, simulate, sla_policies, teams, totp, transfers, unmask, users,
    },
    app::App,
    chat, console, files, health, live, middleware, peer,
    socketio::Server,
    telemetry,
    webhooks::door,
};

/// All the process answers, and the handle that closes its consoles' connections.
pub fn build(app: &Arc<App>) -> (Router, Arc<Server<App>>) {
    let sockets = live::server::sockets(app);
    let (api, _) = api().split_for_parts();
    let api = api
        .route("/openapi.json", get(openapi))
        .route("/widget.js", get(chat::script))
        .route("/chat/{account}", get(chat::connect))
        .fallback(console::fallback)
        .method_not_allowed_fallback(middleware::no_such_method);
    let (uploads, _) = uploads().split_for_parts();
    let uploads = uploads
        .route("/chat/{account}/files", options(chat::uploads::preflight))
        .method_not_allowed_fallback(middleware::no_such_method);
    let webhooks = Router::new()
        .route(telemetry::WEBHOOK_ROUTE, get(door::handshake).post(door::receive))
        .method_not_allowed_fallback(middleware::no_such_method);
    // Outside the layers above: a long poll outlasts the time-out, and an upgraded connection has no response to dress.
    let (answering, of) = (sockets.clone(), app.clone());
    let console = Router::new().route(
        "/socket.io/",
        any(
            move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| {
                let address = peer::behind(&of, request.headers(), peer.ip());
                answering.clone().answer(request, address)
            },
        ),
    );
    let router = middleware::around_api(api, app)
        .merge(middleware::around_uploads(uploads, app))
        .merge(middleware::around_webhooks(webhooks, app))
        .with_state(app.clone())
        .merge(console);
    (router, sockets)
}

fn api() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(daily_work())
        .merge(configuration())
}

/// Health, people themselves, and what they do all day.
fn daily_work() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(oidc::list))
        .routes(routes!(oidc::start))
        .routes(routes!(oidc::callback))
        .routes(routes!(oidc::second_factor))
        .routes(routes!(codes::send))
        .routes(routes!(codes::send_halfway))
        .routes(routes!(passwords::forgotten))
        .routes(routes!(passwords::choose))
        .routes(routes!(me::show))
        .routes(routes!(me::declare))
        .routes(routes!(sessions::list, sessions::revoke_others))
        .routes(routes!(sessions::revoke))
        .routes(routes!(totp::begin, totp::disable))
        .routes(routes!(totp::confirm))
        .routes(routes!(codes::list, codes::begin))
        .routes(routes!(codes::confirm))
        .routes(routes!(codes::remove))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::show))
        .routes(routes!(messages::list, messages::reply))
        .routes(routes!(messages::note))
        .routes(routes!(actions::assign))
        .routes(routes!(actions::accept))
        .routes(routes!(actions::decline))
        .routes(routes!(actions::resolve))
        .routes(routes!(actions::reopen))
        .routes(routes!(actions::snooze))
        .routes(routes!(actions::label))
        .routes(routes!(actions::read))
        .routes(routes!(customer_facts::show, customer_facts::change))
        .routes(routes!(unmask::unmask))
        .routes(routes!(attachments::download))
        .routes(routes!(files::signed))
        .routes(routes!(routing::decisions))
        .routes(routes!(queues_live::queues))
        .routes(routes!(queues_live::position))
        .routes(routes!(transfers::transfer))
        .routes(routes!(transfers::finish_wrap_up))
        .routes(routes!(sla_policies::standing))
}

/// What team leads and administrators set up and look after.
fn configuration() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(routing::queues))
        .routes(routes!(routing::put_queue, routing::delete_queue))
        .routes(routes!(routing::skills))
        .routes(routes!(routing::put_skill, routing::delete_skill))
        .routes(routes!(rules::list))
        .routes(routes!(rules::put, rules::delete))
        .routes(routes!(rules::versions))
        .routes(routes!(rules::version))
        .routes(routes!(rules::restore))
        .routes(routes!(
            rule_drafts::show,
            rule_drafts::save,
            rule_drafts::discard
        ))
        .routes(routes!(rule_drafts::publish_draft))
        .routes(routes!(
            rule_shadows::show,
            rule_shadows::start,
            rule_shadows::stop
        ))
        .routes(routes!(simulate::run))
        .routes(routes!(explanations::agent))
        .routes(routes!(transfers::release))
        .routes(routes!(transfers::presence))
        .routes(routes!(sla_policies::list))
        .routes(routes!(sla_policies::put, sla_policies::delete))
        .routes(routes!(business_hours::list))
        .routes(routes!(business_hours::put, business_hours::delete))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change))
        .routes(routes!(totp::take_away))
        .routes(routes!(passwords::invite))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::delete))
        .routes(routes!(teams::list))
        .routes(routes!(teams::put))
        .routes(routes!(channel_types::list))
        .routes(routes!(roles::list, roles::create))
        .routes(routes!(roles::show, roles::put, roles::delete))
        .routes(routes!(branches::list, branches::create))
        .routes(routes!(branches::put, branches::delete))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::show, channels::change))
        .routes(routes!(channel_trials::verify))
        .routes(routes!(channel_trials::send))
        .routes(routes!(customers::list))
        .routes(routes!(customers::show))
        .routes(routes!(customers::erasure, customers::erase))
        .routes(routes!(customer_export::export))
        .routes(routes!(audit_logs::list))
        .routes(routes!(audit_logs::export))
        .routes(routes!(ops::queues))
        .routes(routes!(ops::pause))
        .routes(routes!(ops::resume))
        .routes(routes!(ops::dead_letters))
        .routes(routes!(ops::replay_all))
        .routes(routes!(ops::replay))
        .routes(routes!(ops::discard))
}

/// Where files come in: with limits of their own.
fn uploads() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(attachments::list, attachments::upload))
        .routes(routes!(chat::uploads::upload))
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Switchboard", description = "A real-time omnichannel messaging hub."),
    modifiers(&Bearer),
    // What the routes' own schemas name without bringing it along: enums of a query, and what stands in recursive ones.
    components(schemas(crate::error::Envelope<'static>, conversations::View, Field, Operator))
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// The API's description, as `/openapi.json` and `switchboard openapi` give it.
pub fn document() -> String {
    let (_, document) = api().merge(uploads()).split_for_parts();
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

async fn openapi() -> ([(http::HeaderName, &'static str); 1], String) {
    ([(http::header::CONTENT_TYPE, "application/json")], document())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_description_is_fresh() {
        let committed = include_str!("../openapi.json");
        assert!(
            committed == super::document(),
            "openapi.json is out of date: write it anew with `cargo run -- openapi > openapi.json`"
        );
    }

    #[test]
    fn every_schema_that_is_named_is_there() {
        let document = super::document();
        let described: serde_json::Value = serde_json::from_str(&document).unwrap();
        let schemas = described["components"]["schemas"].as_object().unwrap();
        let named = document.split("#/components/schemas/").skip(1);
        for name in named.map(|rest| rest.split('"').next().unwrap()) {
            assert!(schemas.contains_key(name), "{name} isn't described");
        }
    }
}
