//! A Redis server of the test's own: free port, append-only file in a temporary folder, gone with the test.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use switchboard_queue::Redis;
use tokio::time::{Instant, sleep};

pub struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Server {
    pub async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = std::env::temp_dir().join(format!("switchboard-queue-{}-{port}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let server = Self {
            child: launch(port, &folder),
            port,
            folder,
        };
        server.wait_until_ready().await;
        server
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub async fn connect(&self) -> Redis {
        Redis::connect(&self.url(), "test:").await.unwrap()
    }

    /// A plain connection, to look behind the queue's back.
    pub async fn raw(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same port with what its append-only file holds.
    pub async fn restart(&mut self) {
        self.child = launch(self.port, &self.folder);
        self.wait_until_ready().await;
    }

    async fn wait_until_ready(&self) {
        let client = redis::Client::open(self.url()).unwrap();
        eventually("the server answers", async || {
            let Ok(mut connection) = client.get_multiplexed_async_connection().await else {
                return false;
            };
            redis::cmd("PING").exec_async(&mut connection).await.is_ok()
        })
        .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn launch(port: u16, folder: &Path) -> Child {
    Command::new(binary())
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .arg("--dir")
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("a Redis or Valkey server that can be started")
}

fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("VALKEY_SERVER") {
        return path.into();
    }
    let cached = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache/bin/valkey-server");
    if cached.exists() {
        return cached;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| [folder.join("valkey-server"), folder.join("redis-server")])
        .find(|candidate| candidate.exists())
        .expect("valkey-server or redis-server: in .cache/bin, on PATH or named by VALKEY_SERVER")
}

/// Polls until `condition` holds; fails the test after 20 s.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition().await {
        assert!(Instant::now() < deadline, "not in time: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
