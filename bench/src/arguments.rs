//! The command line.

use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(about = "A load generator for messaging hubs: open loop, on loopback, with CPU from /proc")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(subcommand)]
    pub(crate) phase: Phase,
}

/// What is measured, and who its processes are.
#[derive(Args)]
pub(crate) struct Target {
    /// The hub's origin; a loopback address.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) base_url: String,
    /// Where the account's webhooks go.
    #[arg(long, default_value = "/webhooks/whatsapp/wa-demo")]
    pub(crate) webhook_path: String,
    /// The account's app secret: signs the webhooks.
    #[arg(long, default_value = "demo-whatsapp-secret")]
    pub(crate) secret: String,
    /// Our number's id in the webhooks' metadata.
    #[arg(long, default_value = "106540352242922")]
    pub(crate) phone_number_id: String,
    /// Customers that write, in turn.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) customers: u64,
    /// Connections that webhooks are posted over; a customer keeps to one.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) connections: u64,
    /// Bytes of a webhook's body, about.
    #[arg(long, default_value_t = 700)]
    pub(crate) body_size: usize,
    /// The hub's processes.
    #[arg(long)]
    pub(crate) hub_pid: Vec<u32>,
    #[arg(long)]
    pub(crate) redis_pid: Option<u32>,
    #[arg(long)]
    pub(crate) mongod_pid: Option<u32>,
    /// Where messages are counted, to know when all are persisted.
    #[arg(long)]
    pub(crate) mongo: Option<String>,
    #[arg(long, default_value = "switchboard")]
    pub(crate) database: String,
    /// A command that prints how many messages are persisted, instead of `--mongo`.
    #[arg(long)]
    pub(crate) count_cmd: Option<String>,
    #[command(flatten)]
    pub(crate) agents: Agents,
}

/// How consoles sign in: with tokens, or by e-mail and password.
#[derive(Args)]
pub(crate) struct Agents {
    /// Access tokens, shared out among the consoles in turn.
    #[arg(long)]
    pub(crate) token: Vec<String>,
    /// An e-mail address; `{i}` counts from `--first-login`.
    #[arg(long, default_value = "agent{i}@demo.test")]
    pub(crate) login: String,
    #[arg(long, default_value = "switchboard-demo")]
    pub(crate) password: String,
    #[arg(long, default_value_t = 1)]
    pub(crate) first_login: u64,
    /// How many different agents sign in.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=500))]
    pub(crate) logins: u64,
}

#[derive(Subcommand)]
pub(crate) enum Phase {
    /// How fast webhooks are acknowledged: closed loop, then open loop at each rate.
    Ack(Ack),
    /// From the webhook's due time to the first agent's screen, at each rate.
    E2e(E2e),
    /// A burst, until the last message is persisted.
    Drain(Drain),
    /// Memory and CPU of many consoles.
    Fanout(Fanout),
}

#[derive(Args)]
pub(crate) struct Ack {
    /// Messages of the closed loop; 0 leaves it out.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(0..=500_000))]
    pub(crate) closed: u64,
    #[arg(long, value_delimiter = ',', default_value = "600,1500,6000")]
    pub(crate) rates: Vec<f64>,
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) secs: u64,
}

#[derive(Args)]
pub(crate) struct E2e {
    #[arg(long, value_delimiter = ',', default_value = "100,300,600")]
    pub(crate) rates: Vec<f64>,
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) secs: u64,
    /// One in so many webhooks is posted again later; 0: none.
    #[arg(long, default_value_t = 100)]
    pub(crate) duplicate_every: u64,
}

#[derive(Args)]
pub(crate) struct Drain {
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=200_000))]
    pub(crate) count: u64,
    /// Seconds until a drain that doesn't end is given up.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) patience: u64,
}

#[derive(Args)]
pub(crate) struct Fanout {
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) clients: u64,
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) pushes: u64,
    /// Pushes a second.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) rate: f64,
}
