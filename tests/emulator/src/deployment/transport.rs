//! Delivers the requests of a stack to the function or to the handlers of the native types.

use std::sync::{Mutex, MutexGuard};
use std::time::SystemTime;

use crate::Emulator;
use crate::cloudformation::{Delivery, Request, StackEvent, Transport};
use crate::contacts::{Backend, Call};
use crate::function::Function;
use crate::http::lock;
use crate::native::{Natives, is_native};

#[derive(Clone, Debug)]
pub enum Progress {
    Event(SystemTime, StackEvent),
    Call(Call),
    Violation(String),
}

pub type Observer = Box<dyn Fn(&Progress) + Send + Sync>;

/// The operations of the service that change something, or that the function needs first. While
/// they are denied, every resource fails.
const OPERATIONS: &str = "CreateContact GetContact UpdateContact DeleteContact TagResource UntagResource \
    ListTagsForResource CreateContactChannel UpdateContactChannel DeleteContactChannel \
    CreateRotation CreateReplicationSet CreateResponsePlan";

pub(super) struct DeploymentTransport<'a> {
    pub(super) emulator: &'a Emulator,
    pub(super) function: &'a Function,
    pub(super) observer: Observer,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) natives: Natives,
    /// What has happened since it was last asked for.
    pub(super) seen: Vec<Progress>,
    /// The resource whose next request fails, because the service denies its calls.
    pub(super) failing: Option<String>,
    pub(super) broken: Option<std::io::Error>,
}

impl DeploymentTransport<'_> {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn observe(&self, progress: Progress) {
        (self.observer)(&progress);
        self.state().seen.push(progress);
    }

    async fn attempt(&self, request: &Request) -> Option<Vec<u8>> {
        let is_this = |failing: &mut String| *failing == request.logical_id;
        let fails = self.state().failing.take_if(is_this).is_some();
        if fails {
            self.deny(OPERATIONS);
        }
        let body = if is_native(&request.resource_type) {
            Some(self.handle(request))
        } else {
            self.invoke(request).await
        };
        if fails {
            self.deny("");
        }
        body
    }

    fn deny(&self, operations: &'static str) {
        let contacts = &self.emulator.contacts;
        contacts.backend(|backend| backend.denied = operations.split_whitespace().collect());
    }

    fn handle(&self, request: &Request) -> Vec<u8> {
        let contacts = &self.emulator.contacts;
        let handle = |backend: &mut Backend| self.state().natives.handle(backend, request);
        let response = contacts.backend(handle);
        let calls = self.state().natives.take_calls();
        for call in calls {
            self.observe(Progress::Call(call));
        }
        response.to_string().into_bytes()
    }

    async fn invoke(&self, request: &Request) -> Option<Vec<u8>> {
        let event = request.event();
        let delivered = match self.emulator.deliver_unchanged(self.function, event).await {
            Ok(delivered) => delivered,
            Err(error) => {
                self.state().broken = Some(error);
                return None;
            }
        };
        for violation in delivered.violations() {
            self.observe(Progress::Violation(violation));
        }
        for call in delivered.calls {
            self.observe(Progress::Call(call));
        }
        delivered.puts.first().map(|put| put.body.to_vec())
    }
}

impl Transport for DeploymentTransport<'_> {
    fn response_url(&self, request: &Request) -> String {
        self.emulator.sink.presign(&request.ids())
    }

    fn event(&self, event: &StackEvent) {
        #[expect(clippy::disallowed_methods, reason = "an event has a time of day")]
        let now = SystemTime::now();
        self.observe(Progress::Event(now, event.clone()));
    }

    async fn deliver(&self, request: &Request, delivery: &Delivery) -> Option<Vec<u8>> {
        delivery.carry_out(|_| self.attempt(request)).await
    }
}
