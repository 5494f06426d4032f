//! The Lambda Runtime API, which tells when it is polled and answered.

use std::sync::Arc;

use bytes::Bytes;
use emulator::function::FUNCTION_ARN;
use emulator::{Listen, Reply, Server, response};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::Failure;

/// What a function said to Lambda.
pub(crate) enum Said {
    /// It asks for an event, to be sent here.
    Next(oneshot::Sender<Bytes>),
    /// It handed in what its handler returned.
    Done(Instant),
    /// It handed in an error.
    Failed(Bytes),
}

/// The API for one process.
pub(crate) struct Lambda {
    server: Server,
    said: mpsc::UnboundedReceiver<Said>,
}

impl Lambda {
    pub(crate) async fn start() -> std::io::Result<Self> {
        let (say, said) = mpsc::unbounded_channel();
        let say = Arc::new(say);
        let server = Server::start(Listen::default(), move |request| {
            let say = Arc::clone(&say);
            async move {
                let path = request.uri().path().rsplit('/').next().unwrap_or_default();
                let now = now();
                // Nobody listens any more once the process has been measured.
                match path {
                    "next" => {
                        let (give, given) = oneshot::channel();
                        let _ = say.send(Said::Next(give));
                        return given.await.map_or(Reply::Close, invocation);
                    }
                    "response" => drop(say.send(Said::Done(now))),
                    _ => drop(say.send(Said::Failed(request.into_body()))),
                }
                Reply::Respond(response(202, &[], r#"{"status":"OK"}"#))
            }
        })
        .await?;
        Ok(Self { server, said })
    }

    pub(crate) fn host(&self) -> String {
        self.server.host()
    }

    /// Waits until the function asks for an event.
    pub(crate) async fn polled(&mut self) -> Result<oneshot::Sender<Bytes>, Failure> {
        match self.said.recv().await {
            Some(Said::Next(give)) => Ok(give),
            Some(Said::Failed(why)) => Err(String::from_utf8_lossy(&why).into()),
            _ => Err("the function answered what it was not asked".into()),
        }
    }

    /// Waits until the function has handled its event.
    pub(crate) async fn done(&mut self) -> Result<Instant, Failure> {
        match self.said.recv().await {
            Some(Said::Done(at)) => Ok(at),
            Some(Said::Failed(why)) => Err(String::from_utf8_lossy(&why).into()),
            _ => Err("the function asked for an event while it had one".into()),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this measures")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

fn invocation(event: Bytes) -> Reply {
    // Far away, so that no work is cut short; a hundred years fit into any runtime's numbers.
    let deadline = "4102444800000";
    let headers = [
        ("content-type", "application/json"),
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        ("lambda-runtime-deadline-ms", deadline),
        ("lambda-runtime-invoked-function-arn", FUNCTION_ARN),
    ];
    Reply::Respond(response(200, &headers, event))
}
