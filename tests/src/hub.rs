//! The real hub: the built `switchboard` binary in one or several processes.

use std::{
    env,
    net::TcpListener,
    path::PathBuf,
    process::{Command, ExitStatus},
    sync::{Arc, OnceLock},
    time::Duration,
};

use crate::{
    http::http, isolated::Isolated, poll::eventually, ports::free_port, process::Process, program,
    scratch::Scratch,
};

/// How long the hub may take from its start until it is ready, in a debug build on a busy machine.
const READY: Duration = Duration::from_mins(1);

/// What one process of the hub does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything in one process.
    All,
    /// Webhooks, API, consoles.
    Serve,
    /// The workers.
    Work,
}

impl Role {
    fn command(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Serve => "serve",
            Self::Work => "work",
        }
    }

    fn has_http(self) -> bool {
        self != Self::Work
    }
}

/// What to start, and on which servers.
#[derive(Clone, Debug)]
pub struct HubOptions {
    /// One process each, started in this order.
    pub roles: Vec<Role>,
    pub mongo_uri: String,
    pub db: String,
    pub redis_url: String,
    pub prefix: String,
    /// Where files lie.
    pub files: Arc<Scratch>,
    /// More settings, as environment variables (`SWITCHBOARD_<SECTION>__<KEY>`); they win over what the options say.
    pub variables: Vec<(String, String)>,
}

impl HubOptions {
    /// `switchboard all` with the demo, on this test's corner of the servers.
    pub fn all(corner: &Isolated) -> Self {
        Self {
            roles: vec![Role::All],
            mongo_uri: corner.mongo_uri.clone(),
            db: corner.db.clone(),
            redis_url: corner.redis_url.clone(),
            prefix: corner.prefix.clone(),
            files: corner.files.clone(),
            variables: Vec::new(),
        }
    }

    /// The same in separate processes: first the workers, then the nodes that serve.
    #[must_use]
    pub fn split(mut self, serve: usize, work: usize) -> Self {
        self.roles = [vec![Role::Work; work], vec![Role::Serve; serve]].concat();
        self
    }

    /// Adds a setting, as in `("SWITCHBOARD_AUTH__ACCESS_TOKEN_TTL_SECS", "5")`.
    #[must_use]
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.push((variable.to_owned(), value.to_owned()));
        self
    }
}

/// A running hub. Its processes are killed when dropped; their logs' ends are shown if the test failed.
#[derive(Debug)]
pub struct Hub {
    nodes: Vec<Node>,
}

impl Hub {
    /// Starts every process and waits until all that serve are ready.
    pub async fn start(options: HubOptions) -> Self {
        let mut nodes: Vec<Node> = options
            .roles
            .iter()
            .map(|role| Node::new(*role, &options))
            .collect();
        for node in &mut nodes {
            node.await_ready().await;
        }
        Self { nodes }
    }

    /// The address of the first node that serves: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        let node = self.nodes.iter().find(|node| node.role.has_http());
        &node.expect("a hub with a node that serves").url
    }

    /// All processes, in the order of [`HubOptions::roles`].
    pub fn nodes(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// The `nth` process with this role. Panics if there are fewer.
    pub fn node(&mut self, role: Role, nth: usize) -> &mut Node {
        self.nodes
            .iter_mut()
            .filter(|node| node.role == role)
            .nth(nth)
            .unwrap_or_else(|| panic!("no {role:?} number {nth} in this hub"))
    }

    /// What all processes have logged.
    pub fn logs(&self) -> String {
        self.nodes.iter().map(|node| node.process.log()).collect()
    }
}

/// One process of the hub.
#[derive(Debug)]
pub struct Node {
    pub role: Role,
    /// `http://127.0.0.1:PORT`; nobody answers there in a process that only works.
    pub url: String,
    variables: Vec<(String, String)>,
    process: Process,
    scratch: Scratch,
}

impl Node {
    fn new(role: Role, options: &HubOptions) -> Self {
        let (scratch, port) = (Scratch::new(role.command()), free_port_pair());
        let url = format!("http://127.0.0.1:{port}");
        let mut variables: Vec<(String, String)> = [
            ("SWITCHBOARD_PROFILE", "development"),
            ("SWITCHBOARD_HTTP__PORT", &port.to_string()),
            ("SWITCHBOARD_HTTP__PUBLIC_BASE_URL", &url),
            ("SWITCHBOARD_MONGODB__URI", &options.mongo_uri),
            ("SWITCHBOARD_MONGODB__DATABASE", &options.db),
            ("SWITCHBOARD_REDIS__URL", &options.redis_url),
            ("SWITCHBOARD_REDIS__PREFIX", &options.prefix),
            (
                "SWITCHBOARD_FILES__FOLDER",
                &options.files.path().display().to_string(),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        variables.extend(options.variables.iter().cloned());
        let process = launch(role, &variables, &scratch);
        Self {
            role,
            url,
            variables,
            process,
            scratch,
        }
    }

    /// SIGKILL: no drain, no goodbye.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// SIGTERM, and wait for a clean end.
    pub fn stop(&mut self) -> ExitStatus {
        self.process.stop(Duration::from_secs(30))
    }

    /// Kills it if it still runs, starts it again with the same settings and port, and waits until it is ready.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = launch(self.role, &self.variables, &self.scratch);
        self.await_ready().await;
    }

    /// It hangs until [`Node::resume`]; its connections stay open.
    pub fn pause(&self) {
        self.process.pause();
    }

    pub fn resume(&self) {
        self.process.resume();
    }

    /// For measuring it, as in `/proc/<id>/stat`.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.ended()
    }

    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Waits for 200 on `/readyz`, which includes the workers' heartbeat. A process that only works has no such door.
    async fn await_ready(&mut self) {
        if !self.role.has_http() {
            return;
        }
        let (process, url) = (&mut self.process, format!("{}/readyz", self.url));
        let client = http();
        eventually(&format!("200 from {url}"), READY, async || {
            assert!(
                process.ended().is_none(),
                "the hub ended:\n{}",
                process.log_end(20)
            );
            client
                .get(&url)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
        })
        .await;
    }
}

fn launch(role: Role, variables: &[(String, String)], scratch: &Scratch) -> Process {
    let command = [role.command().to_owned()];
    Process::start(
        "switchboard",
        binary(),
        &command,
        variables,
        &scratch.path().join("log"),
    )
}

/// The demo plays the provider on the port after the hub's own.
fn free_port_pair() -> u16 {
    loop {
        let port = free_port();
        if TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

/// The binary `HUB_BINARY` names, else the one beside this test's own build, brought up to date first.
fn binary() -> &'static std::path::Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| env::var_os("HUB_BINARY").map_or_else(build, PathBuf::from))
}

/// `cargo test -p …` builds the test but not the hub. Everything is selected, as in `make test`, because another selection
/// would mean other features of the dependencies, and so a second build of them.
fn build() -> PathBuf {
    let test = env::current_exe().expect("the path of this test");
    let profile_dir = test.ancestors().nth(2).expect("target/<profile>/deps/<test>");
    let target_dir = profile_dir.parent().expect("target/<profile>");
    let built = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(program::root())
        .args(["build", "--quiet", "--workspace", "--all-targets", "--target-dir"])
        .arg(target_dir)
        .status()
        .expect("cargo");
    assert!(built.success(), "the hub doesn't build");
    profile_dir.join("switchboard")
}
