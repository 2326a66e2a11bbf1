//! What people do with a conversation. The desk does it, with all that follows.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use serde::Deserialize;
use switchboard_domain::{Conversation, ConversationId, Permission, Shown, Timestamp, User, UserId, Visible};
use utoipa::ToSchema;

use super::{
    conversations::{find, shown},
    fault,
    transfers::{hands, pickable},
};
use crate::{app::App, auth::Caller, error::ApiError, json::Json};

type Answered = Result<Answer<Shown<Conversation>>, ApiError>;

const MAX_LABELS: usize = 50;
const MAX_LABEL_CHARS: usize = 60;

#[derive(Deserialize, ToSchema)]
pub struct Assign {
    /// A user's id, or `me`.
    agent_id: String,
}

/// Gives the conversation to somebody, or takes it (`me`). Without `conversations.reassign` one may take what waits in a
/// queue of one's teams, as far as one has room.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/assign", tag = "conversations", request_body = Assign,
    params(("id" = String, Path)), responses((status = 200, body = Conversation)), security(("bearer" = [])))]
pub async fn assign(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(assign): Json<Assign>,
) -> Answered {
    let me = assign.agent_id == "me" || assign.agent_id == caller.id().as_str();
    if me && caller.require(Permission::ConversationsReassign).is_err() {
        let conversation = pickable(&app, &caller, &id).await?;
        return Ok(done(&caller, app.desk.pick(&conversation, caller.user()).await?));
    }
    let agent = if me {
        caller.id().clone()
    } else {
        UserId::from(assign.agent_id)
    };
    let conversation = find(&app, &caller, Permission::ConversationsReassign, &id).await?;
    let agent = assignable(&app, &caller, &agent).await?;
    let effect = app.desk.assign(&conversation, &agent);
    let after = hands(
        &app,
        &caller,
        "conversation.assigned",
        &conversation,
        &agent,
        effect,
    )
    .await?;
    Ok(done(&caller, after))
}

/// Somebody the caller may give work to: within the reach of their own permission, and able to reply.
pub async fn assignable(app: &App, caller: &Caller, agent: &UserId) -> Result<User, ApiError> {
    let known = app.directory.find(agent).await?;
    let known = known.ok_or_else(|| fault("agent_id", "There is no such user, or they are disabled."))?;
    let reach = caller.visible(Permission::ConversationsReassign)?;
    let within = match &reach {
        Visible::Everything => true,
        Visible::Teams(teams) => known.user.team_ids.iter().any(|team| teams.contains(team)),
        Visible::Branch(branch) => known.user.branch_id.as_ref() == Some(branch),
        Visible::AssignedTo(user) => known.user.id == *user,
        Visible::Nothing => false,
    };
    if !within && known.user.id != *caller.id() {
        return Err(ApiError::forbidden());
    }
    if !known.role.allows(Permission::ConversationsReply) {
        return Err(fault(
            "agent_id",
            "This user's role doesn't allow them to answer conversations.",
        ));
    }
    Ok(known.user.clone())
}

/// Takes what is offered to the caller.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/accept", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 409)), security(("bearer" = [])))]
pub async fn accept(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<String>) -> Answered {
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    Ok(done(
        &caller,
        app.desk.accept(&conversation, caller.user()).await?,
    ))
}

/// Gives back what is offered to the caller; it isn't offered to them again.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/decline", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 409)), security(("bearer" = [])))]
pub async fn decline(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<String>) -> Answered {
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    Ok(done(
        &caller,
        app.desk.decline(&conversation, caller.user()).await?,
    ))
}

/// Ends the conversation.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/resolve", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation)), security(("bearer" = [])))]
pub async fn resolve(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<String>) -> Answered {
    let (visible, id) = touch(&app, &caller, &id).await?;
    Ok(done(&caller, app.desk.resolve(&visible, &id).await?))
}

/// Opens it again; 409 if the contact has another one open.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/reopen", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 409)), security(("bearer" = [])))]
pub async fn reopen(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<String>) -> Answered {
    let (visible, id) = touch(&app, &caller, &id).await?;
    Ok(done(&caller, app.desk.reopen(&visible, &id).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct Snooze {
    until: Timestamp,
}

/// Puts it out of sight until a time, or until the customer writes.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/snooze", tag = "conversations", request_body = Snooze,
    params(("id" = String, Path)), responses((status = 200, body = Conversation)), security(("bearer" = [])))]
pub async fn snooze(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(snooze): Json<Snooze>,
) -> Answered {
    let (visible, id) = touch(&app, &caller, &id).await?;
    Ok(done(&caller, app.desk.snooze(&visible, &id, snooze.until).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct Labels {
    labels: Vec<String>,
}

/// Replaces its labels.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/labels", tag = "conversations", request_body = Labels,
    params(("id" = String, Path)), responses((status = 200, body = Conversation)), security(("bearer" = [])))]
pub async fn label(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(labels): Json<Labels>,
) -> Answered {
    let labels = tidy(labels.labels)?;
    let (visible, id) = touch(&app, &caller, &id).await?;
    Ok(done(&caller, app.desk.label(&visible, &id, &labels).await?))
}

/// Marks everything as read.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/read", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation)), security(("bearer" = [])))]
pub async fn read(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<String>) -> Answered {
    let (visible, id) = touch(&app, &caller, &id).await?;
    Ok(done(&caller, app.desk.read(&visible, &id).await?))
}

/// The reach of the caller's `conversations.reply`, once it is known that the conversation lies within it. It is checked
/// again at the write: things change hands in between.
async fn touch(app: &App, caller: &Caller, id: &str) -> Result<(Visible, ConversationId), ApiError> {
    let conversation = find(app, caller, Permission::ConversationsReply, id).await?;
    Ok((caller.visible(Permission::ConversationsReply)?, conversation.id))
}

fn done(caller: &Caller, conversation: Conversation) -> Answer<Shown<Conversation>> {
    Answer(shown(caller, conversation))
}

/// Trimmed, without doubles or empty ones, in the given order.
fn tidy(labels: Vec<String>) -> Result<Vec<String>, ApiError> {
    let mut tidy: Vec<String> = Vec::with_capacity(labels.len());
    for label in labels {
        let label = label.trim();
        if label.chars().count() > MAX_LABEL_CHARS {
            return Err(fault("labels", "A label has at most 60 characters."));
        }
        if !label.is_empty() && !tidy.iter().any(|known| known == label) {
            tidy.push(label.to_owned());
        }
    }
    if tidy.len() > MAX_LABELS {
        return Err(fault("labels", "A conversation has at most 50 labels."));
    }
    Ok(tidy)
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn labels_are_trimmed_and_single() {
        let given = [" vip ", "", "vip", "refund"].map(str::to_owned).to_vec();
        assert_eq!(tidy(given).unwrap(), ["vip", "refund"]);
        assert!(tidy(vec!["x".repeat(61)]).is_err());
        assert!(tidy((0..51).map(|n| n.to_string()).collect()).is_err());
    }
}
