//! Delivers the stack's requests to the function, with faults of the service, lost answers and
//! kills between any two calls.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use emulator::Emulator;
use emulator::cloudformation::{Attempt, AttemptOutcome, Delivery, Request, Transport};
use emulator::contacts::{Effect, Fault, ServiceError};
use emulator::sink::PutFault;
use serde_json::Value;

use super::history::TransientFault;
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
pub(super) struct Tally {
    pub(super) histories: u32,
    pub(super) steps: BTreeMap<String, u32>,
    pub(super) events: u32,
    pub(super) late: u32,
    pub(super) kills: u32,
    pub(super) answers_lost: u32,
    pub(super) transient_faults: BTreeMap<TransientFault, u32>,
    pub(super) calls: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            histories,
            steps,
            events,
            late,
            kills,
            answers_lost,
            transient_faults,
            calls,
        } = self;
        write!(
            f,
            "{histories} histories, {events} deliveries ({late} of them late duplicates), {calls} calls, \
             {kills} kills, {answers_lost} answers lost; transient_faults {transient_faults:?}; ends {steps:?}"
        )
    }
}

enum Runner {
    InProcess(Box<InProcess>),
    Binary(emulator::function::Function),
}

pub(super) struct FunctionTransport<'a> {
    emulator: Emulator,
    runner: Runner,
    /// The faults that apply to every delivery.
    lasting: Mutex<Vec<Fault>>,
    transient_faults: Mutex<VecDeque<Option<(u32, TransientFault)>>>,
    tally: &'a Mutex<Tally>,
    violations: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

fn fault(transient_fault: TransientFault) -> Fault {
    let effect = match transient_fault {
        TransientFault::Throttled => Effect::Refuse(ServiceError::throttling()),
        TransientFault::ServiceFault => Effect::Refuse(ServiceError::internal()),
        TransientFault::LostBeforeItApplied | TransientFault::LostOnceApplied => Effect::Close,
        TransientFault::BrokenOff => Effect::Truncate,
        TransientFault::NotJson => Effect::Replace(502, "<html>Bad Gateway</html>".into()),
        TransientFault::TooManyRequests => Effect::Replace(429, "<html>Slow down</html>".into()),
        TransientFault::RequestTimeout => Effect::Replace(408, String::new()),
        TransientFault::UnknownStatus => Effect::Replace(520, "{}".into()),
    };
    match transient_fault {
        TransientFault::LostOnceApplied => Fault::on_any(effect).once_applied(),
        _ => Fault::on_any(effect),
    }
}

impl<'a> FunctionTransport<'a> {
    pub(super) async fn open(emulator: Emulator, kind: Kind, tally: &'a Mutex<Tally>) -> Self {
        let runner = match kind {
            Kind::InProcess => Runner::InProcess(Box::new(InProcess::start(&emulator, "on").await)),
            Kind::Binary => Runner::Binary(
                emulator
                    .function(crate::fixture::bootstrap())
                    .await
                    .unwrap(),
            ),
        };
        Self {
            emulator,
            runner,
            lasting: Mutex::default(),
            transient_faults: Mutex::default(),
            tally,
            violations: Mutex::default(),
        }
    }

    /// Replaces the faults.
    pub(super) fn expect(
        &self,
        lasting: Vec<Fault>,
        transient_faults: &[Option<(u32, TransientFault)>],
    ) {
        *lock(&self.lasting) = lasting;
        *lock(&self.transient_faults) = transient_faults.iter().copied().collect();
    }

    /// The violations of rules that hold under every fault.
    pub(super) fn violations(&self) -> Vec<String> {
        lock(&self.violations).clone()
    }

    /// Lets time pass.
    pub(super) async fn pass(&self, time: Duration) {
        match &self.runner {
            Runner::InProcess(function) => function.clock.pass(time),
            Runner::Binary(_) => tokio::time::sleep(time).await,
        }
    }

    /// Delivers a request again after its step has ended.
    pub(super) async fn late(&self, request: &Request) {
        lock(self.tally).late += 1;
        self.deliver(request, &Delivery::once()).await;
    }

    async fn attempt(&self, request: &Request, attempt: Attempt) -> Option<Vec<u8>> {
        self.set_up(attempt.outcome);
        let kept = self.emulator.sink.puts().len();
        let answered = self.invoke(request.event()).await;
        self.emulator.contacts.clear_faults();
        self.emulator.sink.clear_faults();
        let puts = self.emulator.sink.puts();
        let ours = puts
            .iter()
            .skip(kept)
            .find(|put| put.request == request.ids());
        let refused = self.emulator.sink.refusals();
        let mut violations = lock(&self.violations);
        violations.extend(refused.into_iter().map(|why| format!("S3 refused: {why}")));
        if answered == Some(true) && ours.is_none() {
            violations.push(format!(
                "{request}: the invocation succeeded without an answer"
            ));
        }
        if answered == Some(false) && attempt.outcome == AttemptOutcome::Completed {
            violations.push(format!("{request}: the invocation failed without a cause"));
        }
        ours.map(|put| put.body.to_vec())
    }

    fn set_up(&self, ending: AttemptOutcome) {
        let mut tally = lock(self.tally);
        tally.events += 1;
        // The first fault that matches a call applies, so lasting faults come last.
        if let Some(Some((after, transient_fault))) = lock(&self.transient_faults).pop_front() {
            *tally.transient_faults.entry(transient_fault).or_default() += 1;
            self.emulator
                .contacts
                .fault(fault(transient_fault).after(after));
        }
        match ending {
            AttemptOutcome::Completed => {}
            AttemptOutcome::KilledAfter(calls) => {
                let before = u32::try_from(calls.saturating_sub(1)).unwrap();
                self.emulator
                    .contacts
                    .fault(Fault::on_any(Effect::Stop).after(before).once_applied());
            }
            AttemptOutcome::ResponseLost => {
                tally.answers_lost += 1;
                self.emulator
                    .sink
                    .fault(PutFault::Status(403, "AccessDenied"));
            }
        }
        for fault in lock(&self.lasting).iter() {
            self.emulator.contacts.fault(fault.clone());
        }
    }

    /// Invokes the function; returns whether it succeeded, `None` if it was killed.
    async fn invoke(&self, event: Value) -> Option<bool> {
        let calls = self.emulator.contacts.count();
        let killed = async {
            self.emulator.contacts.stopped().await;
            lock(self.tally).kills += 1;
        };
        let ended = match &self.runner {
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
        };
        lock(self.tally).calls += self.emulator.contacts.count() - calls;
        ended
    }
}

impl Transport for FunctionTransport<'_> {
    fn response_url(&self, request: &Request) -> String {
        self.emulator.sink.presign(&request.ids())
    }

    async fn deliver(&self, request: &Request, delivery: &Delivery) -> Option<Vec<u8>> {
        delivery
            .carry_out(|attempt| self.attempt(request, attempt))
            .await
    }
}
