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
mod code_factor;
mod content;
mod conversation;
mod customer;
mod decision;
mod delivery;
mod erasure;
mod explanation;
mod grants;
mod hours;
mod id;
mod lint;
mod live;
mod masking;
mod message;
mod order;
mod pii;
mod presence;
mod queue;
mod queue_live;
mod retention;
mod role;
mod routing;
mod rule_set;
mod scenario;
mod secret;
mod shadow;
mod sla;
mod status;
mod time;
mod user;

pub use account::{AccountKey, AccountSecrets, AccountSettings, ChannelAccount};
pub use account_health::{AccountHealth, AccountTrail, HealthState, Trouble};
pub use assignment::{Assignment, AssignmentStatus};
pub use attachment::{Attachment, AttachmentState};
pub use audit::{Actor, ActorKind, AuditEntry, AuditObject, AuditOutcome, AuditRecord, difference};
pub use channel::Channel;
pub use code_factor::{CodeFactor, CodeWay, is_phone_number};
pub use content::{Content, Email, Media, Product};
pub use conversation::{
    Contact, Conversation, ConversationStatus, LastMessage, Offer, RoutingState, Waiting,
};
pub use customer::{Customer, Identity, email_key, phone_key};
pub use decision::{Considered, Decision, Outcome, Rejection};
pub use delivery::{Delivery, DeliveryOutcome};
pub use erasure::{Erasure, ErasureProgress, ErasureState};
pub use explanation::{AgentExplanation, WhyNot};
pub use grants::SUPER_ADMIN;
pub use hours::{BusinessHours, Day, Holiday, NotATime, Opening, Span, TimeOfDay, Weekday};
pub use id::{
    AssignmentId, AttachmentId, BranchId, CalendarId, ContactRoomId, ConversationId, CustomerId, DecisionId,
    DeliveryId, Id, MessageId, QueueId, RoleId, RuleId, ShadowRunId, SkillId, SlaPolicyId, TeamId, UserId,
};
pub use lint::{FieldPointer, Finding, FindingKind, QueuePromise, Severity};
pub use live::{Audience, LiveEvent, LiveEventName, Room};
pub use masking::redacted;
pub use message::{Author, Direction, Message, MessageError};
pub use order::{Order, OrderFact, order_facts};
pub use pii::{Personal, Pii, Shown};
pub use presence::{Intent, Presence, PresenceCause, PresenceChange};
pub use queue::{Overflow, OverflowWhen, Queue, Strategy};
pub use queue_live::{QueueLive, QueuePosition};
pub use retention::Retention;
pub use role::{Permission, Role, Scope, Visible};
pub use routing::{Condition, Field, Operator, Priority, Requirement, RoutingRule, Skill, SkillLevel, Step};
pub use rule_set::{ChangeKind, DraftRules, PublishedRules, RuleChange, next_versions, rule_changes};
pub use scenario::{
    AgentReport, Differences, Happened, QueueReport, Scenario, ScenarioAgent, ScenarioConversation, Shift,
    SimulationReport, Waits,
};
pub use secret::Secret;
pub use shadow::{
    Comparison, Difference, DifferenceCount, Fared, ShadowQueues, ShadowReport, ShadowRun, ShadowSide,
    ShadowState,
};
pub use sla::{
    OnReopen, SlaAlarm, SlaEvent, SlaEventKind, SlaMetric, SlaPolicy, SlaStanding, SlaState, SlaTimer,
};
pub use status::MessageStatus;
pub use time::{Arrival, Clock, Position, Timestamp};
pub use user::{Branch, Team, User};
