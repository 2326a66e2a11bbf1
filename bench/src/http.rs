//! As much HTTP as a load generator needs.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    Failure,
    arguments::{Agents, Target},
};

/// How long sign-ins and handshakes may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// `host:port` of the target, and its address, which must be loopback.
pub(crate) fn locate(base_url: &str) -> Result<(String, SocketAddr), Failure> {
    let host = base_url
        .strip_prefix("http://")
        .ok_or_else(|| Failure::new("the base URL must start with http://"))?
        .trim_end_matches('/');
    let address = host
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| Failure::new(format!("{host} has no address")))?;
    if !address.ip().is_loopback() {
        return Err(Failure::new(format!("{address} is not a loopback address")));
    }
    Ok((host.to_owned(), address))
}

pub(crate) fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// A complete answer at the start of a buffer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Bytes of head and body.
    pub(crate) length: usize,
    pub(crate) head: usize,
    pub(crate) keep_alive: bool,
}

/// `None` while bytes are missing. Chunked bodies are known by their last chunk.
pub(crate) fn parse(bytes: &[u8]) -> Option<Answer> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    let (mut body, mut chunked, mut keep_alive) = (0, false, true);
    for line in text.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => body = value.parse().ok()?,
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => keep_alive = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    if chunked {
        body = bytes[head..]
            .windows(5)
            .position(|window| window == b"0\r\n\r\n")?
            + 5;
    }
    (bytes.len() >= head + body).then_some(Answer {
        status,
        length: head + body,
        head,
        keep_alive,
    })
}

/// Reads until `parse` is content; the rest stays in `buffer`.
pub(crate) fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Answer> {
    let mut chunk = [0; 4096];
    loop {
        if let Some(answer) = parse(buffer) {
            return Ok(answer);
        }
        let length = stream.read(&mut chunk)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.extend_from_slice(&chunk[..length]);
    }
}

/// The tokens given, or those of the agents that sign in.
pub(crate) fn tokens(target: &Target) -> Result<Vec<String>, Failure> {
    let agents = &target.agents;
    if !agents.token.is_empty() {
        return Ok(agents.token.clone());
    }
    let (host, address) = locate(&target.base_url)?;
    let logins = agents.first_login..agents.first_login + agents.logins;
    logins.map(|nth| sign_in(agents, nth, &host, address)).collect()
}

fn sign_in(agents: &Agents, nth: u64, host: &str, address: SocketAddr) -> Result<String, Failure> {
    let email = agents.login.replace("{i}", &nth.to_string());
    let body = json!({"email": email, "password": agents.password}).to_string();
    let mut stream = connect(address)?;
    let head = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut buffer = Vec::new();
    let answer = read_answer(&mut stream, &mut buffer)?;
    let session: Value = serde_json::from_slice(&buffer[answer.head..answer.length]).unwrap_or_default();
    session["access_token"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("{email} can't sign in: {}", answer.status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_complete_or_awaited() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP";
        let answer = parse(whole).unwrap();
        assert_eq!(
            (answer.status, answer.length, answer.keep_alive),
            (200, whole.len() - 4, true)
        );
        assert!(parse(&whole[..whole.len() - 5]).is_none());
        let closing = b"HTTP/1.1 503 Busy\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
        let answer = parse(closing).unwrap();
        assert_eq!(
            (answer.status, answer.length, answer.keep_alive),
            (503, closing.len(), false)
        );
        assert!(parse(b"HTTP/1.1 200 OK\r\n").is_none());
    }

    #[test]
    fn only_loopback_is_measured() {
        assert!(locate("http://127.0.0.1:80").is_ok());
        assert!(locate("http://192.0.2.1:80").is_err());
        assert!(locate("https://127.0.0.1:80").is_err());
    }
}
