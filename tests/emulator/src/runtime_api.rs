//! The Lambda Runtime API: hands events to the function and takes what it makes of them.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hyper::Request;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};

use crate::http::{Reply, Server, response};

/// How an invocation ended, in the terms of the Lambda Runtime API.
#[derive(Clone, Debug, PartialEq)]
pub enum InvocationOutcome {
    /// The function posted this response.
    Response(Value),
    /// The function posted this invocation error.
    Error(Value),
    /// The function posted this initialization error.
    InitError(Value),
    /// The process exited or was killed before it posted anything.
    Exited,
}

/// One invocation that waits to be taken.
#[derive(Debug)]
struct Pending {
    id: String,
    event: Bytes,
    deadline_ms: u64,
    ended: oneshot::Sender<InvocationOutcome>,
}

/// The API, listening for one function.
#[derive(Clone, Debug)]
pub(crate) struct RuntimeApi {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    added: Notify,
}

#[derive(Debug, Default)]
struct State {
    count: u32,
    /// How many processes have died. A poll that a dead one left behind takes nothing.
    deaths: u32,
    waiting: VecDeque<Pending>,
    running: Option<(String, oneshot::Sender<InvocationOutcome>)>,
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RuntimeApi {
    pub(crate) async fn start(function_arn: String) -> std::io::Result<Self> {
        let inner = Arc::new(Inner::default());
        let serving = Arc::clone(&inner);
        let server = Server::start(0.into(), move |request| {
            let (serving, arn) = (Arc::clone(&serving), function_arn.clone());
            async move { serving.handle(&request, &arn).await }
        })
        .await?;
        Ok(Self {
            inner,
            server: Arc::new(server),
        })
    }

    pub(crate) fn address(&self) -> String {
        self.server.host()
    }

    /// Adds an event; what comes back tells how its invocation ended.
    pub(crate) fn invoke(
        &self,
        event: Bytes,
        deadline_ms: u64,
    ) -> oneshot::Receiver<InvocationOutcome> {
        let (ended, ending) = oneshot::channel();
        let mut state = self.inner.state();
        state.count += 1;
        let id = format!("8476a536-e9f4-11e8-9739-{:012}", state.count);
        state.waiting.push_back(Pending {
            id,
            event,
            deadline_ms,
            ended,
        });
        drop(state);
        self.inner.added.notify_one();
        ending
    }

    /// Says that the process is gone: what it was at, and what waits, ends with it.
    pub(crate) fn died(&self) {
        let mut state = self.inner.state();
        state.deaths += 1;
        self.inner.added.notify_waiters();
        let running = state.running.take().map(|(_, ended)| ended);
        let waiting: Vec<_> = state
            .waiting
            .drain(..)
            .map(|pending| pending.ended)
            .collect();
        for ended in running.into_iter().chain(waiting) {
            // Whoever waited may have gone.
            let _ = ended.send(InvocationOutcome::Exited);
        }
    }
}

impl Inner {
    async fn handle(&self, request: &Request<Bytes>, function_arn: &str) -> Reply {
        let Some(path) = request.uri().path().strip_prefix("/2018-06-01/runtime/") else {
            return Reply::Respond(response(404, &[], ""));
        };
        let body = || serde_json::from_slice(request.body()).unwrap_or_default();
        match path.split('/').collect::<Vec<_>>().as_slice() {
            ["invocation", "next"] => self.next(function_arn).await,
            ["invocation", id, "response"] => self.end(id, InvocationOutcome::Response(body())),
            ["invocation", id, "error"] => self.end(id, InvocationOutcome::Error(body())),
            ["init", "error"] => self.fail_to_start(body()),
            _ => Reply::Respond(response(404, &[], "")),
        }
    }

    async fn next(&self, function_arn: &str) -> Reply {
        let deaths = self.state().deaths;
        loop {
            let added = self.added.notified();
            let next = {
                let mut state = self.state();
                if state.deaths != deaths {
                    return Reply::Close;
                }
                state.waiting.pop_front().map(|pending| {
                    state.running = Some((pending.id.clone(), pending.ended));
                    (pending.id, pending.event, pending.deadline_ms.to_string())
                })
            };
            let Some((id, event, deadline)) = next else {
                added.await;
                continue;
            };
            let headers = [
                ("content-type", "application/json"),
                ("lambda-runtime-aws-request-id", id.as_str()),
                ("lambda-runtime-deadline-ms", deadline.as_str()),
                ("lambda-runtime-invoked-function-arn", function_arn),
                (
                    "lambda-runtime-trace-id",
                    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                ),
            ];
            return Reply::Respond(response(200, &headers, event));
        }
    }

    fn end(&self, id: &str, how: InvocationOutcome) -> Reply {
        let running = self.state().running.take_if(|(running, _)| running == id);
        match running {
            Some((_, ended)) => {
                let _ = ended.send(how);
                Reply::Respond(response(202, &[], r#"{"status":"OK"}"#))
            }
            None => Reply::Respond(response(400, &[], r#"{"errorType":"InvalidRequestID"}"#)),
        }
    }

    fn fail_to_start(&self, error: Value) -> Reply {
        if let Some(pending) = self.state().waiting.pop_front() {
            let _ = pending.ended.send(InvocationOutcome::InitError(error));
        }
        Reply::Respond(response(202, &[], ""))
    }
}
