//! Which roles may exist, and who may hand them out.

use std::fmt;

use serde::Serialize;

use crate::{Permission, Role, RoleId, Scope};

/// The role that can do everything, and that somebody always has to hold.
pub const SUPER_ADMIN: &str = "super_admin";

impl Permission {
    /// How far this permission can be made to reach; the last is the whole deployment.
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::ConversationsView
            | Self::ConversationsReply
            | Self::ConversationsReassign
            | Self::PiiUnmask => &[
                Scope::Own,
                Scope::Assigned,
                Scope::Branch,
                Scope::Team,
                Scope::All,
            ],
            Self::ReportsView => &[Scope::Own, Scope::Branch, Scope::Team, Scope::All],
            Self::RoutingConfigure => &[Scope::Team, Scope::All],
            Self::UsersManage
            | Self::ChannelsManage
            | Self::DataExport
            | Self::DataErase
            | Self::AuditView
            | Self::OpsView => &[Scope::All],
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its name is what serde makes of it.
        self.serialize(f)
    }
}

impl Scope {
    /// Whether whoever has this reach may give `other` away. A team and a branch overlap as they like, so neither
    /// covers the other.
    pub fn covers(self, other: Self) -> bool {
        let own = |scope| matches!(scope, Self::Own | Self::Assigned);
        self == Self::All || self == other || own(other)
    }
}

impl Role {
    /// One of the five every deployment starts with: it can't be deleted.
    pub fn is_system(id: &RoleId) -> bool {
        [
            "super_admin",
            "operations",
            "team_lead",
            "agent",
            "branch_manager",
        ]
        .contains(&id.as_str())
    }

    /// Whether this role holds all that `other` holds: only then may its holder give `other` to somebody.
    pub fn covers(&self, other: &Self) -> bool {
        self.first_beyond(other).is_none()
    }

    /// The first permission of `other` that reaches further than this role's own. A role that masks doesn't reach as far as
    /// one that doesn't.
    pub fn first_beyond(&self, other: &Self) -> Option<Permission> {
        if self.mask_pii && !other.mask_pii {
            return Some(Permission::PiiUnmask);
        }
        let held = |permission, scope: Scope| {
            let own: Option<&Scope> = self.grants.get(permission);
            own.is_some_and(|own| own.covers(scope))
        };
        let mut grants = other.grants.iter();
        grants
            .find(|(permission, scope)| !held(permission, **scope))
            .map(|(permission, _)| *permission)
    }

    /// The first grant that means nothing, such as an audit log for one team.
    pub fn first_impossible(&self) -> Option<Permission> {
        let mut grants = self.grants.iter();
        grants
            .find(|(permission, scope)| !permission.scopes().contains(scope))
            .map(|(permission, _)| *permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(id: &str) -> Role {
        let mut seeds = Role::seeds().into_iter();
        seeds.find(|role| role.id.as_str() == id).unwrap()
    }

    #[test]
    fn nobody_hands_out_more_than_they_hold() {
        let (admin, lead, agent) = (seed("super_admin"), seed("team_lead"), seed("agent"));
        assert!(Role::seeds().iter().all(|role| admin.covers(role)));
        assert!(lead.covers(&agent) && !agent.covers(&lead));
        assert!(!lead.covers(&seed("branch_manager")));
        assert_eq!(
            seed("operations").first_beyond(&admin),
            Some(Permission::UsersManage)
        );
    }

    #[test]
    fn the_seeds_are_possible_and_known_as_such() {
        for role in Role::seeds() {
            assert_eq!(role.first_impossible(), None, "{}", role.name);
            assert!(Role::is_system(&role.id));
        }
        let mut odd = seed("agent");
        odd.grants.insert(Permission::AuditView, Scope::Team);
        assert_eq!(odd.first_impossible(), Some(Permission::AuditView));
    }
}
