//! A function that answers from a script, and a short way to say what it was sent.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::{
    Delivery, Outcome, Phase, Request, RequestType, RollbackId, Stack, Status, Template, Transport,
};

/// What the fake does with one request.
#[derive(Clone)]
pub(super) struct Reply {
    pause: Duration,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Answer { status: &'static str, id: String },
    Raw(Value),
    Silence,
}

impl Reply {
    pub(super) fn after(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    fn of(body: Body) -> Self {
        Self {
            pause: Duration::ZERO,
            body,
        }
    }

    fn render(self, request: &Request) -> Option<Vec<u8>> {
        let body = match self.body {
            Body::Silence => return None,
            Body::Raw(body) => body,
            Body::Answer { status, id } => answer(request, status, &id),
        };
        Some(body.to_string().into_bytes())
    }
}

pub(super) fn answer(request: &Request, status: &str, id: &str) -> Value {
    json!({
        "Status": status,
        "Reason": "because",
        "PhysicalResourceId": id,
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_id,
    })
}

pub(super) fn success(id: &str) -> Reply {
    Reply::of(Body::Answer {
        status: "SUCCESS",
        id: id.into(),
    })
}

pub(super) fn failed(id: &str) -> Reply {
    Reply::of(Body::Answer {
        status: "FAILED",
        id: id.into(),
    })
}

pub(super) fn raw(body: Value) -> Reply {
    Reply::of(Body::Raw(body))
}

pub(super) fn silence() -> Reply {
    Reply::of(Body::Silence)
}

/// What a well-behaved function answers whose physical id is the property `Alias`.
pub(super) fn well(request: &Request) -> Reply {
    let alias = request.request_type.properties().to_json()["Alias"]
        .as_str()
        .unwrap()
        .to_owned();
    match &request.request_type {
        RequestType::Delete { physical_id, .. } => success(physical_id),
        RequestType::Create { .. } | RequestType::Update { .. } => success(&alias),
    }
}

type Script = Box<dyn Fn(&Request, usize) -> Reply + Send + Sync>;

pub(super) struct Fake {
    script: Script,
    seen: Mutex<Vec<String>>,
}

impl Fake {
    /// Answers each delivery as the script says, which gets the request and the delivery's number,
    /// from 0.
    pub(super) fn new(script: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            script: Box::new(script),
            seen: Mutex::default(),
        }
    }

    pub(super) fn well() -> Self {
        Self::new(|request, _| well(request))
    }

    /// Answers the requests that read like this differently, all others well.
    pub(super) fn but(request: &'static str, reply: Reply) -> Self {
        Self::new(move |seen, _| {
            if seen.to_string() == request {
                reply.clone()
            } else {
                well(seen)
            }
        })
    }

    /// When deliveries started and ended, in order.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    fn note(&self, what: &str, request: &Request) -> usize {
        let mut seen = self.seen.lock().unwrap();
        let number = seen.iter().filter(|line| line.starts_with("start")).count();
        seen.push(format!("{what} {request}"));
        number
    }
}

impl Transport for Fake {
    fn response_url(&self, request: &Request) -> String {
        format!("http://localhost/{}?signed", request.request_id)
    }

    async fn deliver(&self, request: &Request, delivery: &Delivery) -> Option<Vec<u8>> {
        delivery
            .carry_out(async |_| {
                let number = self.note("start", request);
                let reply = (self.script)(request, number);
                tokio::time::sleep(reply.pause).await;
                self.note("end", request);
                reply.render(request)
            })
            .await
    }
}

pub(super) fn alias(alias: &str) -> Value {
    json!({ "Alias": alias })
}

/// A template of resources and their aliases.
pub(super) fn template(resources: &[(&str, &str)]) -> Template {
    resources
        .iter()
        .fold(Template::new(), |template, (id, name)| {
            template.with(id, alias(name))
        })
}

/// A stack that has these resources.
pub(super) async fn stack_of(template: &Template) -> Stack {
    let mut stack = Stack::new("oncall", 7);
    let outcome = stack.create(&Fake::well(), template).await.unwrap();
    assert_eq!(outcome.status, Status::CreateComplete, "{outcome}");
    stack
}

/// As [`stack_of`], with the old id in rollback Updates.
pub(super) async fn old_id_stack_of(template: &Template) -> Stack {
    stack_of(template).await.rollback_id(RollbackId::Old)
}

/// The requests, each as `Update A [id] new←old`.
pub(super) fn told(outcome: &Outcome) -> Vec<String> {
    outcome
        .exchanges
        .iter()
        .map(|exchange| tell(&exchange.request))
        .collect()
}

/// The requests of one phase.
pub(super) fn told_in(outcome: &Outcome, phase: Phase) -> Vec<String> {
    let of_phase = outcome
        .exchanges
        .iter()
        .filter(|exchange| exchange.phase == phase);
    of_phase.map(|exchange| tell(&exchange.request)).collect()
}

fn tell(request: &Request) -> String {
    let name = |properties: &Value| properties["Alias"].as_str().unwrap().to_owned();
    let new = name(&request.request_type.properties().to_json());
    match &request.request_type {
        RequestType::Update { old_properties, .. } => {
            format!("{request} {new}←{}", name(&old_properties.to_json()))
        }
        RequestType::Create { .. } | RequestType::Delete { .. } => format!("{request} {new}"),
    }
}

pub(super) fn resources(stack: &Stack) -> Vec<(&str, &str)> {
    stack.resources().collect()
}
