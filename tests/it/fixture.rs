//! The fixture of most tests: a function with an emulator of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use emulator::cloudformation::{Response, ResponseStatus};
use emulator::contacts::{Contact, Switches};
use emulator::function::Function;
use emulator::{CREDENTIALS, Emulator, Invocation};
use serde_json::{Value, json};

use crate::in_process::{InProcess, TestClock};

/// The stack id in the events of a fixture.
pub(crate) const STACK: &str = "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/5b03013e-6255-404c-a673-1aa10example";

pub(crate) fn bootstrap() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_bootstrap"))
}

pub(crate) fn arn(alias: &str) -> String {
    format!("arn:aws:ssm-contacts:us-east-2:111122223333:contact/{alias}")
}

/// Returns the properties of the API page's example, with `more` added or replaced.
pub(crate) fn akua(more: Value) -> Value {
    let mut properties = json!({"Alias": "akuam", "DisplayName": "Akua Mansa", "Type": "PERSONAL", "Plan": {"Stages": []}});
    for (name, value) in more.as_object().unwrap() {
        properties[name] = value.clone();
    }
    properties
}

/// Properties that allow the adoption of an existing contact.
pub(crate) fn adopting() -> Value {
    akua(json!({"AdoptExisting": "true"}))
}

/// The ownership tags of this fixture's resource.
pub(crate) fn own(origin: &'static str) -> [(&'static str, &'static str); 3] {
    [
        ("cloudformation-stack-id", STACK),
        ("cloudformation-logical-id", "Akua"),
        ("cloudformation-origin", origin),
    ]
}

/// The ownership tags of another stack.
pub(crate) const STRANGER: [(&str, &str); 3] = [
    (
        "cloudformation-stack-id",
        "arn:aws:cloudformation:us-east-2:111122223333:stack/other/1",
    ),
    ("cloudformation-logical-id", "Akua"),
    ("cloudformation-origin", "r0"),
];

/// Runs a check with each of the two errors that the service may return for a taken alias.
pub(crate) async fn both_ways(check: impl AsyncFn(Fixture)) {
    for taken_alias_is_invalid in [false, true] {
        let fixture = Fixture::start().await;
        fixture
            .emulator
            .contacts
            .backend(|backend| backend.taken_alias_is_invalid = taken_alias_is_invalid);
        check(fixture).await;
    }
}

pub(crate) struct Fixture {
    pub(crate) emulator: Emulator,
    pub(crate) function: Function,
    in_process: Option<InProcess>,
    requests: AtomicU32,
    /// The addresses in the events. They are personal data.
    addresses: Mutex<BTreeSet<String>>,
}

/// The addresses in an event.
fn addresses(event: &Value) -> BTreeSet<String> {
    match event {
        Value::Object(members) => {
            let of_member = |(name, value): (&String, &Value)| match value {
                Value::String(address) if name == "SimpleAddress" && address.len() > 5 => {
                    BTreeSet::from([address.clone()])
                }
                other => addresses(other),
            };
            members.iter().flat_map(of_member).collect()
        }
        Value::Array(items) => items.iter().flat_map(addresses).collect(),
        _ => BTreeSet::new(),
    }
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::with(|function| function).await
    }

    /// A fixture whose function has other settings.
    pub(crate) async fn with(set_up: impl FnOnce(Function) -> Function) -> Self {
        Self::within(Emulator::start().await.unwrap(), set_up).await
    }

    /// A fixture with this emulator.
    pub(crate) async fn within(
        emulator: Emulator,
        set_up: impl FnOnce(Function) -> Function,
    ) -> Self {
        let function = emulator.function(bootstrap()).await.unwrap();
        let function = set_up(function.env("AWS_LAMBDA_LOG_LEVEL", "TRACE"));
        Self {
            emulator,
            function,
            in_process: None,
            requests: AtomicU32::new(0),
            addresses: Mutex::default(),
        }
    }

    /// A fixture whose function runs within this process, on a test clock.
    pub(crate) async fn on_a_test_clock(ownership_tags: &str) -> Self {
        let mut fixture = Self::start().await;
        let in_process = InProcess::start(&fixture.emulator, ownership_tags).await;
        fixture.in_process = Some(in_process);
        fixture
    }

    /// The test clock. Only a fixture from `on_a_test_clock` has one.
    pub(crate) fn clock(&self) -> &TestClock {
        &self.in_process.as_ref().unwrap().clock
    }

    /// Sets behaviour of the service that no public document describes.
    pub(crate) fn switch(&self, switch: impl FnOnce(&mut Switches)) {
        self.emulator
            .contacts
            .backend(|backend| switch(&mut backend.switches));
    }

    /// Denies these operations and allows all others.
    pub(crate) fn deny(&self, operations: &[&'static str]) {
        self.emulator
            .contacts
            .backend(|backend| backend.denied = operations.iter().copied().collect());
    }

    /// Returns an event for the logical id `Akua`, with a request id of its own.
    pub(crate) fn event(&self, request_type: &str, properties: &Value) -> Value {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        json!({
            "RequestType": request_type, "StackId": STACK, "LogicalResourceId": "Akua",
            "RequestId": format!("3f9c1c52-6bf4-4f52-a4a8-{number:012}"),
            "ResourceType": "Custom::SSMContact", "ServiceToken": emulator::function::FUNCTION_ARN,
            "ResourceProperties": properties,
        })
    }

    pub(crate) fn update_event(&self, id: &str, old: &Value, new: &Value) -> Value {
        let mut event = self.event("Update", new);
        event["PhysicalResourceId"] = json!(id);
        event["OldResourceProperties"] = old.clone();
        event
    }

    pub(crate) fn delete_event(&self, id: &str, properties: &Value) -> Value {
        let mut event = self.event("Delete", properties);
        event["PhysicalResourceId"] = json!(id);
        event
    }

    pub(crate) async fn deliver(&self, event: Value) -> Invocation {
        let delivered = match &self.in_process {
            None => self.emulator.deliver(&self.function, event).await.unwrap(),
            Some(in_process) => in_process.deliver(&self.emulator, event).await,
        };
        assert_eq!(
            self.emulator.sink.refusals(),
            [""; 0],
            "S3 refused: {delivered}"
        );
        let told = addresses(&delivered.event);
        for put in &delivered.puts {
            let body = String::from_utf8_lossy(&put.body);
            let leaked = told.iter().find(|address| body.contains(address.as_str()));
            assert_eq!(leaked, None, "in the answer: {body}");
        }
        self.addresses.lock().unwrap().extend(told);
        delivered
    }

    pub(crate) async fn create(&self, properties: &Value) -> Invocation {
        self.deliver(self.event("Create", properties)).await
    }

    pub(crate) async fn update(&self, id: &str, old: &Value, new: &Value) -> Invocation {
        self.deliver(self.update_event(id, old, new)).await
    }

    pub(crate) async fn delete(&self, id: &str, properties: &Value) -> Invocation {
        self.deliver(self.delete_event(id, properties)).await
    }

    /// Creates a PERSONAL contact in the emulator without a call of the function.
    pub(crate) fn seed(&self, alias: &str, tags: &[(&str, &str)]) -> Contact {
        self.emulator
            .contacts
            .backend(|backend| backend.seed(alias, "PERSONAL", tags));
        self.contact(alias)
    }

    /// Whether a contact of this alias exists.
    pub(crate) fn exists(&self, alias: &str) -> bool {
        self.emulator
            .contacts
            .backend(|backend| backend.contact(alias).is_some())
    }

    /// The contact of this alias.
    pub(crate) fn contact(&self, alias: &str) -> Contact {
        self.emulator
            .contacts
            .backend(|backend| backend.contact(alias).cloned())
            .unwrap()
    }
}

/// Every fixture logs at the level TRACE, and no line may contain a secret.
impl Drop for Fixture {
    fn drop(&mut self) {
        if std::thread::panicking() || self.in_process.is_some() {
            return;
        }
        let keys = CREDENTIALS.iter().skip(1).map(|(_, value)| *value);
        let addresses = self.addresses.lock().unwrap();
        let keys = keys.chain(["Signature=", "AKIAIOSFODNN7EXAMPLE"]);
        let secrets: Vec<&str> = keys.chain(addresses.iter().map(String::as_str)).collect();
        for line in self.function.log() {
            let leaked = secrets.iter().find(|secret| line.contains(**secret));
            assert_eq!(leaked, None, "in the log: {line}");
        }
    }
}

/// Returns the answer of a delivery, which must have succeeded.
pub(crate) fn success(delivered: &Invocation) -> &Response {
    let answer = answered(delivered);
    assert_eq!(answer.status, ResponseStatus::Success, "{delivered}");
    answer
}

/// Returns the Reason of a delivery, which must have failed with this physical id.
pub(crate) fn failure<'a>(delivered: &'a Invocation, physical_id: &str) -> &'a str {
    let answer = answered(delivered);
    assert_eq!(answer.status, ResponseStatus::Failed, "{delivered}");
    assert_eq!(answer.physical_id, physical_id, "{delivered}");
    answer.reason.as_deref().unwrap()
}

fn answered(delivered: &Invocation) -> &Response {
    delivered
        .response()
        .unwrap_or_else(|why| panic!("{why}\n{delivered}"))
}

/// The marker of a Create that created no contact.
pub(crate) fn nothing_created(delivered: &Invocation) -> String {
    marker("nothing-created", delivered)
}

/// The marker of a Create that may have created a contact.
pub(crate) fn outcome_unknown(delivered: &Invocation) -> String {
    marker("outcome-unknown", delivered)
}

fn marker(kind: &str, delivered: &Invocation) -> String {
    let request = delivered.event["RequestId"].as_str().unwrap();
    format!("{kind}:{request}")
}
