//! The gateway's protocol over a real socket: what it says is carried out step by step, and nothing is heard while an
//! event is on its way into the lane.

use std::{collections::VecDeque, time::Duration};

use futures_util::{SinkExt, StreamExt};
use switchboard_connectors::{
    SendError,
    discord::gateway::{Gateway, Moment, Session, Step},
    outbound,
};
use switchboard_domain::{AccountKey, Secret};
use switchboard_queue::Lease;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{Error, Message, client::IntoClientRequest, error::UrlError, protocol::CloseFrame},
};

use super::{inlet::Inlet, note::Note};
use crate::Hub;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// For the provider to answer our goodbye.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// How far the kept session may lag behind: what it lacks is told again after a crash, and has no second effect (P2).
const SAVE_WITHIN: Duration = Duration::from_millis(200);
const SAVE_AGAIN: Duration = Duration::from_secs(1);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One connection after the other, as long as we hold the lease.
pub struct Connection {
    account: AccountKey,
    inlet: Inlet,
    lease: Lease,
    gateway: Gateway,
    socket: Option<Socket>,
    /// Where to connect, and when.
    next: Option<(String, Duration)>,
    /// The gateway's fixed point in time.
    began: Instant,
    /// Up to where everything is in the lane.
    safe: Option<Session>,
    save_at: Option<Instant>,
    /// Whether it was said that Discord can't be reached.
    unreachable: bool,
}

impl Connection {
    pub fn new(hub: Hub, account: AccountKey, lease: Lease, gateway: Gateway) -> Self {
        Self {
            inlet: Inlet::new(hub, account.clone()),
            safe: gateway.session().cloned(),
            account,
            lease,
            gateway,
            socket: None,
            next: None,
            began: Instant::now(),
            save_at: None,
            unreachable: false,
        }
    }

    /// Until Discord wants us no more, and why. May be dropped at any time: [`Self::close`] and [`Self::save`] leave
    /// things as they should be.
    pub async fn run(&mut self) -> SendError {
        let mut steps = VecDeque::from([self.gateway.start(self.moment())]);
        loop {
            while let Some(step) = steps.pop_front() {
                match step {
                    Step::Connect { url, at } => self.next = Some((url, at)),
                    Step::Send(frame) => self.send(&frame).await,
                    Step::Close(code) => self.close(code).await,
                    Step::Deliver(dispatch) => {
                        if dispatch.is_about_messages() {
                            self.inlet.take(&dispatch).await;
                        }
                        self.is_safe();
                    }
                    Step::Stop(why) => return why,
                }
            }
            steps.extend(self.wait().await);
        }
    }

    /// Says goodbye and hears the answer out, so that the code arrives.
    pub async fn close(&mut self, code: u16) {
        let Some(mut socket) = self.socket.take() else {
            return;
        };
        let frame = CloseFrame {
            code: code.into(),
            reason: "".into(),
        };
        let goodbye = async {
            let mut open = socket.close(Some(frame)).await.is_ok();
            while open {
                open = matches!(socket.next().await, Some(Ok(_)));
            }
        };
        let _ = timeout(CLOSE_WITHIN, goodbye).await;
    }

    /// Keeps the session where another process finds it.
    pub async fn save(&mut self) {
        let note = Note {
            session: self.safe.clone(),
            refused: None,
        };
        let kept = note.leave(&self.lease).await;
        self.save_at = kept.is_err().then(|| Instant::now() + SAVE_AGAIN);
    }

    /// What happens next.
    async fn wait(&mut self) -> Vec<Step> {
        if let Some((url, at)) = self.next.take() {
            return self.connect(&url, at).await;
        }
        let Some(socket) = &mut self.socket else {
            return self.gateway.closed(None, self.moment());
        };
        let due = self.gateway.due().map(|due| self.began + due);
        tokio::select! {
            heard = socket.next() => self.heard(heard),
            () = at(due) => self.gateway.tick(self.moment()),
            () = at(self.save_at) => {
                self.save().await;
                Vec::new()
            }
        }
    }

    async fn connect(&mut self, url: &str, at: Duration) -> Vec<Step> {
        if self.save_at.is_some() {
            self.save().await;
        }
        sleep_until(self.began + at).await;
        let why = match timeout(CONNECT_WITHIN, dial(url)).await {
            Ok(Ok(socket)) => {
                self.socket = Some(socket);
                self.unreachable = false;
                self.gateway.opened(self.moment());
                count("connected");
                return Vec::new();
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} s", CONNECT_WITHIN.as_secs()),
        };
        count("unreachable");
        if !self.unreachable {
            tracing::warn!(account = %self.account, why, "Discord's gateway can't be reached; it is tried again");
        }
        self.unreachable = true;
        self.gateway.closed(None, self.moment())
    }

    fn heard(&mut self, heard: Option<Result<Message, Error>>) -> Vec<Step> {
        let moment = self.moment();
        let code = match heard {
            Some(Ok(Message::Text(text))) => return self.gateway.received(&text, moment),
            Some(Ok(Message::Close(frame))) => frame.map(|frame| u16::from(frame.code)),
            Some(Ok(_)) => return Vec::new(),
            Some(Err(_)) | None => None,
        };
        self.socket = None;
        tracing::debug!(account = %self.account, ?code, "Discord closed the gateway's connection");
        self.gateway.closed(code, moment)
    }

    /// A connection that takes nothing is gone; [`Self::wait`] notices.
    async fn send(&mut self, frame: &Secret) {
        let Some(socket) = &mut self.socket else { return };
        let sent = timeout(SEND_WITHIN, socket.send(Message::text(frame.expose()))).await;
        if !matches!(sent, Ok(Ok(()))) {
            self.socket = None;
        }
    }

    /// Everything up to here is in the lane.
    fn is_safe(&mut self) {
        self.safe = self.gateway.session().cloned();
        self.save_at.get_or_insert_with(|| Instant::now() + SAVE_WITHIN);
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.began.elapsed(),
            chance: rand::random(),
        }
    }
}

/// Never, if there is no time.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

fn count(result: &'static str) {
    metrics::counter!("switchboard_gateway_connections_total", "result" => result).increment(1);
}

/// Connects to an address that may be reached: the provider said which, and the provider's address is somebody's choice.
async fn dial(url: &str) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
    let request = url.into_client_request()?;
    let host = request.uri().host().ok_or(Error::Url(UrlError::NoHostName))?;
    let encrypted = request.uri().scheme_str() == Some("wss");
    let port = request
        .uri()
        .port_u16()
        .unwrap_or(if encrypted { 443 } else { 80 });
    let addresses = outbound::resolve(host, port).await?;
    let stream = TcpStream::connect(addresses.as_slice()).await?;
    stream.set_nodelay(true)?;
    let (socket, _) = client_async_tls_with_config(request, stream, None, None).await?;
    Ok(socket)
}
