//! The fixture of most tests: a function with an emulator of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use emulator::cloudformation::Ids;
use emulator::contacts::{Backend, Contact, Effect, Fault, ServiceError, Switches};
use emulator::function::Function;
use emulator::{CREDENTIALS, Emulator, Invocation, InvocationOutcome};
use futures_util::future::{Either, select};
use serde_json::{Value, json};

use crate::in_process::{InProcess, TestClock};

mod answers;

pub(crate) use answers::{
    assert_attempt, changes, failure, nothing_created, outcome_unknown, success, told,
};

/// The stack id in the events of a fixture.
pub(crate) const STACK: &str = "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/\
                                5b03013e-6255-404c-a673-1aa10example";

/// Origins of contacts that were there before a test's first event.
pub(crate) const CREATED: &str = "create:r0/0123456789abcdef";
pub(crate) const UPDATED: &str = "update:r0/0123456789abcdef";
pub(crate) const ADOPTED: &str = "create:adopted:r0/0123456789abcdef";

/// An id that CloudFormation makes up for a Create that never answered.
pub(crate) const MADE_UP: &str = "on-call-Akua-1XB2VS8G3K2W9";
/// The marker of a Create whose outcome is unknown, of the attempt in the origins above.
pub(crate) const MARKER: &str = "outcome-unknown:r0/0123456789abcdef";

/// A channel of the contact `akuam`.
pub(crate) const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/\
                                  akuam/fc7405c4-46b2-48b7-87b2-93e2f225b90d";
pub(crate) const ROTATION: &str =
    "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/3ab12398-e1c4-4a2e-8d8d-7e1f3c8a2b11";
pub(crate) const READS: [&str; 2] = ["GetContact", "ListTagsForResource"];

pub(crate) fn bootstrap() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_bootstrap"))
}

pub(crate) fn arn(alias: &str) -> String {
    format!("arn:aws:ssm-contacts:us-east-2:111122223333:contact/{alias}")
}

/// Returns an object with the members of `more` added or replaced.
pub(crate) fn with(object: &Value, more: Value) -> Value {
    let mut object = object.clone();
    for (name, value) in more.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

pub(crate) fn without(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(name);
    object
}

/// Returns the properties of the API page's example, with `more` added or replaced.
pub(crate) fn akua(more: Value) -> Value {
    let properties = json!({"Alias": "akuam", "DisplayName": "Akua Mansa", "Type": "PERSONAL", "Plan": {"Stages": []}});
    with(&properties, more)
}

/// Properties that allow the adoption of an existing contact.
pub(crate) fn adopting() -> Value {
    akua(json!({"AdoptExisting": "true"}))
}

/// The ownership tags of this fixture's resource.
pub(crate) fn own(origin: &'static str) -> [(&'static str, &'static str); 3] {
    own_as("Akua", origin)
}

/// The ownership tags of another resource of this fixture's stack.
pub(crate) fn own_as(
    logical_id: &'static str,
    origin: &'static str,
) -> [(&'static str, &'static str); 3] {
    [
        ("cloudformation-stack-id", STACK),
        ("cloudformation-logical-id", logical_id),
        ("cloudformation-origin", origin),
    ]
}

/// The ownership tags of another stack.
pub(crate) const STRANGER: [(&str, &str); 3] = [
    ("cloudformation-stack-id", "arn:aws:cloudformation:us-east-2:111122223333:stack/other/1"),
    ("cloudformation-logical-id", "Akua"),
    ("cloudformation-origin", CREATED),
];

/// Runs a check with each of the errors that the service may return for a taken alias.
pub(crate) async fn each_refusal_of_a_taken_alias(check: impl AsyncFn(Fixture)) {
    let ways: [fn(&mut Backend); 4] = [
        |_| {},
        |backend| backend.switches.taken_alias_names_no_contact = true,
        |backend| backend.taken_alias_is_invalid = true,
        |backend| {
            backend.switches.quota = Some(1);
            backend.switches.quota_before_alias = true;
        },
    ];
    for way in ways {
        let fixture = Fixture::start().await;
        fixture.backend(way);
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
    pub(crate) async fn on_a_test_clock() -> Self {
        let mut fixture = Self::start().await;
        let in_process = InProcess::start(&fixture.emulator).await;
        fixture.in_process = Some(in_process);
        fixture
    }

    /// The test clock. Only a fixture from `on_a_test_clock` has one.
    pub(crate) fn clock(&self) -> &TestClock {
        &self.in_process.as_ref().unwrap().clock
    }

    /// Reads or changes the contacts past the API.
    pub(crate) fn backend<T>(&self, closure: impl FnOnce(&mut Backend) -> T) -> T {
        self.emulator.contacts.backend(closure)
    }

    /// Sets behaviour of the service that no public document describes.
    pub(crate) fn switch(&self, switch: impl FnOnce(&mut Switches)) {
        self.backend(|backend| switch(&mut backend.switches));
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.emulator.contacts.fault(fault);
    }

    /// Refuses every call of this operation.
    pub(crate) fn refuse(&self, operation: &'static str, error: ServiceError) {
        self.fault(Fault::on(operation, Effect::Refuse(error)).forever());
    }

    /// Denies these operations and allows all others.
    pub(crate) fn deny(&self, operations: &[&'static str]) {
        self.backend(|backend| backend.denied = operations.iter().copied().collect());
    }

    /// No line of the log may contain this, nor any answer.
    pub(crate) fn keep_secret(&self, value: &str) {
        self.addresses.lock().unwrap().insert(value.to_owned());
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
        self.checked(delivered)
    }

    /// Delivers an event with a URL that was signed at this time (`20261123T095800Z`). Another
    /// time makes another URL, and so another attempt.
    pub(crate) async fn deliver_signed(&self, mut event: Value, time: &str) -> Invocation {
        let ids = Ids::of_event(&event).unwrap();
        event["ResponseURL"] = json!(self.emulator.sink.presign_v4(&ids, time));
        self.deliver_unchanged(event).await
    }

    /// Delivers an event with the URL that it has.
    pub(crate) async fn deliver_unchanged(&self, event: Value) -> Invocation {
        let delivered = self.emulator.deliver_unchanged(&self.function, event);
        self.checked(delivered.await.unwrap())
    }

    /// Delivers a payload that need not be JSON.
    pub(crate) async fn deliver_text(&self, payload: &str) -> Invocation {
        let (calls, puts) = (self.emulator.contacts.count(), self.emulator.sink.count());
        let outcome = self.function.invoke_with(payload.to_owned()).await;
        self.checked(Invocation {
            event: Value::Null,
            calls: self.emulator.contacts.calls_since(calls),
            puts: self.emulator.sink.puts_since(puts),
            refusals: vec![],
            outcome: outcome.unwrap(),
        })
    }

    /// The event with a URL that the bucket accepts.
    pub(crate) fn presigned(&self, mut event: Value) -> Value {
        let ids = Ids::of_event(&event).unwrap();
        event["ResponseURL"] = json!(self.emulator.sink.presign(&ids));
        event
    }

    fn checked(&self, delivered: Invocation) -> Invocation {
        let refusals = self.emulator.sink.refusals();
        assert_eq!(refusals, [""; 0], "S3 refused: {delivered}");
        let mut told = self.addresses.lock().unwrap();
        told.extend(addresses(&delivered.event));
        for put in &delivered.puts {
            let body = String::from_utf8_lossy(&put.body);
            let leaked = told.iter().find(|address| body.contains(address.as_str()));
            assert_eq!(leaked, None, "in the answer: {body}");
        }
        drop(told);
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
        self.backend(|backend| backend.seed(alias, "PERSONAL", tags));
        self.contact(alias)
    }

    /// Whether a contact of this alias exists.
    pub(crate) fn exists(&self, alias: &str) -> bool {
        self.backend(|backend| backend.contact(alias).is_some())
    }

    /// The contact of this alias.
    pub(crate) fn contact(&self, alias: &str) -> Contact {
        self.backend(|backend| backend.contact(alias).cloned().unwrap())
    }

    /// The origin tag of the contact.
    pub(crate) fn origin(&self, alias: &str) -> String {
        self.contact(alias).tags["cloudformation-origin"].clone()
    }

    /// All lines of the log. It ends the process.
    pub(crate) async fn log(&self) -> String {
        self.function.whole_log().await.join("\n")
    }

    /// The lines of the log, which are JSON. It ends the process.
    pub(crate) async fn lines(&self) -> Vec<Value> {
        let log = self.function.whole_log().await;
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        log.iter().map(|line| parse(line)).collect()
    }

    /// Runs `then` once the function has called this operation.
    pub(crate) async fn once_called(&self, operation: &str, then: impl FnOnce(&mut Backend)) {
        let contacts = &self.emulator.contacts;
        let before = contacts.count();
        while !contacts.calls_since(before).iter().any(|call| call.operation == operation) {
            contacts.called().await;
        }
        self.backend(then);
    }

    /// Runs `then` once the function has paused for this long.
    pub(crate) async fn once_waited(&self, time: Duration, then: impl FnOnce(&mut Backend)) {
        let began = self.clock().waited();
        while self.clock().waited() - began < time {
            self.emulator.contacts.called().await;
        }
        self.backend(then);
    }

    /// Delivers an event and ends the process at the call that has this number, before or after
    /// the service applies it. Returns false if there are fewer calls.
    pub(crate) async fn dies_at(&self, event: Value, call: u32, applied: bool) -> bool {
        let stop = Fault::on_any(Effect::Stop).after(call);
        self.fault(if applied { stop.once_applied() } else { stop });
        let killing = async {
            self.emulator.contacts.stopped().await;
            self.function.kill().await;
        };
        let delivery = pin!(self.deliver(event));
        let killing = pin!(killing);
        let delivered = match select(delivery, killing).await {
            Either::Left((delivered, _)) => delivered,
            Either::Right(((), delivery)) => delivery.await,
        };
        let died = delivered.outcome == InvocationOutcome::Exited;
        self.emulator.contacts.clear_faults();
        died
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
