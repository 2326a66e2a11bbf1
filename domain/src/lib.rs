//! The ground floor: the plain types and rules every room speaks in.
//!
//! Nothing here waits, opens a file or knows a database; time comes in as an argument.
//! A type's JSON form *is* the public contract (field names in `snake_case`, times RFC 3339 UTC, ids strings).

mod account;
mod account_health;
mod assignment;
mod attachment;
mod audit;
mod channel;
mod content;
mod conversation;
mod customer;
mod decision;
mod delivery;
mod grants;
mod id;
mod live;
mod message;
mod presence;
mod role;
mod routing;
mod secret;
mod status;
mod time;
mod user;

pub use account::{AccountKey, AccountSecrets, AccountSettings, ChannelAccount};
pub use account_health::{AccountHealth, AccountTrail, HealthState, Trouble};
pub use assignment::{Assignment, AssignmentStatus};
pub use attachment::{Attachment, AttachmentState};
pub use audit::{Actor, ActorKind, AuditEntry, AuditObject, AuditOutcome, AuditRecord, difference};
pub use channel::Channel;
pub use content::{Content, Email, Media, Product};
pub use conversation::{
    Contact, Conversation, ConversationStatus, LastMessage, Offer, RoutingState, Waiting,
};
pub use customer::{Customer, Identity};
pub use decision::{Considered, Decision, Outcome, Rejection};
pub use delivery::{Delivery, DeliveryOutcome};
pub use grants::SUPER_ADMIN;
pub use id::{
    AssignmentId, AttachmentId, BranchId, ContactRoomId, ConversationId, CustomerId, DecisionId, DeliveryId,
    Id, MessageId, QueueId, RoleId, RuleId, SkillId, TeamId, UserId,
};
pub use live::{Audience, LiveEvent, LiveEventName, Room};
pub use message::{Author, Direction, Message, MessageError};
pub use presence::{Device, Intent, Presence};
pub use role::{Permission, Role, Scope, Visible};
pub use routing::{
    Condition, Field, Operator, Priority, Queue, Requirement, RoutingRule, Skill, SkillLevel, Step, Strategy,
};
pub use secret::Secret;
pub use status::MessageStatus;
pub use time::{Arrival, Clock, Position, Timestamp};
pub use user::{Branch, Team, User};
