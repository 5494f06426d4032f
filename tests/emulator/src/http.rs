//! A small HTTP/1.1 server that can send faulty responses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

#[derive(Clone, Debug, Default)]
pub struct Listen {
    /// The address. Without it, the server listens on 127.0.0.1.
    pub address: Option<IpAddr>,
    /// The port. 0 means any free port.
    pub port: u16,
    /// The name by which clients reach the server, if it is not the address.
    pub host: Option<String>,
    /// The configuration with a certificate for `localhost`. Without it, the server uses HTTP.
    pub tls: Option<Arc<ServerConfig>>,
}

impl From<u16> for Listen {
    fn from(port: u16) -> Self {
        Self { port, ..Self::default() }
    }
}

#[derive(Clone, Debug)]
pub enum Reply {
    Respond(Response<Bytes>),
    /// Sends this response one byte at a time, with this delay before each.
    Drip(Response<Bytes>, Duration),
    Truncate(Response<Bytes>),
    Close,
    Hang,
}

#[derive(Debug)]
pub struct Server {
    host: String,
    secure: bool,
    connections: Arc<AtomicUsize>,
    _accepting: JoinSet<()>,
}

impl Server {
    /// Starts a server that handles each request with `handle`.
    pub async fn start<H, F>(listen: Listen, handle: H) -> std::io::Result<Self>
    where
        H: Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let ip = listen.address.unwrap_or(Ipv4Addr::LOCALHOST.into());
        let listener = TcpListener::bind((ip, listen.port)).await?;
        let port = listener.local_addr()?.port();
        let tls = listen.tls.map(TlsAcceptor::from);
        let secure = tls.is_some();
        let host = host(listen.host, secure, SocketAddr::new(ip, port));
        let connections = Arc::new(AtomicUsize::new(0));
        let opened = Arc::clone(&connections);
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // Otherwise a response in small pieces would wait for acknowledgements.
                let _ = stream.set_nodelay(true);
                let (handle, tls, opened) = (handle.clone(), tls.clone(), Arc::clone(&opened));
                serving.spawn(async move {
                    let Some(tls) = tls else {
                        opened.fetch_add(1, Ordering::Relaxed);
                        return serve(stream, handle).await;
                    };
                    // The client reports a failed handshake.
                    if let Ok(stream) = tls.accept(stream).await {
                        opened.fetch_add(1, Ordering::Relaxed);
                        serve(stream, handle).await;
                    }
                });
                while serving.try_join_next().is_some() {}
            }
        });
        Ok(Self { host, secure, connections, _accepting: accepting })
    }

    /// Returns the host and port by which clients reach the server.
    pub fn host(&self) -> String {
        self.host.clone()
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }

    /// Returns how many connections were opened, after their TLS handshake if there is one.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Returns the host and port by which clients reach a server. Its certificate is for `localhost`.
/// Nobody connects to the address that stands for every address.
fn host(name: Option<String>, secure: bool, mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    match name.or(secure.then(|| "localhost".to_owned())) {
        Some(name) => format!("{name}:{}", address.port()),
        None => address.to_string(),
    }
}

async fn serve<H, F>(stream: impl AsyncRead + AsyncWrite + Unpin, handle: H)
where
    H: Fn(Request<Bytes>) -> F + Clone,
    F: Future<Output = Reply>,
{
    let service = service_fn(move |request| respond(request, handle.clone()));
    // The client may close the connection at any time.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("connection closed by the test")
    }
}

impl std::error::Error for Closed {}

async fn respond<H, F>(request: Request<Incoming>, handle: H) -> Result<Response<ReplyBody>, Closed>
where
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Reply>,
{
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    match handle(Request::from_parts(head, body)).await {
        Reply::Respond(response) => Ok(response.map(ReplyBody::whole)),
        Reply::Drip(response, delay) => Ok(response.map(|body| ReplyBody::dripping(body, delay))),
        Reply::Truncate(response) => Ok(response.map(ReplyBody::truncated)),
        Reply::Close => Err(Closed),
        Reply::Hang => std::future::pending().await,
    }
}

/// A body that may end before its content length is reached.
struct ReplyBody {
    rest: Bytes,
    content_length: u64,
    end: End,
    delay: Option<(Duration, Pin<Box<tokio::time::Sleep>>)>,
}

/// What happens after the last byte.
#[derive(Clone, Copy)]
enum End {
    Complete,
    /// The connection closes after the bytes before it were flushed.
    Closed {
        flushed: bool,
    },
}

impl ReplyBody {
    fn whole(body: Bytes) -> Self {
        Self { content_length: body.len() as u64, rest: body, end: End::Complete, delay: None }
    }

    fn dripping(body: Bytes, delay: Duration) -> Self {
        Self { delay: Some((delay, Box::pin(tokio::time::sleep(delay)))), ..Self::whole(body) }
    }

    fn end(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        match self.end {
            End::Complete => Poll::Ready(None),
            // When a body fails, hyper drops the bytes that it has not flushed. It flushes when a
            // body is pending.
            End::Closed { flushed: false } => {
                self.end = End::Closed { flushed: true };
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Closed { flushed: true } => Poll::Ready(Some(Err(Closed))),
        }
    }

    fn truncated(body: Bytes) -> Self {
        Self {
            rest: body.slice(..body.len() / 2),
            end: End::Closed { flushed: false },
            ..Self::whole(body)
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if self.rest.is_empty() {
            return self.end(context);
        }
        let Some((delay, sleep)) = &mut self.delay else {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        };
        std::task::ready!(sleep.as_mut().poll(context));
        *sleep = Box::pin(tokio::time::sleep(*delay));
        let byte = self.rest.split_to(1);
        Poll::Ready(Some(Ok(Frame::data(byte))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.content_length)
    }
}

pub fn response(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            hyper::header::HeaderName::try_from(*name),
            hyper::header::HeaderValue::try_from(*value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A lock that a panic poisoned is still good: nothing here leaves a state half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the headers of a request in their order, the names in lower case.
pub(crate) fn headers<T>(request: &Request<T>) -> Vec<(String, String)> {
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    request.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_server_has_the_name_by_which_clients_reach_it() {
        for (name, secure, address, expected) in [
            (None, false, "127.0.0.1:1", "127.0.0.1:1"),
            (None, false, "0.0.0.0:1", "127.0.0.1:1"),
            (None, false, "[::1]:1", "[::1]:1"),
            (None, true, "127.0.0.1:1", "localhost:1"),
            (Some("emulator"), false, "0.0.0.0:1", "emulator:1"),
        ] {
            let name = name.map(ToOwned::to_owned);
            assert_eq!(host(name, secure, address.parse().unwrap()), expected);
        }
    }
}
