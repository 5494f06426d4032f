//! A fake function that responds according to a script, and short forms of the requests it got.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::{
    Delivery, Outcome, Phase, Request, RequestType, RollbackId, Stack, Status, Template, Transport,
};

/// The response of the fake to one request.
#[derive(Clone)]
pub(super) struct FakeResponse {
    delay: Duration,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Response { status: &'static str, id: String },
    Raw(Value),
    Missing,
}

impl FakeResponse {
    pub(super) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    fn of(body: Body) -> Self {
        Self { delay: Duration::ZERO, body }
    }

    fn render(self, request: &Request) -> Option<Vec<u8>> {
        let body = match self.body {
            Body::Missing => return None,
            Body::Raw(body) => body,
            Body::Response { status, id } => response_body(request, status, &id),
        };
        Some(body.to_string().into_bytes())
    }
}

pub(super) fn response_body(request: &Request, status: &str, id: &str) -> Value {
    json!({
        "Status": status,
        "Reason": "because",
        "PhysicalResourceId": id,
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_id,
    })
}

pub(super) fn success(id: &str) -> FakeResponse {
    FakeResponse::of(Body::Response { status: "SUCCESS", id: id.into() })
}

pub(super) fn failed(id: &str) -> FakeResponse {
    FakeResponse::of(Body::Response { status: "FAILED", id: id.into() })
}

pub(super) fn raw(body: Value) -> FakeResponse {
    FakeResponse::of(Body::Raw(body))
}

pub(super) fn no_response() -> FakeResponse {
    FakeResponse::of(Body::Missing)
}

/// The response of a function that succeeds and uses the property `Alias` as the physical id.
pub(super) fn success_for(request: &Request) -> FakeResponse {
    let alias = request.request_type.properties().to_json()["Alias"].as_str().unwrap().to_owned();
    match &request.request_type {
        RequestType::Delete { physical_id, .. } => success(physical_id),
        RequestType::Create { .. } | RequestType::Update { .. } => success(&alias),
    }
}

type Script = Box<dyn Fn(&Request, usize) -> FakeResponse + Send + Sync>;

pub(super) struct Fake {
    script: Script,
    seen: Mutex<Vec<String>>,
}

impl Fake {
    /// Responds to each delivery as the script says. The arguments of the script are the request
    /// and the number of the delivery, counted from 0.
    pub(super) fn new(
        script: impl Fn(&Request, usize) -> FakeResponse + Send + Sync + 'static,
    ) -> Self {
        Self { script: Box::new(script), seen: Mutex::default() }
    }

    pub(super) fn succeeding() -> Self {
        Self::new(|request, _| success_for(request))
    }

    /// Succeeds, except that the requests with this `Display` get this response.
    pub(super) fn succeeding_except(request: &'static str, response: FakeResponse) -> Self {
        Self::new(
            move |seen, _| {
                if seen.to_string() == request { response.clone() } else { success_for(seen) }
            },
        )
    }

    /// The starts and ends of deliveries, in order.
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
                let response = (self.script)(request, number);
                tokio::time::sleep(response.delay).await;
                self.note("end", request);
                response.render(request)
            })
            .await
    }
}

pub(super) fn alias(alias: &str) -> Value {
    json!({ "Alias": alias })
}

/// A template with these logical ids and aliases.
pub(super) fn template(resources: &[(&str, &str)]) -> Template {
    resources.iter().fold(Template::new(), |template, (id, name)| template.with(id, alias(name)))
}

/// A stack with these resources.
pub(super) async fn stack_of(template: &Template) -> Stack {
    let mut stack = Stack::new("oncall", 7);
    let outcome = stack.create(&Fake::succeeding(), template).await.unwrap();
    assert_eq!(outcome.status, Status::CreateComplete, "{outcome}");
    stack
}

/// The same as [`stack_of`], with the old id in rollback Updates.
pub(super) async fn old_id_stack_of(template: &Template) -> Stack {
    stack_of(template).await.rollback_id(RollbackId::Old)
}

/// The requests, each in the form `Update A [id] new←old`.
pub(super) fn requests(outcome: &Outcome) -> Vec<String> {
    outcome.exchanges.iter().map(|exchange| describe(&exchange.request)).collect()
}

/// The requests of one phase.
pub(super) fn requests_in(outcome: &Outcome, phase: Phase) -> Vec<String> {
    let of_phase = outcome.exchanges.iter().filter(|exchange| exchange.phase == phase);
    of_phase.map(|exchange| describe(&exchange.request)).collect()
}

fn describe(request: &Request) -> String {
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
