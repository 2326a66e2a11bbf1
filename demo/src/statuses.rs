//! What became of a message: sent, delivered, read, failed; by itself or when asked.

use std::{sync::Arc, time::Duration};

use crate::{
    options::Statuses,
    state::Graph,
    webhook::{self, Posted, Signing},
};

/// How long after acceptance a failure is reported when statuses are manual.
const FAILURE: Duration = Duration::from_millis(50);

/// Reports the message's way on the options' schedule.
pub(crate) fn follow(graph: &Arc<Graph>, wamid: &str) {
    let Statuses::Auto {
        sent,
        delivered,
        read,
    } = graph.options.statuses
    else {
        return;
    };
    let (graph, wamid) = (Arc::clone(graph), wamid.to_owned());
    tokio::spawn(async move {
        let steps = [
            ("sent", Some(sent)),
            ("delivered", Some(delivered)),
            ("read", read),
        ];
        let mut elapsed = Duration::ZERO;
        for (status, after) in steps {
            let Some(after) = after else { continue };
            tokio::time::sleep(after.saturating_sub(elapsed)).await;
            elapsed = elapsed.max(after);
            post(&graph, &wamid, status, None).await;
        }
    });
}

/// Reports the failure that the real API tells of only after it has accepted.
pub(crate) fn fail_later(graph: &Arc<Graph>, wamid: &str, code: u32) {
    let wait = match graph.options.statuses {
        Statuses::Auto { sent, .. } => sent,
        Statuses::Manual => FAILURE,
    };
    let (graph, wamid) = (Arc::clone(graph), wamid.to_owned());
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        post(&graph, &wamid, "failed", Some(code)).await;
    });
}

/// The customer has the chat open: whatever wasn't read is now.
pub(crate) fn read_all(graph: &Arc<Graph>, wa_id: &str) {
    let unread = graph
        .memory()
        .chats
        .get_mut(wa_id)
        .map(crate::chat::Chat::read_all)
        .unwrap_or_default();
    if unread.is_empty() {
        return;
    }
    let graph = Arc::clone(graph);
    tokio::spawn(async move {
        for wamid in unread {
            post(&graph, &wamid, "read", None).await;
        }
    });
}

/// Posts one status of an accepted message. `None` if no such message was accepted.
pub(crate) async fn post(
    graph: &Arc<Graph>,
    wamid: &str,
    status: &str,
    error_code: Option<u32>,
) -> Option<Posted> {
    let accepted = graph.memory().accepted(wamid)?;
    let payload = webhook::status_payload(
        &graph.options,
        (wamid, &accepted),
        (status, error_code),
        graph.now(),
    );
    Some(webhook::post_raw(graph, &payload, (Some(wamid), status), Signing::Valid).await)
}
