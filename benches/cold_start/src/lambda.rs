//! A server of the Lambda Runtime API that reports when the function polls and responds.

use std::sync::Arc;

use bytes::Bytes;
use emulator::function::FUNCTION_ARN;
use emulator::{Listen, Reply, Server, response};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::Failure;

/// A request of the function to the Runtime API.
pub(crate) enum Said {
    /// It requests an event, which is to be sent to this channel.
    Next(oneshot::Sender<Bytes>),
    /// It posted the response of its handler at this time.
    Done(Instant),
    /// It posted this error.
    Failed(Bytes),
}

/// The Runtime API for one process.
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
                // After the measurement, the receiver is dropped and sending fails.
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

    /// Waits until the function requests an event.
    pub(crate) async fn polled(&mut self) -> Result<oneshot::Sender<Bytes>, Failure> {
        match self.said.recv().await {
            Some(Said::Next(give)) => Ok(give),
            Some(Said::Failed(why)) => Err(String::from_utf8_lossy(&why).into()),
            _ => Err("the function responded before it requested an event".into()),
        }
    }

    /// Waits until the function has handled its event.
    pub(crate) async fn done(&mut self) -> Result<Instant, Failure> {
        match self.said.recv().await {
            Some(Said::Done(at)) => Ok(at),
            Some(Said::Failed(why)) => Err(String::from_utf8_lossy(&why).into()),
            _ => {
                Err("the function requested an event before it responded to the one it had".into())
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

fn invocation(event: Bytes) -> Reply {
    // In the year 2100: no runtime shortens its work, and each can store the number.
    let deadline = "4102444800000";
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", deadline),
        ("lambda-runtime-invoked-function-arn", FUNCTION_ARN),
    ];
    Reply::Respond(response(200, &headers, event))
}
