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
use super::pending::{CompletedRequest, PendingDelete, PendingRequest, RequestResult};
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

/// What happens to the rest of a phase when one of its requests fails.
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

/// The end of a phase; requests that were never sent are not among the completed.
pub(super) struct Ended {
    pub(super) completed: Vec<CompletedRequest>,
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

    /// Sends the requests in their order, as many at once as the stack is set to.
    pub(super) async fn run(
        &mut self,
        phase: Phase,
        requests: Vec<PendingRequest>,
        failure: Option<&OtherFailure>,
    ) -> Ended {
        let on_failure = OnFailure::of(phase);
        let mut waiting = VecDeque::from(requests);
        let mut running: BTreeMap<usize, PendingRequest> = BTreeMap::new();
        let mut completed = Vec::new();
        let mut failed = false;
        let mut alarms = FuturesUnordered::new();
        loop {
            while running.len() < self.sender.at_once && (!failed || on_failure == OnFailure::GoOn)
            {
                let Some(request) = waiting.pop_front() else {
                    break;
                };
                if let Some(OtherFailure::While(id, pause)) = failure
                    && *id == request.logical_id
                {
                    alarms.push(Alarm::OtherFailure.after(*pause));
                }
                let (number, timeout) = self.send(phase, &request);
                alarms.push(Alarm::ServiceTimeout(number).after(timeout));
                running.insert(number, request);
            }
            if running.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some((number, body)) = self.deliveries.next() => {
                    let result = self.hear(number, body);
                    if let Some(request) = running.remove(&number) {
                        failed |= !result.succeeded();
                        failed |= failure.is_some_and(|failure| failure.follows(&request.logical_id));
                        completed.push(CompletedRequest { request, result });
                    }
                }
                Some(alarm) = alarms.next() => match alarm {
                    Alarm::OtherFailure => failed = true,
                    Alarm::ServiceTimeout(number) => {
                        if let Some(request) = running.remove(&number) {
                            self.stop_listening(number, WaitOutcome::TimedOut);
                            completed.push(CompletedRequest { request, result: RequestResult::Failed { physical_id: None } });
                            failed = true;
                        }
                    }
                },
            }
            if failed && on_failure == OnFailure::CancelTheRest {
                for (number, request) in std::mem::take(&mut running) {
                    self.stop_listening(number, WaitOutcome::Cancelled);
                    completed.push(CompletedRequest {
                        request,
                        result: RequestResult::Cancelled,
                    });
                }
            }
        }
        Ended {
            completed,
            failed: failed || failure.is_some(),
        }
    }

    /// Deletes what no policy retains, the last first, and gives what could not be deleted.
    pub(super) async fn delete(
        &mut self,
        phase: Phase,
        deletes: Vec<PendingDelete>,
    ) -> Vec<PendingDelete> {
        let (retained, mut deletes): (Vec<_>, Vec<_>) = deletes
            .into_iter()
            .partition(|delete| delete.policy == Policy::Retain);
        self.retained
            .extend(retained.iter().map(PendingDelete::resource));
        let requests = deletes.iter().rev().map(PendingDelete::request).collect();
        let ended = self.run(phase, requests, None).await;
        deletes.retain(|delete| {
            let request = delete.request();
            ended
                .completed
                .iter()
                .any(|completed| completed.request == request && !completed.result.succeeded())
        });
        deletes
    }

    /// Deletes as [`delete`](Self::delete) does, but tries again, and gives up in the end: a
    /// clean-up never fails an update (aws-cdk `docs/CLOUDFORMATION.md`, "Failing Resource
    /// Deletions"; knowledge centre, "CloudFormation tries to delete a resource three times").
    pub(super) async fn clean_up(&mut self, phase: Phase, mut deletes: Vec<PendingDelete>) {
        for _ in 0..self.sender.cleanup_attempts {
            deletes = self.delete(phase, deletes).await;
        }
        self.abandoned
            .extend(deletes.iter().map(PendingDelete::resource));
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

    fn send(&mut self, phase: Phase, request: &PendingRequest) -> (usize, Duration) {
        let mut request = Request {
            stack_id: self.sender.stack_id.clone(),
            request_id: self.sender.ids.uuid(),
            logical_id: request.logical_id.clone(),
            resource_type: self.sender.resource_type.clone(),
            request_type: request.request_type.clone(),
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

    fn hear(&mut self, number: usize, body: Option<Vec<u8>>) -> RequestResult {
        let Some(exchange) = self.exchanges.get_mut(number) else {
            return RequestResult::Cancelled;
        };
        if let Some(body) = body {
            exchange.response = match Response::parse(&body, &exchange.request.ids()) {
                Ok(answer) => ReceivedResponse::Valid(answer),
                Err(invalid) => ReceivedResponse::Invalid(invalid),
            };
        }
        RequestResult::of(&exchange.response)
    }

    fn stop_listening(&mut self, number: usize, wait: WaitOutcome) {
        if let Some(exchange) = self.exchanges.get_mut(number) {
            exchange.wait = wait;
        }
    }
}
