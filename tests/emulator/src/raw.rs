//! A client that sends exactly the bytes it is given, wrong ones too.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back, as far as it came.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends a head (lines without ends) and a body, and reads until the server closes;
/// `None` where it closed without a word.
pub(crate) async fn send(address: &str, head: &[&str], body: &str) -> Option<Raw> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = head.join("\r\n");
    let request = format!("{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that breaks off has said what it said.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some(Raw {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    })
}

/// Whether something is still not there after a while that is long on loopback.
pub(crate) async fn hangs<T>(what: impl Future<Output = T>) -> bool {
    tokio::time::timeout(Duration::from_millis(150), what)
        .await
        .is_err()
}
