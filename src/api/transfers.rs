//! Handing work on: transfer, bulk reassignment, the end of a wrap-up.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use switchboard_domain::{
    Conversation, ConversationId, Permission, PresenceChange, Queue, QueueId, RoutingState, Shown, User,
    UserId,
};
use switchboard_workers::desk::{DeskError, Room};
use utoipa::ToSchema;

use super::{
    List,
    actions::assignable,
    conversations::{find, shown},
    explanations::led,
    fault,
};
use crate::{
    app::App,
    audit::{self, Change},
    auth::Caller,
    error::ApiError,
    json::Json,
};

/// Presence changes shown of one person.
const CHANGES: i64 = 200;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Either this …
    #[schema(value_type = Option<String>)]
    agent_id: Option<UserId>,
    /// … or this.
    #[schema(value_type = Option<String>)]
    queue_id: Option<QueueId>,
    /// Kept as a note in the conversation.
    note: Option<String>,
}

/// Hands the conversation on, to a colleague or a queue. Beyond a colleague's capacity only with `conversations.reassign`;
/// without it, colleagues are those of a common team, and 409 says that one has no room.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/transfer", tag = "conversations", request_body = Transfer,
    params(("id" = String, Path)), responses((status = 200, body = Conversation), (status = 403), (status = 409), (status = 422)),
    security(("bearer" = [])))]
pub async fn transfer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(transfer): Json<Transfer>,
) -> Result<Answer<Shown<Conversation>>, ApiError> {
    let conversation = find(&app, &caller, Permission::ConversationsReply, &id).await?;
    let from = caller.user();
    let after = match (&transfer.agent_id, &transfer.queue_id) {
        (Some(agent), None) => {
            let (agent, room) = colleague(&app, &caller, agent).await?;
            let desk = &app.desk;
            let effect = desk.transfer_to_agent(&conversation, from, &agent, room, transfer.note);
            hands(
                &app,
                &caller,
                "conversation.transferred",
                &conversation,
                &agent,
                effect,
            )
            .await?
        }
        (None, Some(queue)) => {
            let queue = app.store.queues.get(queue.as_str()).await?;
            let queue = queue.ok_or_else(|| fault("queue_id", "There is no such queue."))?;
            let what = Change::act(
                "conversation.transferred",
                "conversation",
                conversation.id.as_str(),
            )
            .from(&json!({ "queue_id": conversation.queue_id }))
            .to(&json!({ "queue_id": queue.id }));
            let desk = &app.desk;
            let effect = desk.transfer_to_queue(&conversation, from, &queue, transfer.note);
            audit::change(&app, &caller, what, effect).await?
        }
        _ => return Err(fault("agent_id", "Name either an agent or a queue.")),
    };
    Ok(Answer(shown(&caller, after)))
}

/// Gives a conversation to somebody by hand: written down before, and again if it went beyond what they have room for.
pub async fn hands(
    app: &App,
    caller: &Caller,
    action: &str,
    before: &Conversation,
    agent: &User,
    effect: impl Future<Output = Result<Conversation, DeskError>>,
) -> Result<Conversation, ApiError> {
    let id = before.id.as_str();
    let what = Change::act(action, "conversation", id)
        .from(&json!({ "assignee_id": before.assignee_id }))
        .to(&json!({ "assignee_id": agent.id }));
    let after = audit::change(app, caller, what, effect).await?;
    let held = match &after.assignment_id {
        Some(id) => app.store.assignments.get(id).await?,
        None => None,
    };
    if held.is_some_and(|held| held.over_capacity) {
        let what = Change::act("conversation.over_capacity", "conversation", id)
            .to(&json!({ "assignee_id": agent.id }));
        audit::note(app, caller, what).await?;
    }
    Ok(after)
}

async fn colleague(app: &App, caller: &Caller, id: &UserId) -> Result<(User, Room), ApiError> {
    if caller.require(Permission::ConversationsReassign).is_ok() {
        return Ok((assignable(app, caller, id).await?, Room::MayExceed));
    }
    let known = app.directory.find(id).await?;
    let known = known.ok_or_else(|| fault("agent_id", "There is no such user, or they are disabled."))?;
    let common = known
        .user
        .team_ids
        .iter()
        .any(|team| caller.user().team_ids.contains(team));
    if !common || !known.role.allows(Permission::ConversationsReply) {
        return Err(ApiError::forbidden());
    }
    Ok((known.user.clone(), Room::Needed))
}

/// A conversation that an agent may take by themselves: it waits in a queue that a team of theirs serves.
pub async fn pickable(app: &App, caller: &Caller, id: &str) -> Result<Conversation, ApiError> {
    caller.require(Permission::ConversationsReply)?;
    let found = app
        .store
        .conversations
        .get_many(&[ConversationId::from(id)])
        .await?;
    let waiting = found
        .into_iter()
        .find(|one| one.routing_state == RoutingState::Waiting);
    if let Some(conversation) = waiting {
        let queue: Option<Queue> = match &conversation.queue_id {
            Some(queue) => app.store.queues.get(queue.as_str()).await?,
            None => None,
        };
        let own = &caller.user().team_ids;
        if queue.is_some_and(|queue| queue.team_ids.iter().any(|team| own.contains(team))) {
            return Ok(conversation);
        }
    }
    // Whoever sees it may not take it; to the others it doesn't exist.
    find(app, caller, Permission::ConversationsView, id).await?;
    Err(ApiError::forbidden())
}

/// How much went back.
#[derive(Serialize, ToSchema)]
pub struct Released {
    released: usize,
}

/// Puts everything an agent holds back into its queues, as old as it was: for when they leave.
#[utoipa::path(post, path = "/api/v1/routing/agents/{id}/release", tag = "routing", params(("id" = String, Path)),
    responses((status = 200, body = Released), (status = 403), (status = 404)), security(("bearer" = [])))]
pub async fn release(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Released>, ApiError> {
    let visible = caller.visible(Permission::ConversationsReassign)?;
    let agent = led(&app, &visible, &UserId::from(id)).await?;
    let what = Change::act("agent.released", "user", agent.id.as_str());
    let released = audit::change(&app, &caller, what, app.desk.release_agent(&agent)).await?;
    Ok(Answer(Released { released }))
}

/// The caller has wrapped up: the capacity that their last conversations still held is free.
#[utoipa::path(post, path = "/api/v1/me/wrap-up/finish", tag = "me", responses((status = 200, body = Released)),
    security(("bearer" = [])))]
pub async fn finish_wrap_up(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Answer<Released>, ApiError> {
    let released = app.desk.finish_wrap_up(caller.user()).await?;
    Ok(Answer(Released { released }))
}

/// How a person's presence changed, and why: the latest first. For `me`, or somebody the caller leads.
#[utoipa::path(get, path = "/api/v1/routing/agents/{id}/presence", tag = "routing", params(("id" = String, Path)),
    responses((status = 200, body = List<PresenceChange>), (status = 403), (status = 404)), security(("bearer" = [])))]
pub async fn presence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<List<PresenceChange>>, ApiError> {
    let user = if id == "me" || id == caller.id().as_str() {
        caller.id().clone()
    } else {
        let visible = caller.visible(Permission::ConversationsReassign)?;
        led(&app, &visible, &UserId::from(id)).await?.id
    };
    Ok(Answer(List::whole(
        app.store.presence_sessions.of(&user, CHANGES).await?,
    )))
}
