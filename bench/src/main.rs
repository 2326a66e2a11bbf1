//! Measures a running hub: acknowledgements, webhook to screen, a burst's drain, thousands of consoles.
//!
//! Open loop: a request is due at a time, whatever the hub does, and its latency counts from then; so a stall shows
//! in every request it delayed. CPU and memory come from `/proc`. It talks to loopback addresses only.

mod agents;
mod arguments;
mod body;
mod connection;
mod frame;
mod generator;
mod http;
mod persisted;
mod phases;
mod poller;
mod process;
mod report;
mod stats;

use std::{fmt, process::ExitCode};

use clap::Parser;

use arguments::{Arguments, Phase};

/// Why a measurement couldn't be made.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.phase {
        Phase::Ack(ack) => phases::ack::run(&arguments.target, ack),
        Phase::E2e(e2e) => phases::e2e::run(&arguments.target, e2e),
        Phase::Drain(drain) => phases::drain::run(&arguments.target, drain),
        Phase::Fanout(fanout) => phases::fanout::run(&arguments.target, fanout),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
