//! The serving part of a process: webhooks, API, consoles.

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    app::{App, StartError},
    listener,
    live::{presence, tail},
    router, telemetry, webhooks,
};

/// How old the health that others see of an account may be.
const KEEP_TRAILS_EVERY: Duration = Duration::from_secs(5);

/// Serves on `listener` until `stop` turns true, then until requests in progress are done.
pub async fn run(
    app: Arc<App>,
    listener: TcpListener,
    stop: watch::Receiver<bool>,
) -> Result<(), StartError> {
    let (router, sockets) = router::build(&app);
    let mut tasks = background(&app);
    tracing::info!(address = %listener.local_addr()?, node = app.node, "serving");
    let (config, told) = (app.config.http.clone(), stopped(stop.clone()));
    let mut serving = tokio::spawn(async move { listener::serve(listener, router, &config, told).await });
    stopped(stop).await;
    tracing::info!("stopping");
    // Consoles are told first, so that they are with another node by the time this one has gone.
    let grace = Duration::from_secs(app.config.http.shutdown_grace_secs);
    let closing = async {
        sockets.close();
        app.chats.close();
        (&mut serving).await
    };
    if tokio::time::timeout(grace, closing).await.is_err() {
        tracing::warn!("requests were still in progress after http.shutdown_grace_secs; they are cut off");
        serving.abort();
    }
    tasks.shutdown().await;
    if let Err(error) = app.store.presence.leave(&app.node, app.clock.now()).await {
        tracing::warn!(%error, "this node's consoles stay listed until its name runs out");
    }
    Ok(())
}

/// What goes on besides requests.
fn background(app: &Arc<App>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(tail::run(app.clone()));
    tasks.spawn(tail::heartbeats(app.consoles.clone(), app.node.clone()));
    tasks.spawn(presence::beats(app.clone()));
    tasks.spawn(presence::attend(app.clone()));
    tasks.spawn(presence::recheck(app.clone()));
    tasks.spawn(webhooks::drain::run(app.clone()));
    tasks.spawn(keep_trails(app.clone()));
    tasks.spawn(telemetry::upkeep(app.metrics.clone()));
    tasks
}

/// What this process saw happen on channel accounts, written down now and then.
async fn keep_trails(app: Arc<App>) {
    loop {
        tokio::time::sleep(KEEP_TRAILS_EVERY).await;
        if let Err(error) = app.desk.keep_trails().await {
            tracing::debug!(%error, "the accounts' trails couldn't be written; they wait");
        }
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A sender that is gone will never say so: that, too, is the end.
    let _ = stop.wait_for(|stop| *stop).await;
}
