//! A client for tests that sends the bytes it is given, including invalid ones.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends a head (lines without line ends) and a body, and reads until the server closes the
/// connection. Returns `None` if there is no complete head.
pub(crate) async fn send(address: &str, head: &[&str], body: &str) -> Option<Raw> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = head.join("\r\n");
    let request = format!("{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    // What was read before an error is the response.
    let _ = stream.read_to_end(&mut response).await;
    let response = String::from_utf8(response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n")?;
    Some(Raw {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    })
}

/// Whether a future is still pending after 150 ms, a long time on loopback.
pub(crate) async fn hangs<T>(future: impl Future<Output = T>) -> bool {
    tokio::time::timeout(Duration::from_millis(150), future).await.is_err()
}
