//! The part of HTTP/1.1 that the program needs: one request, and one reply with a `Content-Length`.

use std::io::{BufRead, BufReader, Read, Write};

use crate::Result;

pub(crate) struct Reply {
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// Sends a request and reads the reply. Returns an error unless the status is 2xx.
pub(crate) fn exchange(stream: &mut (impl Read + Write), request: &str) -> Result<Reply> {
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err("the connection closed before the end of a reply's head".into());
        }
    }
    let mut reply = Reply { head, body: Vec::new() };
    let length = reply.header("Content-Length").ok_or("a reply without Content-Length")?.parse()?;
    reply.body.resize(length, 0);
    reader.read_exact(&mut reply.body)?;
    if !reader.buffer().is_empty() {
        return Err("a reply that is longer than its Content-Length".into());
    }
    if !reply.head.starts_with("HTTP/1.1 2") {
        let told = reply.head.lines().next().unwrap_or_default();
        return Err(format!("{told}: {}", String::from_utf8_lossy(&reply.body)).into());
    }
    Ok(reply)
}
