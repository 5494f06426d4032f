//! The effects: sends what is due, listens as long as CloudFormation would, and keeps the record.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::delivery::{Delivery, Transport};
use super::ids::Ids;
use super::outcome::{
    Exchange, Outcome, Phase, PhysicalResource, ReceivedResponse, Status, WaitOutcome,
};
use super::plan::{Done, Doomed, Errand, Fate};
use super::request::Request;
use super::response::Response;
use super::template::{OtherFailure, Policy};

/// What a stack's requests have in common.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) stack_name: String,
    pub(super) stack_id: String,
    pub(super) resource_type: String,
    pub(super) ids: Ids,
    pub(super) deliveries: VecDeque<Delivery>,
    pub(super) at_once: usize,
    pub(super) cleanup_attempts: usize,
}

/// What happens to the rest of a phase when one of its errands fails.
#[derive(PartialEq)]
enum OnFailure {
    CancelTheRest,
    FinishTheRunning,
    GoOn,
}

impl OnFailure {
    /// While a change goes forward, a failure cancels what still runs
    /// (cloudformation-coverage-roadmap#1814, aws/aws-cdk#26139 for Create, #31541 for Update). A
    /// rollback that fails starts nothing more; deletes don't wait for each other's success.
    fn of(phase: Phase) -> Self {
        match phase {
            Phase::CreateInProgress | Phase::UpdateInProgress => Self::CancelTheRest,
            Phase::UpdateRollbackInProgress => Self::FinishTheRunning,
            Phase::RollbackInProgress
            | Phase::UpdateCompleteCleanupInProgress
            | Phase::UpdateRollbackCompleteCleanupInProgress
            | Phase::DeleteInProgress => Self::GoOn,
        }
    }
}

enum Alarm {
    ServiceTimeout(usize),
    OtherFailure,
}

impl Alarm {
    fn after(self, pause: Duration) -> BoxFuture<'static, Self> {
        Box::pin(async move {
            tokio::time::sleep(pause).await;
            self
        })
    }
}

/// The end of a phase; errands that were never sent are not among the done.
pub(super) struct Ended {
    pub(super) done: Vec<Done>,
    pub(super) failed: bool,
}

/// One stack operation under way.
pub(super) struct Session<'a, T> {
    transport: &'a T,
    pub(super) sender: &'a mut Sender,
    /// All deliveries that have not ended, those included that nobody listens to any more.
    deliveries: FuturesUnordered<BoxFuture<'a, (usize, Option<Vec<u8>>)>>,
    exchanges: Vec<Exchange>,
    abandoned: Vec<PhysicalResource>,
    retained: Vec<PhysicalResource>,
}

impl<'a, T: Transport> Session<'a, T> {
    pub(super) fn new(transport: &'a T, sender: &'a mut Sender) -> Self {
        Self {
            transport,
            sender,
            deliveries: FuturesUnordered::new(),
            exchanges: Vec::new(),
            abandoned: Vec::new(),
            retained: Vec::new(),
        }
    }

    /// Sends the errands in their order, as many at once as the stack is set to.
    pub(super) async fn run(
        &mut self,
        phase: Phase,
        errands: Vec<Errand>,
        failure: Option<&OtherFailure>,
    ) -> Ended {
        let on_failure = OnFailure::of(phase);
        let mut waiting = VecDeque::from(errands);
        let mut running: BTreeMap<usize, Errand> = BTreeMap::new();
        let mut done = Vec::new();
        let mut failed = false;
        let mut alarms = FuturesUnordered::new();
        loop {
            while running.len() < self.sender.at_once && (!failed || on_failure == OnFailure::GoOn)
            {
                let Some(errand) = waiting.pop_front() else {
                    break;
                };
                if let Some(OtherFailure::While(id, pause)) = failure
                    && *id == errand.logical_id
                {
                    alarms.push(Alarm::OtherFailure.after(*pause));
                }
                let (number, timeout) = self.send(phase, &errand);
                alarms.push(Alarm::ServiceTimeout(number).after(timeout));
                running.insert(number, errand);
            }
            if running.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some((number, body)) = self.deliveries.next() => {
                    let fate = self.hear(number, body);
                    if let Some(errand) = running.remove(&number) {
                        failed |= !fate.succeeded();
                        failed |= failure.is_some_and(|failure| failure.follows(&errand.logical_id));
                        done.push(Done { errand, fate });
                    }
                }
                Some(alarm) = alarms.next() => match alarm {
                    Alarm::OtherFailure => failed = true,
                    Alarm::ServiceTimeout(number) => {
                        if let Some(errand) = running.remove(&number) {
                            self.stop_listening(number, WaitOutcome::TimedOut);
                            done.push(Done { errand, fate: Fate::Failed { physical_id: None } });
                            failed = true;
                        }
                    }
                },
            }
            if failed && on_failure == OnFailure::CancelTheRest {
                for (number, errand) in std::mem::take(&mut running) {
                    self.stop_listening(number, WaitOutcome::Cancelled);
                    done.push(Done {
                        errand,
                        fate: Fate::Cancelled,
                    });
                }
            }
        }
        Ended {
            done,
            failed: failed || failure.is_some(),
        }
    }

    /// Deletes what no policy retains, the last first, and gives what could not be deleted.
    pub(super) async fn delete(&mut self, phase: Phase, doomed: Vec<Doomed>) -> Vec<Doomed> {
        let (retained, mut doomed): (Vec<_>, Vec<_>) = doomed
            .into_iter()
            .partition(|doomed| doomed.policy == Policy::Retain);
        self.retained.extend(retained.iter().map(Doomed::let_go));
        let errands = doomed.iter().rev().map(Doomed::errand).collect();
        let ended = self.run(phase, errands, None).await;
        doomed.retain(|doomed| {
            let errand = doomed.errand();
            ended
                .done
                .iter()
                .any(|done| done.errand == errand && !done.fate.succeeded())
        });
        doomed
    }

    /// Deletes as [`delete`](Self::delete) does, but tries again, and gives up in the end: a
    /// clean-up never fails an update (aws-cdk `docs/CLOUDFORMATION.md`, "Failing Resource
    /// Deletions"; knowledge centre, "CloudFormation tries to delete a resource three times").
    pub(super) async fn clean_up(&mut self, phase: Phase, mut doomed: Vec<Doomed>) {
        for _ in 0..self.sender.cleanup_attempts {
            doomed = self.delete(phase, doomed).await;
        }
        self.abandoned.extend(doomed.iter().map(Doomed::let_go));
    }

    /// Waits until every delivery has ended, and closes the record.
    pub(super) async fn finish(mut self, status: Status) -> Outcome {
        while let Some((number, body)) = self.deliveries.next().await {
            self.hear(number, body);
        }
        let Self {
            exchanges,
            abandoned,
            retained,
            ..
        } = self;
        Outcome {
            status,
            exchanges,
            abandoned,
            retained,
        }
    }

    fn send(&mut self, phase: Phase, errand: &Errand) -> (usize, Duration) {
        let mut request = Request {
            stack_id: self.sender.stack_id.clone(),
            request_id: self.sender.ids.uuid(),
            logical_id: errand.logical_id.clone(),
            resource_type: self.sender.resource_type.clone(),
            request_type: errand.request_type.clone(),
            response_url: String::new(),
        };
        request.response_url = self.transport.response_url(&request);
        let timeout = request.service_timeout();
        let delivery = self
            .sender
            .deliveries
            .pop_front()
            .unwrap_or_else(Delivery::once);
        let number = self.exchanges.len();
        self.exchanges.push(Exchange {
            phase,
            request: request.clone(),
            delivery: delivery.clone(),
            response: ReceivedResponse::Missing,
            wait: WaitOutcome::DeliveryEnded,
        });
        let transport = self.transport;
        self.deliveries.push(Box::pin(async move {
            (number, transport.deliver(&request, &delivery).await)
        }));
        (number, timeout)
    }

    fn hear(&mut self, number: usize, body: Option<Vec<u8>>) -> Fate {
        let Some(exchange) = self.exchanges.get_mut(number) else {
            return Fate::Cancelled;
        };
        if let Some(body) = body {
            exchange.response = match Response::parse(&body, &exchange.request.ids()) {
                Ok(answer) => ReceivedResponse::Valid(answer),
                Err(invalid) => ReceivedResponse::Invalid(invalid),
            };
        }
        Fate::of(&exchange.response)
    }

    fn stop_listening(&mut self, number: usize, wait: WaitOutcome) {
        if let Some(exchange) = self.exchanges.get_mut(number) {
            exchange.wait = wait;
        }
    }
}
