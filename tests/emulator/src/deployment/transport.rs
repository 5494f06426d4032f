//! Delivers the requests of a stack to the function or to the handlers of the native types.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::Emulator;
use crate::cloudformation::{Delivery, Request, StackEvent, Transport};
use crate::contacts::Call;
use crate::function::Function;
use crate::native::Natives;

/// What happens during an operation.
#[derive(Clone, Debug)]
pub enum Progress {
    /// An event of the stack.
    Event(SystemTime, StackEvent),
    /// A call to the service by the function or by a handler.
    Call(Call),
    /// What no function may do.
    Violation(String),
}

/// Sees what happens as it happens.
pub type Observer = Box<dyn Fn(&Progress) + Send + Sync>;

/// The operations of the service that change something, or that the function needs first. While
/// they are denied, every resource fails.
const OPERATIONS: [&str; 13] = [
    "CreateContact",
    "GetContact",
    "UpdateContact",
    "DeleteContact",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
    "CreateContactChannel",
    "UpdateContactChannel",
    "DeleteContactChannel",
    "CreateRotation",
    "CreateReplicationSet",
    "CreateResponsePlan",
];

pub(super) struct DeploymentTransport<'a> {
    emulator: &'a Emulator,
    function: &'a Function,
    natives: Mutex<Natives>,
    observer: Observer,
    seen: Mutex<Vec<Progress>>,
    /// The resource whose next request fails.
    failing: Mutex<Option<String>>,
    /// Why the function could not be started.
    broken: Mutex<Option<std::io::Error>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> DeploymentTransport<'a> {
    pub(super) fn new(emulator: &'a Emulator, function: &'a Function, observer: Observer) -> Self {
        Self {
            emulator,
            function,
            natives: Mutex::default(),
            observer,
            seen: Mutex::default(),
            failing: Mutex::default(),
            broken: Mutex::default(),
        }
    }

    /// Makes the next request of a resource fail: the service denies its calls.
    pub(super) fn fail(&self, logical_id: &str) {
        *lock(&self.failing) = Some(logical_id.to_owned());
    }

    /// Returns whether the resource that should fail has had no request.
    pub(super) fn did_not_fail(&self) -> bool {
        lock(&self.failing).take().is_some()
    }

    /// Returns what has happened since the last time.
    pub(super) fn take_seen(&self) -> Vec<Progress> {
        std::mem::take(&mut lock(&self.seen))
    }

    /// Returns why the function could not be started, if it could not.
    pub(super) fn take_broken(&self) -> Option<std::io::Error> {
        lock(&self.broken).take()
    }

    /// Returns the ARNs of the rotations that exist.
    pub(super) fn rotations(&self) -> Vec<String> {
        lock(&self.natives).rotations().to_vec()
    }

    pub(super) fn observe(&self, progress: Progress) {
        (self.observer)(&progress);
        lock(&self.seen).push(progress);
    }

    async fn attempt(&self, request: &Request) -> Option<Vec<u8>> {
        let fails = lock(&self.failing)
            .take_if(|failing| *failing == request.logical_id)
            .is_some();
        if fails {
            self.deny(&OPERATIONS);
        }
        let body = if Natives::support(&request.resource_type) {
            Some(self.handle(request))
        } else {
            self.invoke(request).await
        };
        if fails {
            self.deny(&[]);
        }
        body
    }

    fn deny(&self, operations: &[&'static str]) {
        let contacts = &self.emulator.contacts;
        contacts.backend(|backend| backend.denied = operations.iter().copied().collect());
    }

    fn handle(&self, request: &Request) -> Vec<u8> {
        let mut natives = lock(&self.natives);
        let contacts = &self.emulator.contacts;
        let response = contacts.backend(|backend| natives.handle(backend, request));
        for call in natives.take_calls() {
            self.observe(Progress::Call(call));
        }
        response.to_string().into_bytes()
    }

    async fn invoke(&self, request: &Request) -> Option<Vec<u8>> {
        let delivered = self
            .emulator
            .deliver_unchanged(self.function, request.event())
            .await;
        let delivered = match delivered {
            Ok(delivered) => delivered,
            Err(error) => {
                *lock(&self.broken) = Some(error);
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
