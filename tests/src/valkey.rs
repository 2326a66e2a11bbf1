//! A Valkey of a test's own, with the append-only file on as in production.

use std::{fs, time::Duration};

use crate::{poll::eventually, ports::free_port, process::Process, program, scratch::Scratch};

/// How long a server may take to answer after its start.
const START: Duration = Duration::from_secs(30);

/// A private Valkey (or Redis). Stopped and removed when dropped.
#[derive(Debug)]
pub struct Valkey {
    process: Process,
    port: u16,
    scratch: Scratch,
}

impl Valkey {
    /// Starts one on a free port and waits until it answers.
    pub async fn start() -> Self {
        let (scratch, port) = (Scratch::new("valkey"), free_port());
        let mut valkey = Self {
            process: launch(port, &scratch),
            port,
            scratch,
        };
        valkey.await_answer().await;
        valkey
    }

    /// For clients: `redis://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// SIGKILL. The data stays for [`Valkey::restart`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Kills it if it still runs, starts it again on the same data and port, and waits until it answers.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = launch(self.port, &self.scratch);
        self.await_answer().await;
    }

    /// Kills it and starts it again with nothing in it, as after the loss of its disk.
    pub async fn restart_empty(&mut self) {
        self.kill();
        fs::remove_dir_all(self.scratch.path().join("appendonlydir")).expect("the append-only files");
        self.restart().await;
    }

    /// It hangs until [`Valkey::resume`]; its connections stay open.
    pub fn pause(&self) {
        self.process.pause();
    }

    pub fn resume(&self) {
        self.process.resume();
    }

    async fn await_answer(&mut self) {
        let client = redis::Client::open(self.url()).expect("a Redis address");
        let process = &mut self.process;
        eventually("Valkey answers PING", START, async || {
            assert!(process.ended().is_none(), "Valkey ended:\n{}", process.log_end(5));
            ping(&client).await.is_ok()
        })
        .await;
    }
}

/// An error also while the append-only file is still being loaded.
async fn ping(client: &redis::Client) -> redis::RedisResult<()> {
    let mut connection = client.get_multiplexed_async_connection().await?;
    redis::cmd("PING").query_async(&mut connection).await
}

fn launch(port: u16, scratch: &Scratch) -> Process {
    let program = program::find("VALKEY_SERVER", &["valkey-server", "redis-server"]);
    let dir = scratch.path().display().to_string();
    let arguments = [
        ["--bind", "127.0.0.1"],
        ["--port", &port.to_string()],
        ["--dir", &dir],
        ["--appendonly", "yes"],
        ["--appendfsync", "always"],
        ["--save", ""],
        ["--maxmemory-policy", "noeviction"],
    ];
    let arguments: Vec<String> = arguments.concat().into_iter().map(str::to_owned).collect();
    Process::start("valkey", &program, &arguments, &[], &scratch.path().join("log"))
}
