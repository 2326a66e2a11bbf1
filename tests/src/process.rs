//! One server process: started so that it can't outlive the tests, and broken on purpose.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{LazyLock, mpsc},
    thread,
    time::{Duration, Instant},
};

type Request = (Command, mpsc::Sender<io::Result<Child>>);

/// Linux ends a child with the *thread* that started it, if so asked. This thread lives as long as the process,
/// so a server ends with the tests however those end, and not with the one test that happened to start it.
static SPAWNER: LazyLock<mpsc::Sender<Request>> = LazyLock::new(|| {
    let (requests, inbox) = mpsc::channel::<Request>();
    thread::spawn(move || {
        for (mut command, answer) in inbox {
            let _ = answer.send(command.spawn());
        }
    });
    requests
});

/// A running program whose output goes to a log file. Killed when dropped; the log's end is shown if the test failed.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program`; its output is appended to `log`.
    pub fn start(
        name: &str,
        program: &Path,
        arguments: &[String],
        variables: &[(String, String)],
        log: &Path,
    ) -> Self {
        let output = append_to(log);
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(arguments)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stderr(output.try_clone().expect("a second handle on the log"))
            .stdout(output);
        let (answer, child) = mpsc::channel();
        SPAWNER
            .send((command, answer))
            .expect("the spawning thread lives");
        let child = child
            .recv()
            .expect("the spawning thread answers")
            .expect("setpriv (util-linux) starts the program");
        Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the state of a child process")
    }

    /// SIGKILL: no warning, no clean-up. Returns when it is gone; a second call does nothing.
    pub fn kill(&mut self) {
        // Fails only for a process that has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and wait for a clean end. Panics after `deadline`.
    pub fn stop(&mut self, deadline: Duration) -> ExitStatus {
        self.signal("TERM");
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(
                started.elapsed() < deadline,
                "{} didn't stop within {deadline:?}",
                self.name
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGSTOP: it hangs, its connections stay open.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// SIGCONT: it goes on after [`Process::pause`].
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Everything it has printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The last `count` lines of its log.
    pub fn log_end(&self, count: usize) -> String {
        let Ok(file) = File::open(&self.log) else {
            return String::new();
        };
        let lines: Vec<String> = BufReader::new(file).lines().map_while(Result::ok).collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("sh")
            .args([
                "-c",
                "kill -s \"$1\" \"$2\"",
                "sh",
                signal,
                &self.id().to_string(),
            ])
            .status()
            .expect("a shell");
        assert!(status.success(), "SIG{signal} didn't reach {}", self.name);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("--- the end of {}'s log\n{}", self.name, self.log_end(40));
        }
    }
}

fn append_to(log: &Path) -> File {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .unwrap_or_else(|error| panic!("{}: {error}", log.display()))
}
