//! Who may do what, to which part of the data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{BranchId, Pii, RoleId, Room, TeamId, User, UserId};

/// Everything a role can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Permission {
    #[serde(rename = "conversations.view")]
    ConversationsView,
    #[serde(rename = "conversations.reply")]
    ConversationsReply,
    #[serde(rename = "conversations.reassign")]
    ConversationsReassign,
    #[serde(rename = "routing.configure")]
    RoutingConfigure,
    #[serde(rename = "users.manage")]
    UsersManage,
    #[serde(rename = "channels.manage")]
    ChannelsManage,
    #[serde(rename = "reports.view")]
    ReportsView,
    #[serde(rename = "data.export")]
    DataExport,
    /// To forget customers, for good.
    #[serde(rename = "data.erase")]
    DataErase,
    #[serde(rename = "audit.view")]
    AuditView,
    /// To be shown phone numbers and e-mail addresses in spite of a role that masks them; each look is written down.
    #[serde(rename = "pii.unmask")]
    PiiUnmask,
    #[serde(rename = "ops.view")]
    OpsView,
}

/// How far a permission reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    All,
    Team,
    Branch,
    /// What is assigned or offered to them.
    Assigned,
    #[serde(rename = "self")]
    Own,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    /// A permission that isn't here isn't given.
    #[schema(value_type = Object)]
    pub grants: BTreeMap<Permission, Scope>,
    /// Whoever holds it has to set up a second factor before they can do anything else.
    #[serde(default)]
    pub require_totp: bool,
    /// Its holders are shown no phone numbers and e-mail addresses of customers.
    #[serde(default)]
    pub mask_pii: bool,
}

/// A scope made concrete for one person: it becomes part of every query, and the rooms of their sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visible {
    Nothing,
    Everything,
    Teams(Vec<TeamId>),
    Branch(BranchId),
    AssignedTo(UserId),
}

impl Role {
    pub fn allows(&self, permission: Permission) -> bool {
        self.grants.contains_key(&permission)
    }

    /// How its holders are shown personal data.
    pub fn pii(&self) -> Pii {
        if self.mask_pii { Pii::Masked } else { Pii::Plain }
    }

    /// What `user`, holding this role, may touch under `permission`.
    pub fn visible(&self, permission: Permission, user: &User) -> Visible {
        match self.grants.get(&permission) {
            None => Visible::Nothing,
            Some(Scope::All) => Visible::Everything,
            Some(Scope::Team) if user.team_ids.is_empty() => Visible::Nothing,
            Some(Scope::Team) => Visible::Teams(user.team_ids.clone()),
            Some(Scope::Branch) => user.branch_id.clone().map_or(Visible::Nothing, Visible::Branch),
            Some(Scope::Assigned | Scope::Own) => Visible::AssignedTo(user.id.clone()),
        }
    }

    /// The five roles a new deployment starts with (design.md §6).
    pub fn seeds() -> Vec<Self> {
        use Permission as P;
        use Scope as S;
        let role = |id: &str, name: &str, grants: &[(P, S)]| Self {
            id: id.into(),
            name: name.to_owned(),
            grants: grants.iter().copied().collect(),
            require_totp: false,
            mask_pii: false,
        };
        let all: Vec<(P, S)> = [
            P::ConversationsView,
            P::ConversationsReply,
            P::ConversationsReassign,
            P::RoutingConfigure,
            P::ReportsView,
            P::DataExport,
            P::DataErase,
            P::AuditView,
            P::PiiUnmask,
            P::OpsView,
        ]
        .into_iter()
        .map(|permission| (permission, S::All))
        .collect();
        let mut super_admin = all.clone();
        super_admin.extend([(P::UsersManage, S::All), (P::ChannelsManage, S::All)]);
        let mut operations = all;
        operations.push((P::ChannelsManage, S::All));
        vec![
            role("super_admin", "Super admin", &super_admin),
            role("operations", "Operations", &operations),
            role(
                "team_lead",
                "Team lead",
                &[
                    (P::ConversationsView, S::Team),
                    (P::ConversationsReply, S::Team),
                    (P::ConversationsReassign, S::Team),
                    (P::RoutingConfigure, S::Team),
                    (P::ReportsView, S::Team),
                    (P::PiiUnmask, S::Team),
                ],
            ),
            role(
                "agent",
                "Agent",
                &[
                    (P::ConversationsView, S::Assigned),
                    (P::ConversationsReply, S::Assigned),
                    (P::ReportsView, S::Own),
                ],
            ),
            role(
                "branch_manager",
                "Branch manager",
                &[(P::ConversationsView, S::Branch), (P::ReportsView, S::Branch)],
            ),
        ]
    }
}

impl Visible {
    /// The live rooms that carry what is visible.
    pub fn rooms(&self) -> Vec<Room> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Everything => vec![Room::Everything],
            Self::Teams(teams) => teams.iter().cloned().map(Room::Team).collect(),
            Self::Branch(branch) => vec![Room::Branch(branch.clone())],
            Self::AssignedTo(user) => vec![Room::Agent(user.clone())],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(teams: &[&str]) -> User {
        User {
            id: "u".into(),
            email: "lead@demo.test".into(),
            name: "Lead".into(),
            role_id: "team_lead".into(),
            team_ids: teams.iter().map(|team| TeamId::from(*team)).collect(),
            branch_id: None,
            skills: Vec::new(),
            capacity: 0,
            channel_limits: BTreeMap::new(),
            auto_accept: false,
            enabled: true,
        }
    }

    #[test]
    fn a_scope_without_its_object_sees_nothing() {
        let roles = Role::seeds();
        let team_lead = roles.iter().find(|role| role.id.as_str() == "team_lead").unwrap();
        assert_eq!(
            team_lead.visible(Permission::ConversationsView, &lead(&[])),
            Visible::Nothing
        );
        assert_eq!(
            team_lead.visible(Permission::ConversationsView, &lead(&["sales"])),
            Visible::Teams(vec!["sales".into()])
        );
        assert_eq!(
            team_lead.visible(Permission::AuditView, &lead(&["sales"])),
            Visible::Nothing
        );
    }
}
