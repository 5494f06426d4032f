//! The service over HTTP (`awsJson1_1`). It dispatches calls, injects faults and records calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, Request, Response};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::http::{Listen, Reply, Server, headers, lock, response};

use super::error::Result;
use super::faults;
use super::{Backend, Effect, Fault, ServiceError};

#[derive(Clone, Debug)]
pub struct Call {
    /// The name of the operation, without that of the service.
    pub operation: String,
    pub url: String,
    /// All headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The unparsed body of the request.
    pub text: String,
    pub body: Value,
    /// The status of the response. 0 if no response was sent.
    pub status: u16,
    /// The body of the response. Null if no response was sent.
    pub response: Value,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} → {} {}", self.operation, self.body, self.status, self.response)
    }
}

#[derive(Clone, Debug)]
pub struct Service {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    stopped: Notify,
    called: Notify,
}

#[derive(Debug, Default)]
struct State {
    backend: Backend,
    faults: Vec<Fault>,
    calls: Vec<Call>,
    limit: Option<Limit>,
}

#[derive(Debug)]
struct Limit {
    per_second: f64,
    tokens: f64,
    filled: Instant,
}

impl Limit {
    fn admits(&mut self) -> bool {
        #[expect(clippy::disallowed_methods, reason = "a rate is over real time")]
        let now = Instant::now();
        let gained = now.duration_since(self.filled).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.per_second.max(1.0));
        self.filled = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

impl Service {
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

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns how many connections were opened, after their TLS handshake if there is one.
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Runs a closure that reads or changes the contacts without the API.
    pub fn backend<T>(&self, closure: impl FnOnce(&mut Backend) -> T) -> T {
        closure(&mut lock(&self.inner.state).backend)
    }

    pub fn fault(&self, fault: Fault) {
        lock(&self.inner.state).faults.push(fault);
    }

    pub fn clear_faults(&self) {
        lock(&self.inner.state).faults.clear();
    }

    /// Limits the calls per second. The service throttles further calls.
    pub fn limit(&self, per_second: f64) {
        #[expect(clippy::disallowed_methods, reason = "a rate is over real time")]
        let filled = Instant::now();
        lock(&self.inner.state).limit =
            Some(Limit { per_second, tokens: per_second.max(1.0), filled });
    }

    pub fn calls(&self) -> Vec<Call> {
        lock(&self.inner.state).calls.clone()
    }

    pub fn calls_since(&self, n: usize) -> Vec<Call> {
        lock(&self.inner.state).calls.iter().skip(n).cloned().collect()
    }

    pub fn count(&self) -> usize {
        lock(&self.inner.state).calls.len()
    }

    pub async fn stopped(&self) {
        self.inner.stopped.notified().await;
    }

    pub async fn called(&self) {
        self.inner.called.notified().await;
    }
}

impl Inner {
    async fn handle(&self, request: &Request<Bytes>) -> Reply {
        // Every operation is a POST. The function sends HEAD only to open a connection.
        if request.method() == Method::HEAD {
            return Reply::Respond(response(404, &[], ""));
        }
        let (reply, delay) = self.reply(request);
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        reply
    }

    fn reply(&self, request: &Request<Bytes>) -> (Reply, Option<Duration>) {
        let operation = operation(request);
        let name = operation.as_deref().unwrap_or_default().to_owned();
        let mut state = lock(&self.state);
        let throttled = state.limit.as_mut().is_some_and(|limit| !limit.admits());
        let fault = faults::take(&mut state.faults, &name);
        let applies = fault.as_ref().is_none_or(|fault| {
            fault.applied
                || matches!(fault.effect, Effect::Delay(_) | Effect::Drip(_) | Effect::Truncate)
        });
        let result = match (&fault, operation) {
            (_, Err(error)) => Err(error),
            (_, Ok(_)) if throttled => Err(ServiceError::throttling()),
            (_, Ok(operation)) if applies => apply(&mut state.backend, &operation, request),
            (Some(Fault { effect: Effect::Refuse(error), .. }), _) => Err(error.clone()),
            _ => Ok(Value::Null),
        };
        let result = match fault.as_ref().map(|fault| &fault.effect) {
            Some(Effect::Refuse(error)) => Err(error.clone()),
            _ => result,
        };
        let number = state.calls.len();
        let response = http_response(&result, number);
        let (reply, delay) = apply_effect(fault.as_ref().map(|fault| &fault.effect), response);
        let (status, response) = match &reply {
            Reply::Close | Reply::Hang => (0, Value::Null),
            Reply::Respond(r) | Reply::Drip(r, _) | Reply::Truncate(r) => {
                let text = || Value::from(String::from_utf8_lossy(r.body()).into_owned());
                (r.status().as_u16(), serde_json::from_slice(r.body()).unwrap_or_else(|_| text()))
            }
        };
        state.calls.push(Call {
            operation: name,
            url: url(request),
            headers: headers(request),
            text: String::from_utf8_lossy(request.body()).into_owned(),
            body: serde_json::from_slice(request.body()).unwrap_or_default(),
            status,
            response,
        });
        drop(state);
        self.called.notify_one();
        if matches!(fault, Some(Fault { effect: Effect::Stop, .. })) {
            self.stopped.notify_one();
        }
        (reply, delay)
    }
}

fn url<T>(request: &Request<T>) -> String {
    let host = request.headers().get("host").and_then(|host| host.to_str().ok());
    format!("http://{}{}", host.unwrap_or_default(), request.uri())
}

fn operation(request: &Request<Bytes>) -> Result<String> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if request.method() != Method::POST || request.uri().path() != "/" {
        return Err(ServiceError::new("UnknownOperationException", "only POST / is supported"));
    }
    if header("content-type") != Some("application/x-amz-json-1.1") {
        return Err(ServiceError::new(
            "SerializationException",
            "the content type must be application/x-amz-json-1.1",
        ));
    }
    if !header("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 ")) {
        return Err(ServiceError::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ));
    }
    header("x-amz-target")
        .and_then(|target| target.strip_prefix("SSMContacts."))
        .map(ToOwned::to_owned)
        .ok_or_else(|| {
            ServiceError::new("UnknownOperationException", "the request names no operation")
        })
}

fn apply(backend: &mut Backend, operation: &str, request: &Request<Bytes>) -> Result<Value> {
    let Ok(Value::Object(input)) = serde_json::from_slice(request.body()) else {
        return Err(
            ServiceError::new("ValidationException", "cannot parse").with("Reason", "CANNOT_PARSE")
        );
    };
    backend.call(operation, &Value::Object(input))
}

fn http_response(result: &Result<Value>, number: usize) -> Response<Bytes> {
    let (status, code, body) = match result {
        Ok(output) => (200, None, output.to_string()),
        Err(error) => (error.status, Some(error.code.as_str()), error.body().to_string()),
    };
    let request_id = format!("00000000-0000-4000-8000-{number:012}");
    let mut headers = vec![
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amzn-requestid", request_id.as_str()),
    ];
    headers.extend(code.map(|code| ("x-amzn-errortype", code)));
    response(status, &headers, body)
}

fn apply_effect(effect: Option<&Effect>, original: Response<Bytes>) -> (Reply, Option<Duration>) {
    match effect {
        None | Some(Effect::Refuse(_)) => (Reply::Respond(original), None),
        Some(Effect::Close) => (Reply::Close, None),
        Some(Effect::Hang | Effect::Stop) => (Reply::Hang, None),
        Some(Effect::Drip(pause)) => (Reply::Drip(original, *pause), None),
        Some(Effect::Truncate) => (Reply::Truncate(original), None),
        Some(Effect::Replace(status, body)) => {
            (Reply::Respond(response(*status, &[], body.clone())), None)
        }
        Some(Effect::Delay(delay)) => (Reply::Respond(original), Some(*delay)),
    }
}
