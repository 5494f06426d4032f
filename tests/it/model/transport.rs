//! The way from the stack to the function and back, with everything that may happen
//! on it: hiccups of the service, lost answers, kills between any two calls.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Mutex;

use emulator::Emulator;
use emulator::cloudformation::{Attempt, AttemptOutcome, Delivery, Request, Transport};
use emulator::contacts::{Effect, Fault, ServiceError};
use emulator::sink::PutFault;
use serde_json::Value;

use super::life::Hiccup;
use crate::in_process::InProcess;

/// What lives the lives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// The handler within this process; a kill drops its future.
    InProcess,
    /// The real `bootstrap`; a kill is a kill.
    Binary,
}

/// What was lived, for the record.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) lives: u32,
    pub(super) steps: BTreeMap<String, u32>,
    pub(super) events: u32,
    pub(super) late: u32,
    pub(super) kills: u32,
    pub(super) answers_lost: u32,
    pub(super) hiccups: BTreeMap<Hiccup, u32>,
    pub(super) calls: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lives,
            steps,
            events,
            late,
            kills,
            answers_lost,
            hiccups,
            calls,
        } = self;
        write!(
            f,
            "{lives} lives, {events} deliveries ({late} of them late duplicates), {calls} calls, \
             {kills} kills, {answers_lost} answers lost; hiccups {hiccups:?}; ends {steps:?}"
        )
    }
}

enum Runner {
    InProcess(Box<InProcess>),
    Binary(emulator::function::Function),
}

pub(super) struct Way<'a> {
    world: Emulator,
    runner: Runner,
    /// What goes wrong for good, for as long as it stands here.
    lasting: Mutex<Vec<Fault>>,
    hiccups: Mutex<VecDeque<Option<(u32, Hiccup)>>>,
    tally: &'a Mutex<Tally>,
    breaches: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

fn fault(hiccup: Hiccup) -> Fault {
    let effect = match hiccup {
        Hiccup::Throttled => Effect::Refuse(ServiceError::throttling()),
        Hiccup::ServiceFault => Effect::Refuse(ServiceError::internal()),
        Hiccup::LostBeforeItApplied | Hiccup::LostOnceApplied => Effect::Close,
        Hiccup::BrokenOff => Effect::Truncate,
        Hiccup::NotJson => Effect::Replace(502, "<html>Bad Gateway</html>".into()),
        Hiccup::TooManyRequests => Effect::Replace(429, "<html>Slow down</html>".into()),
        Hiccup::RequestTimeout => Effect::Replace(408, String::new()),
        Hiccup::UnknownStatus => Effect::Replace(520, "{}".into()),
    };
    match hiccup {
        Hiccup::LostOnceApplied => Fault::on_any(effect).once_applied(),
        _ => Fault::on_any(effect),
    }
}

impl<'a> Way<'a> {
    pub(super) async fn open(world: Emulator, kind: Kind, tally: &'a Mutex<Tally>) -> Self {
        let runner = match kind {
            Kind::InProcess => Runner::InProcess(Box::new(InProcess::start(&world, "on").await)),
            Kind::Binary => {
                Runner::Binary(world.function(crate::scene::bootstrap()).await.unwrap())
            }
        };
        Self {
            world,
            runner,
            lasting: Mutex::default(),
            hiccups: Mutex::default(),
            tally,
            breaches: Mutex::default(),
        }
    }

    /// What goes wrong from here on, in place of what did.
    pub(super) fn expect(&self, lasting: Vec<Fault>, hiccups: &[Option<(u32, Hiccup)>]) {
        *lock(&self.lasting) = lasting;
        *lock(&self.hiccups) = hiccups.iter().copied().collect();
    }

    /// What the function did that no fault excuses.
    pub(super) fn breaches(&self) -> Vec<String> {
        lock(&self.breaches).clone()
    }

    /// Delivers a request once more, after its time.
    pub(super) async fn late(&self, request: &Request) {
        lock(self.tally).late += 1;
        self.deliver(request, &Delivery::once()).await;
    }

    async fn attempt(&self, request: &Request, attempt: Attempt) -> Option<Vec<u8>> {
        self.set_up(attempt.outcome);
        let kept = self.world.sink.puts().len();
        let answered = self.invoke(request.event()).await;
        self.world.contacts.clear_faults();
        self.world.sink.clear_faults();
        let puts = self.world.sink.puts();
        let ours = puts
            .iter()
            .skip(kept)
            .find(|put| put.request == request.ids());
        let refused = self.world.sink.refusals();
        let mut breaches = lock(&self.breaches);
        breaches.extend(refused.into_iter().map(|why| format!("S3 refused: {why}")));
        if answered == Some(true) && ours.is_none() {
            breaches.push(format!("{request}: ended well without an answer"));
        }
        if answered == Some(false) && attempt.outcome == AttemptOutcome::Completed {
            breaches.push(format!("{request}: ended badly without a cause"));
        }
        ours.map(|put| put.body.to_vec())
    }

    fn set_up(&self, ending: AttemptOutcome) {
        let mut tally = lock(self.tally);
        tally.events += 1;
        // What lasts comes last: a hiccup of the same call hits first.
        if let Some(Some((after, hiccup))) = lock(&self.hiccups).pop_front() {
            *tally.hiccups.entry(hiccup).or_default() += 1;
            self.world.contacts.fault(fault(hiccup).after(after));
        }
        match ending {
            AttemptOutcome::Completed => {}
            AttemptOutcome::KilledAfter(calls) => {
                let before = u32::try_from(calls.saturating_sub(1)).unwrap();
                self.world
                    .contacts
                    .fault(Fault::on_any(Effect::Stop).after(before).once_applied());
            }
            AttemptOutcome::ResponseLost => {
                tally.answers_lost += 1;
                self.world.sink.fault(PutFault::Status(403, "AccessDenied"));
            }
        }
        for fault in lock(&self.lasting).iter() {
            self.world.contacts.fault(fault.clone());
        }
    }

    /// Invokes the function: whether it ended well, `None` if it was killed.
    async fn invoke(&self, event: Value) -> Option<bool> {
        let calls = self.world.contacts.count();
        let killed = async {
            self.world.contacts.stopped().await;
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
        lock(self.tally).calls += self.world.contacts.count() - calls;
        ended
    }
}

impl Transport for Way<'_> {
    fn response_url(&self, request: &Request) -> String {
        self.world.sink.presign(&request.ids())
    }

    async fn deliver(&self, request: &Request, delivery: &Delivery) -> Option<Vec<u8>> {
        delivery
            .carry_out(|attempt| self.attempt(request, attempt))
            .await
    }
}
