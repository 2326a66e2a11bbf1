//! Every described route × every role and none × one's own and somebody else's: as design.md, section 6, has it.
//!
//! The table is written from there, not from the code. A route that isn't in it fails the test.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use switchboard_tests::{Answer, Api, Desk, api::answer, desk::id, eventually};

use super::audited_routes;
use crate::world::World;

const SOON: Duration = Duration::from_secs(20);

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    /// No token is needed: something else proves who asks, or nothing has to.
    Anybody,
    SignedIn,
    /// Whoever holds it, however far it reaches.
    Holding(&'static str),
    /// Whoever holds it for the whole deployment.
    Everywhere(&'static str),
    /// Whoever holds it for this conversation.
    Conversation(&'static str),
}

const ROLES: [&str; 5] = [
    "super_admin",
    "operations",
    "team_lead",
    "agent",
    "branch_manager",
];

/// How far a role's permission reaches: the columns are [`ROLES`].
const MATRIX: [(&str, [&str; 5]); 12] = [
    ("conversations.view", ["all", "all", "team", "assigned", "branch"]),
    ("conversations.reply", ["all", "all", "team", "assigned", ""]),
    ("conversations.reassign", ["all", "all", "team", "", ""]),
    ("routing.configure", ["all", "all", "team", "", ""]),
    ("users.manage", ["all", "", "", "", ""]),
    ("channels.manage", ["all", "all", "", "", ""]),
    ("reports.view", ["all", "all", "team", "self", "branch"]),
    ("data.export", ["all", "all", "", "", ""]),
    ("data.erase", ["all", "all", "", "", ""]),
    ("audit.view", ["all", "all", "", "", ""]),
    ("pii.unmask", ["all", "all", "team", "", ""]),
    ("ops.view", ["all", "all", "", "", ""]),
];

fn reach(role: &str, permission: &str) -> &'static str {
    let column = ROLES.iter().position(|one| *one == role).unwrap();
    let row = MATRIX.iter().find(|(one, _)| *one == permission).unwrap();
    row.1[column]
}

fn who(method: &str, path: &str) -> Option<Who> {
    use Who::{Anybody, Conversation, Everywhere, Holding, SignedIn};
    let own = [
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/auth/",
        "/files/",
        "/chat/",
    ];
    if own.iter().any(|start| path.starts_with(start)) {
        return Some(Anybody);
    }
    let path = path.strip_prefix("/api/v1")?;
    if let Some(action) = path.strip_prefix("/conversations/{id}") {
        return Some(Conversation(match (method, action) {
            ("get", "" | "/messages" | "/routing" | "/position" | "/sla" | "/customer-facts")
            | ("post", "/accept" | "/decline") => "conversations.view",
            ("post", "/assign") => "conversations.reassign",
            ("post", "/unmask") => "pii.unmask",
            (
                "post",
                "/messages" | "/notes" | "/labels" | "/read" | "/reopen" | "/resolve" | "/snooze"
                | "/transfer",
            )
            | ("patch", "/customer-facts") => "conversations.reply",
            _ => return None,
        }));
    }
    let first = path.split('/').nth(1)?;
    Some(match (method, first) {
        ("get", "conversations" | "attachments") => Holding("conversations.view"),
        ("post", "attachments") => Holding("conversations.reply"),
        (_, "me")
        | (
            "get",
            "users" | "teams" | "roles" | "branches" | "business-hours" | "channel-types" | "sla-policies",
        ) => SignedIn,
        (_, "users" | "teams" | "roles" | "branches" | "api-keys") => Everywhere("users.manage"),
        (_, "customers") if path.ends_with("/erasure") => Everywhere("data.erase"),
        (_, "customers") => Everywhere("data.export"),
        (_, "channels") => Everywhere("channels.manage"),
        (_, "audit-logs") => Everywhere("audit.view"),
        (_, "ops") => Everywhere("ops.view"),
        (_, "business-hours") => Everywhere("routing.configure"),
        (_, "routing" | "sla-policies") => return Some(routing(method, path)),
        _ => return None,
    })
}

/// A team's lead configures what is wholly their team's: its queues, and whatever isn't there (any more). What the walk
/// asks for besides is everybody's, as a rule into the default queue is.
fn routing(method: &str, path: &str) -> Who {
    use Who::{Everywhere, Holding, SignedIn};
    match (method, path) {
        (_, path) if path.starts_with("/routing/agents/") => Holding("conversations.reassign"),
        ("get", path) if path.starts_with("/routing/rules") => Holding("routing.configure"),
        ("get", _) => SignedIn,
        (_, "/routing/skills/{id}")
        | ("put", "/sla-policies/{id}" | "/routing/rules/draft" | "/routing/rules/shadow") => {
            Everywhere("routing.configure")
        }
        _ => Holding("routing.configure"),
    }
}

fn allowed(who: Who, role: &str, is_own: bool) -> bool {
    match who {
        Who::Anybody | Who::SignedIn => true,
        Who::Holding(permission) => !reach(role, permission).is_empty(),
        Who::Everywhere(permission) => reach(role, permission) == "all",
        Who::Conversation(permission) => match reach(role, permission) {
            "" => false,
            "all" => true,
            _ => is_own,
        },
    }
}

async fn ask(api: &Api, method: &str, path: &str, body: &Value) -> Answer {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let mut request = api.request(method.clone(), path);
    if path.starts_with("/attachments") && method == Method::POST {
        request = request.header("Content-Type", "text/plain").body("a file");
    } else if !body.is_null() {
        request = request.json(body);
    }
    answer(request).await
}

/// What each action on a conversation takes; none does anything when it is allowed, or nothing that lasts.
fn action(path: &str) -> Value {
    match path.rsplit('/').next().unwrap() {
        "labels" => json!({ "labels": ["seen"] }),
        "snooze" => json!({ "until": "2100-01-01T00:00:00Z" }),
        "notes" => json!({ "text": "hi" }),
        "assign" => json!({ "agent_id": "nobody" }),
        "messages" => json!({ "content": { "type": "text", "text": "hi" } }),
        _ => json!({}),
    }
}

/// The address and body of a request that could succeed.
async fn request(desk: &Desk, method: &str, path: &str) -> (String, Value) {
    if method != "get"
        && let Some(request) = audited_routes::request(desk, method, path).await
    {
        return request;
    }
    let body = match path {
        "/api/v1/me/presence" => json!({ "status": "away" }),
        "/api/v1/me/totp" if method == "delete" => json!({ "code": "000000" }),
        "/api/v1/me/totp/confirm" => json!({ "code": "000000" }),
        "/api/v1/routing/rules/draft" if method == "put" => json!({ "rules": [] }),
        "/api/v1/routing/rules/draft/publish" | "/api/v1/routing/simulate" => json!({}),
        _ => Value::Null,
    };
    let query = match path {
        "/api/v1/ops/dead-letters" => "?lane=bulk",
        "/api/v1/attachments" if method == "get" => "?ids=none",
        _ => "",
    };
    let path = path
        .trim_start_matches("/api/v1")
        .replace("{channel}", "whatsapp")
        .replace("{account_id}", &desk.name)
        .replace("{id}", "nothing");
    (format!("{path}{query}"), body)
}

/// Whatever was done to it before: open, and the agent's.
async fn back_to(agent: &Api, desk: &Desk, conversation: &str) {
    let path = format!("/conversations/{conversation}");
    let to_agent = json!({ "agent_id": agent.user_id });
    eventually("the agent has it again", SOON, async || {
        desk.admin.post(&format!("{path}/reopen"), &json!({})).await;
        // The router may be quicker, or have it in hand.
        desk.admin.post(&format!("{path}/assign"), &to_agent).await;
        let now = desk.admin.get(&path).await.ok();
        now["assignee_id"] == agent.user_id.as_str() && now["routing_state"] == "assigned"
    })
    .await;
}

#[tokio::test]
async fn every_route_is_for_whom_the_matrix_says() {
    let world = World::shared().await;
    let (ours, theirs) = (world.desk().await, world.desk().await);
    let (agent, _console) = ours.agent().await;
    let (_, own) = ours.given_to(&agent).await;
    let customer = theirs.customer();
    theirs.write(&customer, "to the others").await;
    let other = theirs.conversation(&theirs.admin, &customer).await;
    let described = ours.admin.outside("/openapi.json").await.ok();
    let mut people = Vec::new();
    for role in ROLES {
        people.push((
            role,
            if role == "agent" {
                agent.clone()
            } else {
                ours.hire(role).await
            },
        ));
    }
    let nobody = Api::stranger(world.url());
    let mut wrong = Vec::new();
    // Reading first, deleting last: what is deleted is needed before.
    for method in ["get", "post", "put", "patch", "delete"] {
        for (path, methods) in described["paths"].as_object().unwrap() {
            if methods.get(method).is_none() {
                continue;
            }
            let Some(who) = who(method, path) else {
                wrong.push(format!("{method} {path} isn't in the matrix"));
                continue;
            };
            if who == Who::Anybody {
                continue;
            }
            let (asked, body) = match who {
                Who::Conversation(_) => (path.replace("/api/v1", ""), action(path)),
                _ => request(&ours, method, path).await,
            };
            let unsigned = ask(&nobody, method, &asked.replace("{id}", &id(&own)), &body).await;
            if unsigned.status != 401 {
                wrong.push(format!("{method} {path} for nobody: {}", unsigned.status));
            }
            for (role, person) in &people {
                if matches!(who, Who::Conversation(_)) {
                    back_to(&agent, &ours, &id(&own)).await;
                }
                for (is_own, conversation) in [(true, &own), (false, &other)] {
                    if !matches!(who, Who::Conversation(_)) && !is_own {
                        continue;
                    }
                    let answer = ask(person, method, &asked.replace("{id}", &id(conversation)), &body).await;
                    let hidden = matches!(who, Who::Conversation(_)) && answer.status == 404;
                    let let_in =
                        !hidden && answer.status != 403 && answer.status < 500 && answer.status != 401;
                    if let_in != allowed(who, role, is_own) {
                        let whose = if is_own { "own" } else { "other" };
                        wrong.push(format!(
                            "{method} {path} for {role}, {whose}: {} {}",
                            answer.status, answer.text
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
