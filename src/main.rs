//! `switchboard`: the whole hub in one binary, whole or in parts.

mod api;
mod app;
mod audit;
mod audit_verify;
mod auth;
mod browser;
mod chat;
mod config;
mod connections;
mod console;
mod create_admin;
mod demo;
mod error;
mod files;
mod health;
mod json;
mod keys;
mod limits;
mod listener;
mod live;
mod mail;
mod middleware;
mod peer;
mod process;
mod router;
mod secrets;
mod seed_bench;
mod serve;
mod socketio;
mod telemetry;
mod webhooks;
mod work;

use std::{path::PathBuf, process::ExitCode};

use app::StartError;
use clap::{Parser, Subcommand};
use config::{Config, Profile};
use demo::Seed;
use process::Role;
use switchboard_store::AuditHead;

/// Measured with 2,000 consoles: 15 MB of heap, where mimalloc kept 62; and password hashing, 19 MiB at a time, leaves nothing
/// behind (the system's allocator kept 270 MB after 500 sign-ins).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What is free goes back to the system after a second, by a thread of the allocator's own. It looks for this name when it starts.
#[expect(
    unsafe_code,
    reason = "a symbol that only jemalloc reads, of the type it documents"
)]
#[unsafe(export_name = "_rjem_malloc_conf")]
static ALLOCATOR_SETTINGS: &[u8; 60] = b"background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0\0";

/// A real-time omnichannel messaging hub.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Which built-in settings lie under your own.
    #[arg(
        long,
        env = "SWITCHBOARD_PROFILE",
        default_value = "production",
        global = true
    )]
    profile: Profile,
    /// A TOML file with your settings; config/default.toml explains each.
    #[arg(long, env = "SWITCHBOARD_CONFIG", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve and work in one process.
    All,
    /// Webhooks, API and consoles.
    Serve,
    /// The workers.
    Work,
    /// Create what is missing in MongoDB, and end.
    Migrate,
    /// Check the configuration and whether MongoDB and Redis are there and fit, and end.
    Check,
    /// Fill in the demo's users and accounts, and end.
    Demo,
    /// Fill in agents for a measurement, and end.
    SeedBench {
        #[arg(long, default_value_t = 50)]
        agents: usize,
        #[arg(long, default_value_t = 5)]
        teams: usize,
    },
    /// Create a super admin, whose password is read from standard input, and end.
    CreateAdmin {
        #[arg(long)]
        email: String,
        #[arg(long, default_value = "Admin")]
        name: String,
    },
    /// The audit log.
    #[command(subcommand)]
    Audit(Audit),
    /// The deployment's secrets.
    #[command(subcommand)]
    Secrets(Secrets),
    /// Print the API's description.
    Openapi,
}

#[derive(Subcommand)]
enum Audit {
    /// Check that no entry was changed, taken away or put in, and end.
    Verify {
        /// An end of the chain that was kept elsewhere, NUMBER:HASH: the chain has to go through it.
        #[arg(long)]
        head: Option<AuditHead>,
    },
}

#[derive(Subcommand)]
enum Secrets {
    /// Seal what is stored with the current `secret_key` in the place of the previous ones, and end.
    Rotate,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("switchboard: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), StartError> {
    if matches!(cli.command, Command::Openapi) {
        print!("{}", router::document());
        return Ok(());
    }
    let config = Config::load(cli.profile, cli.config)?;
    telemetry::init_logs(&config.log)?;
    // Someone has to choose; there is one TLS stack.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match cli.command {
        Command::All => process::run(config, Role::All),
        Command::Serve => process::run(config, Role::Serve),
        Command::Work => process::run(config, Role::Work),
        Command::Migrate => process::migrate_once(&config),
        Command::Check => process::check(&config),
        Command::Demo => process::sow(config, cli.profile, Seed::Demo),
        Command::SeedBench { agents, teams } => {
            process::sow(config, cli.profile, Seed::Bench { agents, teams })
        }
        Command::CreateAdmin { email, name } => process::create_admin(config, &email, &name),
        Command::Audit(Audit::Verify { head }) => process::verify_audit(&config, head),
        Command::Secrets(Secrets::Rotate) => process::rotate_secrets(&config),
        Command::Openapi => Ok(()),
    }
}
