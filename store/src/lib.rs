//! The only room that knows MongoDB: one file per collection, every index in [`indexes`].
//!
//! Whatever is shown to a person is read through a [`switchboard_domain::Visible`]: the scope is an argument of the
//! query, so that a query without one doesn't compile. What the hub itself needs to do its work is read by id or key.
//! Writes that must not be lost use majority write concern; counters are derived or keyed by event, never `$inc`.

mod account_trails;
mod accounts;
mod api_keys;
mod assignments;
mod attachments;
mod audit;
mod bulk;
mod catalogue;
mod code_factors;
mod conversations;
mod customers;
mod dates;
mod decisions;
mod deliveries;
mod erasures;
mod error;
mod event_log;
mod federated_identities;
mod indexes;
mod last_admin;
mod links;
mod marks;
mod messages;
mod orders;
mod page;
mod past;
mod pending_statuses;
mod presence;
mod presence_sessions;
mod queue_tellings;
mod retained;
mod rule_sets;
mod scope;
mod seal;
mod sessions;
mod shadows;
mod spent;
mod spool;
mod totp;
mod users;

use mongodb::{
    Client, Database,
    bson::doc,
    options::{ClientOptions, WriteConcern},
};
use switchboard_domain::{
    Branch, BusinessHours, Queue, Retention, Role, RoutingRule, SUPER_ADMIN, Skill, SlaPolicy, Team,
};

pub use account_trails::AccountTrails;
pub use accounts::Accounts;
pub use api_keys::{ApiKey, ApiKeys};
pub use assignments::{Assignments, Held, NewAssignment, Taken};
pub use attachments::{Attachments, Awaited, Kept};
pub use audit::{AuditFault, AuditFilter, AuditLogs, AuditReport, Head as AuditHead};
pub use catalogue::{Catalogue, Entry};
pub use code_factors::CodeFactors;
pub use conversations::{
    Arrived, Classified, Conversations, Holding, InboxFilter, InboxView, NewConversation, OpenConversation,
    Reopened, Routable, Search,
};
pub use customers::{CustomerChange, Customers, LanguageChange, NewCustomer, ToldLanguage};
pub use decisions::Decisions;
pub use deliveries::Deliveries;
pub use erasures::{Erasures, Raw as RawWebhook, Traces, Underway};
pub use error::StoreError;
pub use event_log::{EventLog, LoggedEvent};
pub use federated_identities::{FederatedIdentities, FederatedIdentity};
pub use last_admin::UserChange;
pub use links::Links;
pub use marks::Marks;
pub use messages::{MessageFilter, Messages, NewMessage, StatusChange};
pub use orders::{OrderState, Orders};
pub use page::Page;
pub use past::{Opened, PastAssignment};
pub use pending_statuses::PendingStatuses;
pub use presence::{AgentPresence, Presences};
pub use presence_sessions::PresenceSessions;
pub use queue_tellings::QueueTellings;
pub use retained::Retained;
pub use rule_sets::RuleSets;
pub use seal::{SealError, SealKey};
pub use sessions::{Presented, Rotation, Session, Sessions};
pub use shadows::{NewComparison, Shadows};
pub use spent::Spent;
pub use spool::{Spool, Spooled};
pub use totp::{Totp, Totps};
pub use users::{Credentials, Users};

/// The collections, each behind the functions its users need.
#[derive(Clone)]
pub struct Store {
    database: Database,
    pub accounts: Accounts,
    pub account_trails: AccountTrails,
    pub api_keys: ApiKeys,
    pub assignments: Assignments,
    pub attachments: Attachments,
    pub audit: AuditLogs,
    pub code_factors: CodeFactors,
    pub conversations: Conversations,
    pub customers: Customers,
    pub decisions: Decisions,
    pub deliveries: Deliveries,
    pub erasures: Erasures,
    pub event_log: EventLog,
    pub federated_identities: FederatedIdentities,
    pub links: Links,
    pub messages: Messages,
    pub orders: Orders,
    pub pending_statuses: PendingStatuses,
    pub presence: Presences,
    pub sessions: Sessions,
    pub marks: Marks,
    pub presence_sessions: PresenceSessions,
    pub queue_tellings: QueueTellings,
    pub retained: Retained,
    pub spent: Spent,
    pub spool: Spool,
    pub totp: Totps,
    pub users: Users,
    pub roles: Catalogue<Role>,
    pub teams: Catalogue<Team>,
    pub branches: Catalogue<Branch>,
    pub queues: Catalogue<Queue>,
    pub skills: Catalogue<Skill>,
    pub rule_sets: RuleSets,
    pub shadows: Shadows,
    pub business_hours: Catalogue<BusinessHours>,
    pub sla_policies: Catalogue<SlaPolicy>,
}

impl Store {
    /// Opens `database` at `uri`. Doesn't wait for a server to be there: the first query does.
    pub async fn open(uri: &str, database: &str, seal: SealKey) -> Result<Self, StoreError> {
        let mut options = ClientOptions::parse(uri).await?;
        options.app_name.get_or_insert_with(|| "switchboard".to_owned());
        // A query that finds no server fails soon enough to be answered with 503, or tried again by its job.
        options
            .server_selection_timeout
            .get_or_insert(std::time::Duration::from_secs(5));
        options
            .connect_timeout
            .get_or_insert(std::time::Duration::from_secs(3));
        // Whatever the replica set's default: what is answered for is on a majority.
        options.write_concern = Some(WriteConcern::majority());
        let main = Client::with_options(options.clone())?.database(database);
        // Whole jobs are repeated and safe to repeat, so the workers' bulk writes needn't pay for the server's
        // bookkeeping of retryable writes.
        options.retry_writes = Some(false);
        let bulk = Client::with_options(options)?.database(database);
        Ok(Self {
            accounts: Accounts::new(&main, seal.clone()),
            audit: AuditLogs::new(&main, seal.clone()),
            account_trails: AccountTrails::new(&main),
            api_keys: ApiKeys::new(&main),
            assignments: Assignments::new(&main),
            attachments: Attachments::new(&main, &bulk),
            code_factors: CodeFactors::new(&main),
            conversations: Conversations::new(&main, &bulk),
            customers: Customers::new(&main, &bulk),
            decisions: Decisions::new(&main),
            deliveries: Deliveries::new(&main),
            erasures: Erasures::new(&main),
            event_log: EventLog::new(&bulk),
            federated_identities: FederatedIdentities::new(&main),
            links: Links::new(&main),
            messages: Messages::new(&main, &bulk),
            orders: Orders::new(&main, &bulk),
            pending_statuses: PendingStatuses::new(&main),
            presence: Presences::new(&main),
            sessions: Sessions::new(&main),
            marks: Marks::new(&main),
            presence_sessions: PresenceSessions::new(&main),
            queue_tellings: QueueTellings::new(&main),
            retained: Retained::new(&main),
            spent: Spent::new(&main),
            spool: Spool::new(&main),
            totp: Totps::new(&main, seal),
            users: Users::new(&main),
            roles: Catalogue::new(&main, "roles"),
            teams: Catalogue::new(&main, "teams"),
            branches: Catalogue::new(&main, "branches"),
            queues: Catalogue::new(&main, "queues"),
            skills: Catalogue::new(&main, "skills"),
            rule_sets: RuleSets::new(&main),
            shadows: Shadows::new(&main),
            business_hours: Catalogue::new(&main, "business_hours"),
            sla_policies: Catalogue::new(&main, "sla_policies"),
            database: main,
        })
    }

    /// Creates what is missing: collections, indexes and the five seed roles. Safe to repeat, and to run at once on several nodes.
    ///
    /// What expires by itself from then on expires as `retention` says.
    pub async fn migrate(&self, retention: &Retention) -> Result<(), StoreError> {
        indexes::create(&self.database, retention).await?;
        for role in Role::seeds() {
            self.roles.put_if_absent(&role).await?;
            // What a new version brings, a super admin may do from the start: nobody else could hand it out.
            if role.id.as_str() == SUPER_ADMIN
                && let Some(mut held) = self.roles.get(SUPER_ADMIN).await?
                && held.first_beyond(&role).is_some()
            {
                held.grants.extend(role.grants);
                self.roles.put(&held).await?;
            }
        }
        let loose: Catalogue<RoutingRule> = Catalogue::new(&self.database, "routing_rules");
        self.rule_sets.adopt(&loose).await?;
        Ok(())
    }

    pub async fn ping(&self) -> Result<(), StoreError> {
        self.database.run_command(doc! { "ping": 1 }).await?;
        Ok(())
    }
}
