//! The roles a process can take, its threads, and its end.

use std::io;

use rustix::process::{getpriority_process, setpriority_process};
use switchboard_domain::Clock;
use switchboard_store::AuditHead;
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    app::{App, StartError, open_hub},
    audit_verify,
    config::{Config, Profile},
    create_admin,
    demo::{self, Seed},
    listener, secrets, serve, telemetry, work,
};

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    All,
    Serve,
    Work,
}

/// Runs a role until SIGTERM or SIGINT.
pub fn run(config: Config, role: Role) -> Result<(), StartError> {
    let (say_stop, stop) = watch::channel(false);
    // Workers have threads of their own: an acknowledgement never waits behind a batch.
    let nice = if role == Role::All { config.work.nice } else { 0 };
    let workers = (role != Role::Serve)
        .then(|| nice_threads("work", config.work.threads, nice))
        .transpose()?;
    let main = threads(
        "serve",
        if role == Role::Work {
            1
        } else {
            config.http.threads
        },
    )?;
    main.block_on(async {
        tokio::spawn(on_signal(say_stop));
        migrate(&config).await?;
        let working = workers
            .as_ref()
            .map(|runtime| runtime.spawn(work::run(config.clone(), stop.clone())));
        let served = if role == Role::Work {
            Ok(())
        } else {
            serve(config, stop).await
        };
        match working {
            // Serving ended by itself: it couldn't start, and nobody will say stop.
            Some(working) if served.is_err() => working.abort(),
            Some(working) => working
                .await
                .map_err(Box::<dyn std::error::Error + Send + Sync>::from)??,
            None => {}
        }
        served
    })
}

async fn serve(config: Config, stop: watch::Receiver<bool>) -> Result<(), StartError> {
    let listener = listener::bind(&config.http).await?;
    let app = App::open(config, telemetry::init_metrics()?).await?;
    let _demo = if app.config.demo.enabled {
        Some(demo::start(&app, &listener).await?)
    } else {
        None
    };
    serve::run(app, listener, stop).await
}

/// Indexes and seeds, waiting for MongoDB if it isn't there yet.
async fn migrate(config: &Config) -> Result<(), StartError> {
    let hub = open_hub(config, Clock::system()).await?;
    let retention = config.retention.times();
    let mut waiting = false;
    loop {
        match hub.store.migrate(&retention).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_transient() => {
                if !waiting {
                    tracing::warn!(%error, "waiting for MongoDB");
                }
                waiting = true;
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// A runtime with `count` threads, or one for each core.
pub fn threads(name: &'static str, count: usize) -> io::Result<Runtime> {
    nice_threads(name, count, 0)
}

/// A runtime whose threads step back for the process's others, by so many levels of nice(2).
fn nice_threads(name: &'static str, count: usize, nice: u8) -> io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if count > 0 {
        builder.worker_threads(count);
    }
    if nice > 0 {
        builder.on_thread_start(move || step_back(nice));
    }
    builder.thread_name(name).enable_all().build()
}

/// On Linux the nice level is the thread's, not the process's.
fn step_back(levels: u8) {
    let stepped = getpriority_process(None)
        .and_then(|level| setpriority_process(None, level.saturating_add(levels.into()).min(19)));
    if let Err(error) = stepped {
        tracing::warn!(%error, "a worker's thread couldn't step back; it competes with acknowledgements");
    }
}

async fn on_signal(stop: watch::Sender<bool>) {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals can't be listened to; the process has to be killed");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let _ = stop.send(true);
    // A second signal: whoever sent it doesn't want to wait.
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    std::process::exit(130);
}

/// Creates what is missing, and ends.
pub fn migrate_once(config: &Config) -> Result<(), StartError> {
    threads("migrate", 1)?.block_on(migrate(config))
}

/// Creates the first user.
pub fn create_admin(config: Config, email: &str, name: &str) -> Result<(), StartError> {
    let password = create_admin::read_password()?;
    threads("create-admin", 1)?.block_on(async {
        migrate(&config).await?;
        let app = App::open(config, telemetry::init_metrics()?).await?;
        create_admin::create(&app, email, name, password).await
    })
}

/// Whether the audit log is as it was written.
pub fn verify_audit(config: &Config, head: Option<AuditHead>) -> Result<(), StartError> {
    threads("audit", 1)?.block_on(audit_verify::run(config, head))
}

/// Seals what is stored with the current secret.
pub fn rotate_secrets(config: &Config) -> Result<(), StartError> {
    threads("secrets", 1)?.block_on(secrets::rotate(config))
}

/// Fills in data, and ends. What it fills in has public passwords: never in production.
pub fn sow(config: Config, profile: Profile, seed: Seed) -> Result<(), StartError> {
    if profile == Profile::Production {
        return Err(
            "this fills in users whose passwords are public; it needs SWITCHBOARD_PROFILE=development".into(),
        );
    }
    threads("seed", 1)?.block_on(async {
        migrate(&config).await?;
        let app = App::open(config, telemetry::init_metrics()?).await?;
        demo::sow(&app, seed).await
    })
}

/// Tells what is right and what isn't; an error if anything isn't.
pub fn check(config: &Config) -> Result<(), StartError> {
    threads("check", 1)?.block_on(async {
        let hub = open_hub(config, Clock::system()).await?;
        println!("configuration  ok");
        let mongodb = hub.store.ping().await.map_err(|error| error.to_string());
        let redis = match hub.redis.persistence().await {
            Ok(persistence) if persistence.append_only && persistence.last_write_ok => Ok(()),
            Ok(_) => Err("the append-only file is off or can't be written".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        for (name, result) in [("mongodb", &mongodb), ("redis", &redis)] {
            println!(
                "{name:<14} {}",
                result.as_ref().err().map_or("ok", String::as_str)
            );
        }
        mongodb.and(redis).map_err(Into::into)
    })
}
