//! A small HTTP/1.1 server on loopback, and the ways in which a reply can go wrong.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What a server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers it.
    Answer(Response<Bytes>),
    /// Answers it one byte at a time, with this pause between them.
    Drip(Response<Bytes>, Duration),
    /// Announces the whole answer and closes after half of its body.
    Truncate(Response<Bytes>),
    /// Closes the connection without an answer.
    Close,
    /// Never answers.
    Hang,
}

/// A server that stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    _accepting: JoinSet<()>,
}

impl Server {
    /// Serves each request with `handle`, on the given port of loopback (0 for any).
    ///
    /// # Errors
    ///
    /// Where the port is taken.
    pub(crate) async fn start<H, F>(port: u16, handle: H) -> std::io::Result<Self>
    where
        H: Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // A reply in small pieces must not wait for an acknowledgement.
                let _ = stream.set_nodelay(true);
                let handle = handle.clone();
                connections.spawn(async move {
                    let service = service_fn(move |request| respond(request, handle.clone()));
                    // A client that goes away is no fault of the server's.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            address,
            _accepting: accepting,
        })
    }
}

#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed on purpose")
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
        Reply::Answer(response) => Ok(response.map(ReplyBody::whole)),
        Reply::Drip(response, pause) => Ok(response.map(|body| ReplyBody::dripping(body, pause))),
        Reply::Truncate(response) => Ok(response.map(ReplyBody::truncated)),
        Reply::Close => Err(Closed),
        Reply::Hang => std::future::pending().await,
    }
}

/// A body that announces its length and then may not keep to it.
struct ReplyBody {
    rest: Bytes,
    announced: u64,
    end: End,
    pause: Option<(Duration, Pin<Box<tokio::time::Sleep>>)>,
}

/// What comes after the last byte.
#[derive(Clone, Copy)]
enum End {
    Proper,
    /// The connection breaks, once what came before it has gone out.
    Broken {
        flushed: bool,
    },
}

impl ReplyBody {
    fn whole(body: Bytes) -> Self {
        Self {
            announced: body.len() as u64,
            rest: body,
            end: End::Proper,
            pause: None,
        }
    }

    fn dripping(body: Bytes, pause: Duration) -> Self {
        Self {
            pause: Some((pause, Box::pin(tokio::time::sleep(pause)))),
            ..Self::whole(body)
        }
    }

    fn end(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        match self.end {
            End::Proper => Poll::Ready(None),
            // hyper drops what it has not flushed when a body fails, and it flushes when
            // a body has to be waited for.
            End::Broken { flushed: false } => {
                self.end = End::Broken { flushed: true };
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Broken { flushed: true } => Poll::Ready(Some(Err(Closed))),
        }
    }

    fn truncated(body: Bytes) -> Self {
        Self {
            rest: body.slice(..body.len() / 2),
            end: End::Broken { flushed: false },
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
        let Some((pause, sleep)) = &mut self.pause else {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        };
        std::task::ready!(sleep.as_mut().poll(context));
        *sleep = Box::pin(tokio::time::sleep(*pause));
        let byte = self.rest.split_to(1);
        Poll::Ready(Some(Ok(Frame::data(byte))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

/// A response with a body.
pub(crate) fn response(
    status: u16,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response<Bytes> {
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

/// The headers of a request, in lower case, in their order.
pub(crate) fn headers<T>(request: &Request<T>) -> Vec<(String, String)> {
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect()
}
