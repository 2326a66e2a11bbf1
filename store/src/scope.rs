//! A person's scope as part of a query.

use mongodb::bson::{Bson, Document, doc};
use switchboard_domain::Visible;

/// Restricts a query on conversations to what is visible. Erased ones are for nobody.
pub fn conversations(visible: &Visible) -> Document {
    let mut within = reach(visible);
    within.insert("erased", Bson::Null);
    within
}

fn reach(visible: &Visible) -> Document {
    match visible {
        Visible::Everything => doc! {},
        Visible::Nothing => doc! { "_id": { "$in": [] } },
        Visible::Teams(teams) => {
            doc! { "team_id": { "$in": teams.iter().map(ToString::to_string).collect::<Vec<_>>() } }
        }
        Visible::Branch(branch) => doc! { "branch_id": branch.as_str() },
        Visible::AssignedTo(user) => {
            doc! { "$or": [{ "assignee_id": user.as_str() }, { "offer.agent_id": user.as_str() }] }
        }
    }
}

/// Restricts a query on what shadow mode compared: it is team leads' business.
pub fn comparisons(visible: &Visible) -> Document {
    match visible {
        Visible::Everything => doc! {},
        Visible::Teams(teams) => {
            doc! { "team_ids": { "$in": teams.iter().map(ToString::to_string).collect::<Vec<_>>() } }
        }
        Visible::Nothing | Visible::Branch(_) | Visible::AssignedTo(_) => doc! { "_id": { "$in": [] } },
    }
}

/// Restricts a query on customers: they are nobody's, so only who may see all of them sees any.
pub fn customers(visible: &Visible) -> Document {
    match visible {
        Visible::Everything => doc! {},
        Visible::Nothing | Visible::Teams(_) | Visible::Branch(_) | Visible::AssignedTo(_) => {
            doc! { "_id": { "$in": [] } }
        }
    }
}

/// Restricts a query on users.
pub fn users(visible: &Visible) -> Document {
    match visible {
        Visible::Everything => doc! {},
        Visible::Nothing => doc! { "_id": { "$in": [] } },
        Visible::Teams(teams) => {
            doc! { "team_ids": { "$in": teams.iter().map(ToString::to_string).collect::<Vec<_>>() } }
        }
        Visible::Branch(branch) => doc! { "branch_id": branch.as_str() },
        Visible::AssignedTo(user) => doc! { "_id": user.as_str() },
    }
}
