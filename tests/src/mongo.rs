//! A mongod of a test's own: a replica set of one, so that transactions and change streams work.

use std::{fs, time::Duration};

use mongodb::{
    Client,
    bson::{Document, doc},
    error::ErrorKind,
    options::{ClientOptions, ServerAddress},
};

use crate::{poll::eventually, ports::free_port, process::Process, program, scratch::Scratch};

/// How long mongod may take until it takes writes.
const START: Duration = Duration::from_mins(1);

/// The server's code for "no replica set configuration yet".
const NOT_YET_INITIALIZED: i32 = 94;

/// A private mongod. Stopped and removed when dropped.
#[derive(Debug)]
pub struct Mongo {
    process: Process,
    port: u16,
    scratch: Scratch,
}

impl Mongo {
    /// Starts one on a free port, makes it a replica set, and waits until it takes writes.
    pub async fn start() -> Self {
        let (scratch, port) = (Scratch::new("mongod"), free_port());
        fs::create_dir(scratch.path().join("data")).expect("a data directory");
        let mut mongo = Self {
            process: launch(port, &scratch),
            port,
            scratch,
        };
        mongo.await_primary().await;
        mongo
    }

    /// For clients: `mongodb://127.0.0.1:PORT/?replicaSet=rs0`.
    pub fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}/?replicaSet=rs0", self.port)
    }

    /// SIGKILL. The data stays for [`Mongo::restart`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Kills it if it still runs, starts it again on the same data and port, and waits until it takes writes.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = launch(self.port, &self.scratch);
        self.await_primary().await;
    }

    /// It hangs until [`Mongo::resume`]; its connections stay open.
    pub fn pause(&self) {
        self.process.pause();
    }

    pub fn resume(&self) {
        self.process.resume();
    }

    /// Makes the primary a secondary; it stands for election again after `seconds`. Returns when it has stepped down.
    pub async fn step_down(&self, seconds: u32) {
        self.admin(doc! { "replSetStepDown": seconds, "force": true })
            .await
            .expect("the primary steps down");
    }

    /// Runs a command on its `admin` database.
    pub async fn admin(&self, command: Document) -> mongodb::error::Result<Document> {
        direct(self.port)?.database("admin").run_command(command).await
    }

    async fn await_primary(&mut self) {
        let client = direct(self.port).expect("a MongoDB address");
        let (process, host) = (&mut self.process, format!("127.0.0.1:{}", self.port));
        eventually("mongod takes writes", START, async || {
            assert!(process.ended().is_none(), "mongod ended:\n{}", process.log_end(5));
            settle(&client, &host).await.unwrap_or(false)
        })
        .await;
    }
}

/// One step towards a writable primary; true when there.
async fn settle(client: &Client, host: &str) -> mongodb::error::Result<bool> {
    let admin = client.database("admin");
    if admin
        .run_command(doc! { "hello": 1 })
        .await?
        .get_bool("isWritablePrimary")
        .unwrap_or(false)
    {
        return Ok(true);
    }
    if let Err(error) = admin.run_command(doc! { "replSetGetStatus": 1 }).await
        && matches!(&*error.kind, ErrorKind::Command(command) if command.code == NOT_YET_INITIALIZED)
    {
        let members = doc! { "_id": "rs0", "members": [{ "_id": 0, "host": host }] };
        admin.run_command(doc! { "replSetInitiate": members }).await?;
    }
    Ok(false)
}

/// A client of this one server, primary or not.
fn direct(port: u16) -> mongodb::error::Result<Client> {
    let options = ClientOptions::builder()
        .hosts(vec![ServerAddress::Tcp {
            host: "127.0.0.1".into(),
            port: Some(port),
        }])
        .direct_connection(true)
        .server_selection_timeout(Duration::from_secs(1))
        .build();
    Client::with_options(options)
}

fn launch(port: u16, scratch: &Scratch) -> Process {
    let program = program::find("MONGOD", &["mongod"]);
    let data = scratch.path().join("data").display().to_string();
    let arguments = [
        ["--replSet", "rs0"],
        ["--bind_ip", "127.0.0.1"],
        ["--port", &port.to_string()],
        ["--dbpath", &data],
        ["--wiredTigerCacheSizeGB", "0.25"],
        ["--oplogSize", "128"],
        ["--setParameter", "diagnosticDataCollectionEnabled=false"],
        ["--nounixsocket", "--quiet"],
    ];
    let arguments: Vec<String> = arguments.concat().into_iter().map(str::to_owned).collect();
    Process::start("mongod", &program, &arguments, &[], &scratch.path().join("log"))
}
