//! Runs one stack operation: sends requests, waits for responses as long as CloudFormation would,
//! and records every exchange.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::changes::{Changes, Next};
use super::delivery::{Delivery, Transport};
use super::id_generator::IdGenerator;
use super::outcome::{
    Exchange, Outcome, Phase, PhysicalResource, ReceivedResponse, Status, WaitOutcome,
};
use super::pending::{CompletedRequest, PendingDelete, PendingRequest, RequestResult};
use super::request::Request;
use super::response::Response;
use super::template::{OtherFailure, Policy};

/// What all requests of a stack have in common.
#[derive(Clone, Debug)]
pub(super) struct RequestContext {
    pub(super) stack_name: String,
    pub(super) stack_id: String,
    pub(super) ids: IdGenerator,
    pub(super) deliveries: VecDeque<Delivery>,
    pub(super) max_concurrency: usize,
    pub(super) cleanup_attempts: usize,
    pub(super) finishes_independent: bool,
}

/// What happens to the other requests of a phase after one of them fails.
#[derive(PartialEq)]
enum OnFailure {
    CancelRunning,
    FinishRunning,
    Continue,
}

impl OnFailure {
    /// A failure of a Create or an Update cancels the requests that run at the same time
    /// (cloudformation-coverage-roadmap#1814, aws/aws-cdk#26139 for Create, #31541 for Update).
    /// After a failed rollback Update, CloudFormation sends no further one. Deletes do not depend
    /// on each other.
    fn of(phase: Phase) -> Self {
        match phase {
            Phase::CreateInProgress | Phase::UpdateInProgress => Self::CancelRunning,
            Phase::UpdateRollbackInProgress => Self::FinishRunning,
            Phase::RollbackInProgress
            | Phase::UpdateCompleteCleanupInProgress
            | Phase::UpdateRollbackCompleteCleanupInProgress
            | Phase::DeleteInProgress => Self::Continue,
        }
    }
}

enum Timer {
    ServiceTimeout(usize),
    OtherFailure,
}

impl Timer {
    fn after(self, delay: Duration) -> BoxFuture<'static, Self> {
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            self
        })
    }
}

/// The requests of a phase.
pub(super) enum Work<'a> {
    /// These, in this order.
    Requests(VecDeque<PendingRequest>),
    /// Those that bring the stack to a template.
    Changes(&'a mut Changes),
}

impl Work<'_> {
    fn next(&mut self, running: &BTreeMap<usize, PendingRequest>) -> Next {
        match self {
            Self::Requests(requests) => match requests.pop_front() {
                Some(request) => Next::Request(request),
                None => Next::End,
            },
            Self::Changes(changes) => {
                changes.next(|id| running.values().any(|request| request.logical_id == id))
            }
        }
    }

    fn complete(&mut self, completed: &CompletedRequest) {
        if let Self::Changes(changes) = self {
            changes.complete(completed);
        }
    }
}

/// The result of a phase. Requests that were not sent are not among the completed ones.
#[derive(Default)]
pub(super) struct PhaseResult {
    pub(super) completed: Vec<CompletedRequest>,
    pub(super) failed: bool,
    /// The logical ids of the resources that failed.
    pub(super) failures: Vec<String>,
}

impl PhaseResult {
    fn fail(&mut self, logical_id: &str) {
        self.failed = true;
        self.failures.push(logical_id.to_owned());
    }
}

/// A stack operation that is in progress.
pub(super) struct Operation<'a, T> {
    pub(super) transport: &'a T,
    pub(super) context: &'a mut RequestContext,
    /// All deliveries that have not ended, also those whose response has no effect any more.
    deliveries: FuturesUnordered<BoxFuture<'a, (usize, Option<Vec<u8>>)>>,
    pub(super) exchanges: Vec<Exchange>,
    abandoned: Vec<PhysicalResource>,
    retained: Vec<PhysicalResource>,
}

impl<'a, T: Transport> Operation<'a, T> {
    pub(super) fn new(transport: &'a T, context: &'a mut RequestContext) -> Self {
        Self {
            transport,
            context,
            deliveries: FuturesUnordered::new(),
            exchanges: Vec::new(),
            abandoned: Vec::new(),
            retained: Vec::new(),
        }
    }

    /// Sends the requests of a phase in their order, up to `max_concurrency` at the same time. A
    /// request waits for those of the resources that its resource depends on.
    pub(super) async fn run(
        &mut self,
        phase: Phase,
        mut work: Work<'_>,
        failure: Option<&OtherFailure>,
    ) -> PhaseResult {
        let on_failure = match OnFailure::of(phase) {
            OnFailure::CancelRunning if self.context.finishes_independent => OnFailure::Continue,
            on_failure => on_failure,
        };
        let mut running: BTreeMap<usize, PendingRequest> = BTreeMap::new();
        let mut phase_result = PhaseResult::default();
        let mut timers = FuturesUnordered::new();
        loop {
            while running.len() < self.context.max_concurrency
                && (!phase_result.failed || on_failure == OnFailure::Continue)
            {
                let request = match work.next(&running) {
                    Next::Request(request) => request,
                    Next::Failed(unresolved) => {
                        self.unresolved(phase, &unresolved);
                        phase_result.fail(&unresolved.logical_id);
                        continue;
                    }
                    Next::Blocked | Next::End => break,
                };
                if let Some(OtherFailure::While(id, delay)) = failure
                    && *id == request.logical_id
                {
                    timers.push(Timer::OtherFailure.after(*delay));
                }
                let (number, timeout) = self.send(phase, &request);
                timers.push(Timer::ServiceTimeout(number).after(timeout));
                running.insert(number, request);
            }
            if running.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some((number, body)) = self.deliveries.next() => {
                    let result = self.receive(number, body);
                    if let Some(request) = running.remove(&number) {
                        self.ended(number);
                        if !result.succeeded() {
                            phase_result.fail(&request.logical_id);
                        }
                        phase_result.failed |= failure.is_some_and(|failure| failure.follows(&request.logical_id));
                        let completed = CompletedRequest { request, result };
                        work.complete(&completed);
                        phase_result.completed.push(completed);
                    }
                }
                Some(timer) = timers.next() => match timer {
                    Timer::OtherFailure => phase_result.failed = true,
                    Timer::ServiceTimeout(number) => {
                        if let Some(request) = running.remove(&number) {
                            self.stop_waiting(number, WaitOutcome::TimedOut);
                            phase_result.fail(&request.logical_id);
                            let result = RequestResult::Failed { physical_id: None };
                            phase_result.completed.push(CompletedRequest { request, result });
                        }
                    }
                },
            }
            if phase_result.failed && on_failure == OnFailure::CancelRunning {
                for (number, request) in std::mem::take(&mut running) {
                    self.stop_waiting(number, WaitOutcome::Cancelled);
                    phase_result.completed.push(CompletedRequest {
                        request,
                        result: RequestResult::Cancelled,
                    });
                }
            }
        }
        phase_result.failed |= failure.is_some();
        phase_result
    }

    /// Sends Deletes, the last resource first, for what no policy retains. Returns those that
    /// failed.
    pub(super) async fn delete(
        &mut self,
        phase: Phase,
        deletes: Vec<PendingDelete>,
    ) -> Vec<PendingDelete> {
        let (retained, mut deletes): (Vec<_>, Vec<_>) = deletes
            .into_iter()
            .partition(|delete| delete.policy != Policy::Delete);
        self.retained
            .extend(retained.iter().map(PendingDelete::resource));
        for skipped in retained.iter().rev() {
            self.skipped(skipped);
        }
        let requests = deletes.iter().rev().map(PendingDelete::request).collect();
        let result = self.run(phase, Work::Requests(requests), None).await;
        deletes.retain(|delete| {
            let request = delete.request();
            result
                .completed
                .iter()
                .any(|completed| completed.request == request && !completed.result.succeeded())
        });
        deletes
    }

    /// Deletes as [`delete`](Self::delete) does, and sends failed Deletes again, up to
    /// `cleanup_attempts` times. What then still exists is abandoned: a cleanup never fails an
    /// update (aws-cdk `docs/CLOUDFORMATION.md`, "Failing Resource Deletions"; knowledge center,
    /// "CloudFormation tries to delete a resource three times").
    pub(super) async fn clean_up(&mut self, phase: Phase, mut deletes: Vec<PendingDelete>) {
        for _ in 0..self.context.cleanup_attempts {
            deletes = self.delete(phase, deletes).await;
        }
        self.abandoned
            .extend(deletes.iter().map(PendingDelete::resource));
    }

    /// Waits until every delivery has ended, and returns the outcome.
    pub(super) async fn finish(mut self, status: Status) -> Outcome {
        while let Some((number, body)) = self.deliveries.next().await {
            self.receive(number, body);
        }
        self.stack_is(&status.to_string(), None);
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

    fn send(&mut self, phase: Phase, pending: &PendingRequest) -> (usize, Duration) {
        let mut request = Request {
            stack_id: self.context.stack_id.clone(),
            request_id: self.context.ids.uuid(),
            logical_id: pending.logical_id.clone(),
            resource_type: pending.resource_type.clone(),
            request_type: pending.request_type.clone(),
            response_url: String::new(),
        };
        request.response_url = self.transport.response_url(&request);
        let timeout = request.service_timeout();
        let delivery = self
            .context
            .deliveries
            .pop_front()
            .unwrap_or_else(Delivery::once);
        self.started(&request);
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

    fn receive(&mut self, number: usize, body: Option<Vec<u8>>) -> RequestResult {
        let Some(exchange) = self.exchanges.get_mut(number) else {
            return RequestResult::Cancelled;
        };
        if let Some(body) = body {
            exchange.response = match Response::parse(&body, &exchange.request.ids()) {
                Ok(response) => ReceivedResponse::Valid(response),
                Err(invalid) => ReceivedResponse::Invalid(invalid),
            };
        }
        RequestResult::of(&exchange.response)
    }

    fn stop_waiting(&mut self, number: usize, outcome: WaitOutcome) {
        if let Some(exchange) = self.exchanges.get_mut(number) {
            exchange.wait = outcome;
        }
        self.ended(number);
    }
}
