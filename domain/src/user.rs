//! People who work here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{BranchId, Channel, RoleId, SkillLevel, TeamId, UserId};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role_id: RoleId,
    pub team_ids: Vec<TeamId>,
    pub branch_id: Option<BranchId>,
    pub skills: Vec<SkillLevel>,
    /// Units of work at once; zero takes none.
    pub capacity: u32,
    /// The most units at once on a channel; zero: the channel isn't theirs; absent: no limit of its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub channel_limits: BTreeMap<Channel, u32>,
    /// Offers become assignments at once.
    pub auto_accept: bool,
    pub enabled: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    pub branch_id: Option<BranchId>,
}

/// A place of business: a shop, a site, a country's office.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Branch {
    pub id: BranchId,
    pub name: String,
}
