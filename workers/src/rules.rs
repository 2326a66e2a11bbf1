//! The deployment's choices that change what happens to conversations.

use std::time::Duration;

use switchboard_domain::Retention;

#[derive(Clone, Debug)]
pub struct HubRules {
    /// A customer who writes this soon after their conversation was resolved brings it back.
    pub reopen_within: Duration,
    /// The queue for conversations that no rule and no account sends anywhere.
    pub default_queue: String,
    pub routing: RoutingRules,
    pub retention: Retention,
}

/// How work is given and taken back.
#[derive(Clone, Debug)]
pub struct RoutingRules {
    /// A customer's silence after which their conversation holds no capacity; none: it always does.
    pub inactive_after: Option<Duration>,
    /// How long a conversation that comes back waits for the agent it had.
    pub return_wait: Duration,
    /// How long an agent's connection may be away before their work goes to others.
    pub disconnect_grace: Duration,
}

impl Default for RoutingRules {
    fn default() -> Self {
        Self {
            inactive_after: Some(Duration::from_mins(10)),
            return_wait: Duration::from_mins(2),
            disconnect_grace: Duration::from_mins(1),
        }
    }
}
