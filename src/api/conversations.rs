//! The inbox: lists and single conversations, through the caller's scope.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use serde::Deserialize;
use switchboard_domain::{
    Channel, Conversation, ConversationId, ConversationStatus, Permission, Pii, QueueId, Shown, TeamId,
    UserId,
};
use switchboard_store::{InboxFilter, InboxView, Search};
use switchboard_workers::with_reply_window;
use utoipa::{IntoParams, ToSchema};

use super::{List, limit};
use crate::{app::App, auth::Caller, error::ApiError, json::Query};

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum View {
    #[default]
    All,
    Mine,
    Unassigned,
    Offered,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    #[serde(default)]
    view: View,
    status: Option<ConversationStatus>,
    channel: Option<Channel>,
    account: Option<String>,
    #[param(value_type = Option<String>)]
    team: Option<TeamId>,
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    #[param(value_type = Option<String>)]
    assignee: Option<UserId>,
    label: Option<String>,
    /// Part of the contact's name or address, or of the last message. Whoever is shown addresses masked finds by a part
    /// of the name, or by a whole address.
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Conversations the caller may see, newest activity first.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(Filter),
    responses((status = 200, body = List<Conversation>)), security(("bearer" = [])))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Answer<List<Shown<Conversation>>>, ApiError> {
    let visible = caller.visible(Permission::ConversationsView)?;
    let (limit, cursor) = (limit(filter.limit)?, filter.cursor.clone());
    let inbox = filter.into_inbox(caller.id(), caller.pii());
    let page = app
        .store
        .conversations
        .list(&visible, &inbox, cursor.as_deref(), limit)
        .await?;
    Ok(Answer(List {
        items: page.items.into_iter().map(|one| shown(&caller, one)).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// One conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 404)), security(("bearer" = [])))]
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Shown<Conversation>>, ApiError> {
    let conversation = find(&app, &caller, Permission::ConversationsView, &id).await?;
    Ok(Answer(shown(&caller, conversation)))
}

/// Complete, as the caller is shown it.
pub fn shown(caller: &Caller, conversation: Conversation) -> Shown<Conversation> {
    caller.shown(with_reply_window(conversation))
}

/// The conversation, if the caller holds `permission` for it. One they may see but not touch is 403, not 404.
pub async fn find(
    app: &App,
    caller: &Caller,
    permission: Permission,
    id: &str,
) -> Result<Conversation, ApiError> {
    let id = ConversationId::from(id);
    let viewable = caller.visible(Permission::ConversationsView)?;
    if permission != Permission::ConversationsView {
        let visible = caller.visible(permission)?;
        if let Some(conversation) = app.store.conversations.get(&visible, &id).await? {
            return Ok(conversation);
        }
    }
    match app.store.conversations.get(&viewable, &id).await? {
        Some(conversation) if permission == Permission::ConversationsView => Ok(conversation),
        Some(_) => Err(ApiError::forbidden()),
        None => Err(ApiError::not_found("conversation")),
    }
}

impl Filter {
    fn into_inbox(self, me: &UserId, reader: Pii) -> InboxFilter {
        let view = match (self.assignee, self.view) {
            (Some(assignee), _) => InboxView::AssignedTo(assignee),
            (None, View::All) => InboxView::All,
            (None, View::Mine) => InboxView::AssignedTo(me.clone()),
            (None, View::Unassigned) => InboxView::Unassigned,
            (None, View::Offered) => InboxView::OfferedTo(me.clone()),
        };
        InboxFilter {
            view,
            status: self.status,
            channel: self.channel,
            account_id: self.account,
            team_id: self.team,
            queue_id: self.queue,
            label: self.label,
            search: self
                .q
                .filter(|text| !text.trim().is_empty())
                .map(|text| Search::by(reader, text)),
        }
    }
}
