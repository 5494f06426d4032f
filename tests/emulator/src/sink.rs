//! Emulates the S3 bucket behind the presigned URLs, with the checks of S3 and CloudFormation.

mod presigned;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, Request};
use tokio::sync::Notify;

use crate::cloudformation::{Ids, Response};
use crate::http::{Listen, Reply, Server, headers, lock, response};

#[derive(Clone, Debug)]
pub enum PutFault {
    /// S3 responds with this status. Unless the code is empty, the body is an error document
    /// with it.
    Status(u16, &'static str),
    Redirect(String),
    /// The connection closes without a response. The body is not stored.
    Close,
    /// The body is stored, and then the connection closes without a response.
    CloseAfterStoring,
    Hang,
    Delay(Duration),
}

#[derive(Clone, Debug)]
pub struct Put {
    /// All headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub request: Ids,
    /// The response as CloudFormation parses it, or why CloudFormation ignores the body.
    pub response: Result<Response, String>,
}

#[derive(Clone, Debug)]
pub struct Sink {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

#[derive(Debug, Default)]
struct Inner {
    puts: Mutex<Vec<Put>>,
    refusals: Mutex<Vec<String>>,
    faults: Mutex<Vec<PutFault>>,
    arrived: Notify,
}

/// Presigns the URL for the response to a request with signature version 2, which contains no
/// signing time. The signature does not cover the base, so any name of a server fits.
pub fn presign(base: &str, ids: &Ids) -> String {
    format!("{base}{}", presigned::version_2(ids))
}

impl Sink {
    /// Starts the server, by default on loopback.
    pub async fn start(listen: impl Into<Listen>) -> std::io::Result<Self> {
        let inner = Arc::new(Inner::default());
        let serving = Arc::clone(&inner);
        let server = Server::start(listen.into(), move |request| {
            let serving = Arc::clone(&serving);
            async move { serving.handle(&request).await }
        })
        .await?;
        Ok(Self { inner, server: Arc::new(server) })
    }

    /// Returns the host and port in the form of `RESPONSE_HOSTS`.
    pub fn host(&self) -> String {
        self.server.host()
    }

    pub fn presign(&self, ids: &Ids) -> String {
        presign(&self.server.url(), ids)
    }

    /// Presigns the URL with signature version 4 and this signing time (`20261123T095800Z`).
    pub fn presign_v4(&self, ids: &Ids, date: &str) -> String {
        format!("{}{}", self.server.url(), presigned::version_4(ids, date))
    }

    pub fn fault(&self, fault: PutFault) {
        lock(&self.inner.faults).push(fault);
    }

    pub fn clear_faults(&self) {
        lock(&self.inner.faults).clear();
    }

    pub fn puts(&self) -> Vec<Put> {
        lock(&self.inner.puts).clone()
    }

    pub fn puts_since(&self, n: usize) -> Vec<Put> {
        lock(&self.inner.puts).iter().skip(n).cloned().collect()
    }

    pub fn count(&self) -> usize {
        lock(&self.inner.puts).len()
    }

    pub fn refusals(&self) -> Vec<String> {
        lock(&self.inner.refusals).clone()
    }

    pub async fn arrived(&self) {
        self.inner.arrived.notified().await;
    }
}

impl Inner {
    async fn handle(&self, request: &Request<Bytes>) -> Reply {
        let fault = {
            let mut faults = lock(&self.faults);
            if faults.is_empty() { None } else { Some(faults.remove(0)) }
        };
        match fault {
            Some(PutFault::Status(status, code)) => error_document(status, code),
            Some(PutFault::Redirect(to)) => Reply::Respond(response(307, &[("location", &to)], "")),
            Some(PutFault::Close) => Reply::Close,
            Some(PutFault::CloseAfterStoring) => {
                self.store(request);
                Reply::Close
            }
            Some(PutFault::Hang) => Reply::Hang,
            Some(PutFault::Delay(delay)) => {
                tokio::time::sleep(delay).await;
                self.store(request)
            }
            None => self.store(request),
        }
    }

    fn store(&self, request: &Request<Bytes>) -> Reply {
        match check(request) {
            Ok(ids) => {
                let parsed = Response::parse(request.body(), &ids);
                lock(&self.puts).push(Put {
                    headers: headers(request),
                    body: request.body().clone(),
                    request: ids,
                    response: parsed,
                });
                self.arrived.notify_waiters();
                Reply::Respond(response(200, &[], ""))
            }
            Err((status, code)) => {
                lock(&self.refusals).push(format!("{status} {code}"));
                self.arrived.notify_waiters();
                error_document(status, code)
            }
        }
    }
}

/// The checks that S3 makes before it stores a PUT.
fn check(request: &Request<Bytes>) -> Result<Ids, (u16, &'static str)> {
    let has = |name: &str| request.headers().contains_key(name);
    if request.method() != Method::PUT {
        return Err((405, "MethodNotAllowed"));
    }
    if has("transfer-encoding") {
        return Err((501, "NotImplemented"));
    }
    if !has("content-length") {
        return Err((411, "MissingContentLength"));
    }
    // The signature is the same for an empty content type, which some widespread helpers send.
    let content_type = request.headers().get("content-type");
    if content_type.is_some_and(|value| !value.is_empty()) {
        return Err((403, "SignatureDoesNotMatch"));
    }
    let query = request.uri().query().unwrap_or_default();
    presigned::request_of(request.uri().path(), query).ok_or((403, "SignatureDoesNotMatch"))
}

fn error_document(status: u16, code: &str) -> Reply {
    let body = if code.is_empty() {
        String::new()
    } else {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>…</Message></Error>"
        )
    };
    Reply::Respond(response(status, &[("content-type", "application/xml")], body))
}
