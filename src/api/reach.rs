//! How far a caller may configure routing: everything, or what belongs wholly to their teams.

use serde_json::Value;
use switchboard_domain::{
    Condition, Field, Operator, Permission, Queue, QueueId, RoutingRule, TeamId, Visible, rule_changes,
};
use switchboard_routing::is_within;

use crate::{app::App, auth::Caller, error::ApiError};

/// Whose configuration.
pub enum Reach {
    Everything,
    Teams(Vec<TeamId>),
}

impl Reach {
    pub fn of(caller: &Caller) -> Result<Self, ApiError> {
        match caller.visible(Permission::RoutingConfigure)? {
            Visible::Everything => Ok(Self::Everything),
            Visible::Teams(teams) => Ok(Self::Teams(teams)),
            _ => Err(ApiError::forbidden()),
        }
    }

    /// The same as part of a query.
    pub fn visible(&self) -> Visible {
        match self {
            Self::Everything => Visible::Everything,
            Self::Teams(teams) => Visible::Teams(teams.clone()),
        }
    }

    /// Whether something of these teams may be shown: one of them is enough.
    pub fn sees(&self, teams: &[TeamId]) -> bool {
        match self {
            Self::Everything => true,
            Self::Teams(own) => teams.iter().any(|team| own.contains(team)),
        }
    }

    /// 403 unless every one of these teams is theirs, and there is one.
    pub fn require_teams(&self, teams: &[TeamId]) -> Result<(), ApiError> {
        match self {
            Self::Teams(own) if teams.is_empty() || !teams.iter().all(|team| own.contains(team)) => {
                Err(beyond("This isn't served by your teams alone."))
            }
            _ => Ok(()),
        }
    }

    /// 403 unless these queues are theirs. One that doesn't exist is somebody else's business.
    pub async fn require_queues<'a>(
        &self,
        app: &App,
        ids: impl IntoIterator<Item = &'a QueueId>,
    ) -> Result<(), ApiError> {
        if matches!(self, Self::Everything) {
            return Ok(());
        }
        let queues = app.store.queues.all().await?;
        for id in ids {
            if let Some(queue) = queues.iter().find(|queue| queue.id == *id) {
                self.require_teams(&queue.team_ids)?;
            }
        }
        Ok(())
    }

    /// 403 unless everything that differs is theirs, as it was and as it shall be: rules that send to their queues only,
    /// and take from their accounts only.
    pub async fn require_changes(
        &self,
        app: &App,
        before: &[RoutingRule],
        after: &[RoutingRule],
    ) -> Result<(), ApiError> {
        let Self::Teams(teams) = self else { return Ok(()) };
        let changes = rule_changes(before, after);
        if changes.is_empty() {
            return Ok(());
        }
        let queues = app.store.queues.all().await?;
        let bounds = own_accounts(app, teams).await?;
        for change in changes {
            let states = [before, after].map(|rules| rules.iter().find(|rule| rule.id == change.rule_id));
            for rule in states.into_iter().flatten() {
                let theirs = self.sends_to_theirs(rule, &queues) && is_within(rule, &bounds);
                if !theirs {
                    let why = format!(
                        "Rule {} isn't your team's alone: it has to name accounts of your team, and queues of your team.",
                        rule.id
                    );
                    return Err(beyond(why));
                }
            }
        }
        Ok(())
    }

    fn sends_to_theirs(&self, rule: &RoutingRule, queues: &[Queue]) -> bool {
        rule.steps.iter().all(|step| {
            let queue = queues.iter().find(|queue| queue.id == step.queue_id);
            queue.is_some_and(|queue| self.require_teams(&queue.team_ids).is_ok())
        })
    }
}

/// "On an account of these teams", as a condition.
async fn own_accounts(app: &App, teams: &[TeamId]) -> Result<Condition, ApiError> {
    let accounts = app.store.accounts.all().await?;
    let is_own = |team: Option<&TeamId>| team.is_some_and(|team| teams.contains(team));
    // Accounts of two channels may share a name: it is theirs only if all of them are.
    let names = accounts.iter().filter(|account| {
        let same = accounts
            .iter()
            .filter(|other| other.key.account_id == account.key.account_id);
        same.into_iter().all(|account| is_own(account.team_id.as_ref()))
    });
    let names = names.map(|account| Value::from(account.key.account_id.clone()));
    Ok(Condition::Match {
        field: Field::Account,
        operator: Operator::In,
        value: Value::Array(names.collect()),
    })
}

fn beyond(why: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError {
        message: why.into(),
        ..ApiError::forbidden()
    }
}
