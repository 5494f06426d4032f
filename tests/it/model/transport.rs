//! Delivers the stack's requests to the function, with faults of the service, lost answers and
//! kills between any two calls.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_types::date_time::{DateTime, Format};
use emulator::Emulator;
use emulator::cloudformation::{AttemptOutcome, Delivery, Ids, Request, Transport};
use emulator::contacts::{Effect, Fault, ServiceError};
use emulator::sink::PutFault;
use futures_util::future::join;
use serde_json::Value;

use crate::in_process::InProcess;

/// How the function is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// The handler within this process; a kill drops its future.
    InProcess,
    /// The real `bootstrap`; a kill ends its process.
    Binary,
}

/// Counts of what was run, which the test prints.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<BTreeMap<String, usize>>);

impl Tally {
    pub(super) fn count(&self, what: impl Into<String>) {
        *self.0.lock().unwrap().entry(what.into()).or_default() += 1;
    }
}

/// Faults of one call, after which the service works again.
pub(super) fn transient_faults() -> Vec<Fault> {
    let refused = [ServiceError::throttling(), ServiceError::internal()].map(Effect::Refuse);
    let replaced = [
        (502, "<html>Bad Gateway</html>"),
        (429, "<html>Slow down</html>"),
        (408, ""),
        (520, "{}"),
    ]
    .map(|(status, body)| Effect::Replace(status, body.to_owned()));
    let effects = refused.into_iter().chain(replaced).chain([Effect::Close, Effect::Truncate]);
    effects.map(Fault::on_any).chain([Fault::on_any(Effect::Close).once_applied()]).collect()
}

/// What happens to the deliveries of a step.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The faults that apply to every delivery.
    pub(super) lasting: Vec<Fault>,
    pub(super) transient_faults: VecDeque<Option<Fault>>,
    /// Whether the next delivery is one of two at the same time.
    pub(super) twice: VecDeque<bool>,
    /// The request ids that CloudFormation uses again, by type of the request and logical id.
    pub(super) request_ids: BTreeMap<(&'static str, String), String>,
}

enum Runner {
    InProcess(Box<InProcess>),
    Binary(emulator::function::Function),
}

pub(super) struct FunctionTransport<'a> {
    emulator: Emulator,
    runner: Runner,
    plan: Mutex<Plan>,
    /// The request ids that events have in place of those of the stack.
    used_again: Mutex<BTreeMap<String, String>>,
    urls: Mutex<u64>,
    tally: &'a Tally,
    violations: Mutex<Vec<String>>,
}

impl<'a> FunctionTransport<'a> {
    pub(super) async fn open(emulator: Emulator, kind: Kind, tally: &'a Tally) -> Self {
        let runner = match kind {
            Kind::InProcess => Runner::InProcess(Box::new(InProcess::start(&emulator).await)),
            Kind::Binary => {
                let function = emulator.function(crate::fixture::bootstrap()).await;
                Runner::Binary(function.unwrap())
            }
        };
        Self {
            emulator,
            runner,
            plan: Mutex::default(),
            used_again: Mutex::default(),
            urls: Mutex::default(),
            tally,
            violations: Mutex::default(),
        }
    }

    pub(super) fn expect(&self, plan: Plan) {
        *self.plan.lock().unwrap() = plan;
    }

    /// The violations of rules that hold under every fault.
    pub(super) fn violations(&self) -> Vec<String> {
        self.violations.lock().unwrap().clone()
    }

    /// The ids of a request as its event has them.
    pub(super) fn ids(&self, request: &Request) -> Ids {
        let mut ids = request.ids();
        if let Some(again) = self.used_again.lock().unwrap().get(&ids.request_id) {
            ids.request_id.clone_from(again);
        }
        ids
    }

    async fn attempt(&self, event: &Value, outcome: AttemptOutcome, is_first: bool) {
        self.set_up(outcome, is_first);
        let kept = self.emulator.sink.count();
        let answered = self.invoke(event.clone()).await;
        self.emulator.contacts.clear_faults();
        self.emulator.sink.clear_faults();
        let has_put = self.emulator.sink.count() > kept;
        let what = match answered {
            Some(true) if !has_put => "the invocation succeeded without an answer",
            Some(false) if outcome == AttemptOutcome::Completed => {
                "the invocation failed without a cause"
            }
            _ => return,
        };
        self.violations.lock().unwrap().push(format!("{what}: {event}"));
    }

    fn set_up(&self, outcome: AttemptOutcome, is_first: bool) {
        let mut plan = self.plan.lock().unwrap();
        self.tally.count("attempts");
        // The first fault that matches a call applies, so lasting faults come last.
        let transient = is_first.then(|| plan.transient_faults.pop_front());
        if let Some(Some(Some(transient))) = transient {
            self.tally.count("transient faults");
            self.emulator.contacts.fault(transient);
        }
        match outcome {
            AttemptOutcome::Completed => {}
            AttemptOutcome::KilledAfter(calls) => {
                let before = u32::try_from(calls.saturating_sub(1)).unwrap();
                let stop = Fault::on_any(Effect::Stop).after(before).once_applied();
                self.emulator.contacts.fault(stop);
            }
            AttemptOutcome::ResponseLost => {
                self.tally.count("answers lost");
                let refused = PutFault::Status(403, "AccessDenied");
                self.emulator.sink.fault(refused);
            }
        }
        for fault in &plan.lasting {
            self.emulator.contacts.fault(fault.clone());
        }
    }

    /// Invokes the function; returns whether it succeeded, `None` if it was killed.
    async fn invoke(&self, event: Value) -> Option<bool> {
        let killed = async {
            self.emulator.contacts.stopped().await;
            self.tally.count("kills");
        };
        match &self.runner {
            Runner::InProcess(function) => {
                tokio::select! {
                    well = function.invoke(event) => Some(well),
                    () = killed => None,
                }
            }
            Runner::Binary(function) => {
                let killing = async {
                    killed.await;
                    function.kill().await;
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    ended = function.invoke(&event) => match ended.unwrap() {
                        emulator::InvocationOutcome::Response(_) => Some(true),
                        emulator::InvocationOutcome::Exited => None,
                        _ => Some(false),
                    },
                    () = killing => None,
                }
            }
        }
    }

    /// A time that the URL of a request was signed at. Each is another one.
    fn signed_at(&self) -> String {
        let mut urls = self.urls.lock().unwrap();
        *urls += 1;
        // Also a later retry within the same second has another URL.
        let time = DateTime::from(SharedTimeSource::default().now() - Duration::from_mins(*urls));
        let text = DateTime::from_secs(time.secs()).fmt(Format::DateTime);
        text.unwrap().replace(['-', ':'], "")
    }
}

impl Transport for FunctionTransport<'_> {
    fn response_url(&self, request: &Request) -> String {
        let key = (request.request_type.name(), request.logical_id.clone());
        let Some(again) = self.plan.lock().unwrap().request_ids.remove(&key) else {
            return self.emulator.sink.presign(&request.ids());
        };
        self.used_again.lock().unwrap().insert(request.request_id.clone(), again);
        let ids = self.ids(request);
        self.emulator.sink.presign_v4(&ids, &self.signed_at())
    }

    async fn deliver(&self, request: &Request, delivery: &Delivery) -> Option<Vec<u8>> {
        let ids = self.ids(request);
        let mut event = request.event();
        event["RequestId"] = ids.request_id.clone().into();
        let kept = self.emulator.sink.count();
        let twice = self.plan.lock().unwrap().twice.pop_front();
        if twice == Some(true) {
            self.tally.count("twice");
            let one = || self.attempt(&event, AttemptOutcome::Completed, false);
            join(one(), one()).await;
        } else {
            for attempt in &delivery.0 {
                self.attempt(&event, attempt.outcome, true).await;
            }
        }
        let puts = self.emulator.sink.puts_since(kept);
        let puts: Vec<_> = puts.iter().filter(|put| put.request == ids).collect();
        let mut violations = self.violations.lock().unwrap();
        let refused = self.emulator.sink.refusals();
        violations.extend(refused.into_iter().map(|why| format!("S3 refused: {why}")));
        let kinds: BTreeSet<String> = puts
            .iter()
            .map(|put| format!("{:?}", put.response.as_ref().map(|r| r.status)))
            .collect();
        // The list is read after a conflict alone, with which a service that forgets tokens answers
        // a second delivery.
        let only_one_needs_a_permission = self.emulator.contacts.backend(|backend| {
            backend.switches.forgets_channel_tokens
                && backend.denied.contains("ListContactChannels")
        });
        if kinds.len() > 1 && !only_one_needs_a_permission {
            violations.push(format!("{request}: two kinds of answers: {puts:?}"));
        }
        let body = puts.first()?.body.to_vec();
        let mut answer: Value = serde_json::from_slice(&body).ok()?;
        if answer["RequestId"] == *ids.request_id {
            // What the stack knows the request by.
            answer["RequestId"] = request.request_id.clone().into();
            return Some(answer.to_string().into_bytes());
        }
        Some(body)
    }
}
