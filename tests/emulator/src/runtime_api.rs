//! Emulates the Lambda Runtime API for one function.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hyper::Request;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};

use crate::http::{Reply, Server, lock, response};

/// How an invocation ended, in the terms of the Lambda Runtime API.
#[derive(Clone, Debug, PartialEq)]
pub enum InvocationOutcome {
    Response(Value),
    Error(Value),
    InitError(Value),
    /// The process exited or was killed before it posted anything.
    Exited,
}

impl std::fmt::Display for InvocationOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, error) = match self {
            Self::Response(Value::Null) => return write!(f, "the function returned nothing"),
            Self::Response(value) => return write!(f, "the function returned {value}"),
            Self::Exited => return write!(f, "its process exited"),
            Self::Error(error) => ("the function failed", error),
            Self::InitError(error) => ("the function failed to start", error),
        };
        match error.get("errorMessage").and_then(Value::as_str) {
            Some(message) => write!(f, "{what}: {message}"),
            None => write!(f, "{what}: {error}"),
        }
    }
}

#[derive(Debug)]
struct PendingInvocation {
    request_id: String,
    event: Bytes,
    deadline_ms: u64,
    outcome: oneshot::Sender<InvocationOutcome>,
}

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
    /// The number of processes that have exited. A request for the next invocation that an exited
    /// process made must not get one.
    exits: u32,
    pending: VecDeque<PendingInvocation>,
    running: Option<(String, oneshot::Sender<InvocationOutcome>)>,
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
        Ok(Self { inner, server: Arc::new(server) })
    }

    pub(crate) fn address(&self) -> String {
        self.server.host()
    }

    pub(crate) fn invoke(
        &self,
        event: Bytes,
        deadline_ms: u64,
    ) -> oneshot::Receiver<InvocationOutcome> {
        let (outcome, receiver) = oneshot::channel();
        let mut state = lock(&self.inner.state);
        state.count += 1;
        let request_id = format!("8476a536-e9f4-11e8-9739-{:012}", state.count);
        state.pending.push_back(PendingInvocation { request_id, event, deadline_ms, outcome });
        drop(state);
        self.inner.added.notify_one();
        receiver
    }

    /// Ends the running and the pending invocations because the process has exited.
    pub(crate) fn process_exited(&self) {
        let mut state = lock(&self.inner.state);
        state.exits += 1;
        self.inner.added.notify_waiters();
        let running = state.running.take().map(|(_, outcome)| outcome);
        let pending: Vec<_> =
            state.pending.drain(..).map(|invocation| invocation.outcome).collect();
        for outcome in running.into_iter().chain(pending) {
            // The receiver may have been dropped.
            let _ = outcome.send(InvocationOutcome::Exited);
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
            ["init", "error"] => self.fail_init(body()),
            _ => Reply::Respond(response(404, &[], "")),
        }
    }

    async fn next(&self, function_arn: &str) -> Reply {
        let exits = lock(&self.state).exits;
        loop {
            let added = self.added.notified();
            let next = {
                let mut state = lock(&self.state);
                if state.exits != exits {
                    return Reply::Close;
                }
                state.pending.pop_front().map(|invocation| {
                    let PendingInvocation { request_id, event, deadline_ms, outcome } = invocation;
                    state.running = Some((request_id.clone(), outcome));
                    (request_id, event, deadline_ms.to_string())
                })
            };
            let Some((request_id, event, deadline)) = next else {
                added.await;
                continue;
            };
            let headers = [
                ("content-type", "application/json"),
                ("lambda-runtime-aws-request-id", request_id.as_str()),
                ("lambda-runtime-deadline-ms", deadline.as_str()),
                ("lambda-runtime-invoked-function-arn", function_arn),
                ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0"),
            ];
            return Reply::Respond(response(200, &headers, event));
        }
    }

    fn end(&self, request_id: &str, outcome: InvocationOutcome) -> Reply {
        let running = lock(&self.state).running.take_if(|(running, _)| running == request_id);
        match running {
            Some((_, sender)) => {
                let _ = sender.send(outcome);
                Reply::Respond(response(202, &[], r#"{"status":"OK"}"#))
            }
            None => Reply::Respond(response(400, &[], r#"{"errorType":"InvalidRequestID"}"#)),
        }
    }

    fn fail_init(&self, error: Value) -> Reply {
        if let Some(invocation) = lock(&self.state).pending.pop_front() {
            let _ = invocation.outcome.send(InvocationOutcome::InitError(error));
        }
        Reply::Respond(response(202, &[], ""))
    }
}
