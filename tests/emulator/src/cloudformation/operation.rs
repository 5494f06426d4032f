//! Runs one stack operation: sends requests, waits for responses as long as CloudFormation would,
//! and records every exchange.

use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::sleep;

use super::changes::{Changes, Unresolved};
use super::delivery::{Delivery, Transport};
use super::id_generator::IdGenerator;
use super::outcome::{
    Exchange, Outcome, Phase, PhysicalResource, ReceivedResponse, Status, WaitOutcome,
};
use super::pending::{CompletedRequest, PendingDelete};
use super::request::Request;
use super::response::Response;
use super::template::{OtherFailure, Policy};

/// A cleanup tries to delete a resource three times (aws-cdk `docs/CLOUDFORMATION.md`, "Failing
/// Resource Deletions"; knowledge center, "CloudFormation tries to delete a resource three times").
const CLEANUP_ATTEMPTS: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct RequestContext {
    pub(super) stack_name: String,
    pub(super) stack_id: String,
    pub(super) ids: IdGenerator,
    pub(super) deliveries: VecDeque<Delivery>,
    pub(super) finishes_independent: bool,
}

pub(super) enum Work<'a> {
    Requests(VecDeque<Request>),
    Changes(&'a mut Changes),
}

impl Work<'_> {
    fn next(&mut self) -> Option<Result<Request, Unresolved>> {
        match self {
            Self::Requests(requests) => requests.pop_front().map(Ok),
            Self::Changes(changes) => changes.next(),
        }
    }
}

#[derive(Default)]
pub(super) struct PhaseResult {
    pub(super) completed: Vec<CompletedRequest>,
    pub(super) failed: bool,
    pub(super) failures: Vec<String>,
}

impl PhaseResult {
    fn fail(&mut self, logical_id: String) {
        self.failed = true;
        self.failures.push(logical_id);
    }
}

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

    /// CloudFormation sends no further Create or Update after a failure
    /// (cloudformation-coverage-roadmap#1814, aws/aws-cdk#26139, #31541), also in a rollback.
    /// Deletes do not depend on each other.
    pub(super) async fn run(
        &mut self,
        phase: Phase,
        mut work: Work<'_>,
        failure: Option<&OtherFailure>,
    ) -> PhaseResult {
        let goes_on = match phase {
            Phase::CreateInProgress | Phase::UpdateInProgress => self.context.finishes_independent,
            Phase::UpdateRollbackInProgress => false,
            _ => true,
        };
        let mut result = PhaseResult::default();
        while !result.failed || goes_on {
            let request = match work.next() {
                Some(Ok(request)) => request,
                Some(Err(unresolved)) => {
                    self.unresolved(phase, &unresolved);
                    result.fail(unresolved.logical_id);
                    continue;
                }
                None => break,
            };
            let cancelled_after = match failure {
                Some(OtherFailure::While(id, delay)) if *id == request.logical_id => Some(*delay),
                _ => None,
            };
            let (wait, response) = self.exchange(phase, &request, cancelled_after).await;
            let completed = CompletedRequest { request, response };
            let logical_id = &completed.request.logical_id;
            if wait == WaitOutcome::Cancelled || failure.is_some_and(|it| it.follows(logical_id)) {
                result.failed = true;
            } else if completed.success().is_none() {
                result.fail(logical_id.clone());
            }
            if let Work::Changes(changes) = &mut work {
                changes.complete(&completed);
            }
            result.completed.push(completed);
        }
        result.failed |= failure.is_some();
        result
    }

    /// Sends a request, and waits for its response for as long as CloudFormation does.
    async fn exchange(
        &mut self,
        phase: Phase,
        request: &Request,
        cancelled_after: Option<Duration>,
    ) -> (WaitOutcome, Option<Response>) {
        let number = self.send(phase, request);
        let cancelled = async {
            match cancelled_after {
                Some(delay) => sleep(delay).await,
                None => pending().await,
            }
        };
        let mut timed_out = std::pin::pin!(sleep(request.service_timeout()));
        let mut cancelled = std::pin::pin!(cancelled);
        let wait = loop {
            tokio::select! {
                biased;
                Some((ended, body)) = self.deliveries.next() => {
                    self.receive(ended, body);
                    if ended == number {
                        break WaitOutcome::DeliveryEnded;
                    }
                }
                () = &mut cancelled => break WaitOutcome::Cancelled,
                () = &mut timed_out => break WaitOutcome::TimedOut,
            }
        };
        let mut response = None;
        if let Some(exchange) = self.exchanges.get_mut(number) {
            exchange.wait = wait;
            if let (ReceivedResponse::Valid(valid), WaitOutcome::DeliveryEnded) =
                (&exchange.response, wait)
            {
                response = Some(valid.clone());
            }
        }
        self.ended(number);
        (wait, response)
    }

    pub(super) async fn delete(
        &mut self,
        phase: Phase,
        deletes: Vec<PendingDelete>,
    ) -> Vec<PendingDelete> {
        let is_deleted = |delete: &PendingDelete| delete.policy == Policy::Delete;
        let (mut deletes, retained): (Vec<_>, Vec<_>) = deletes.into_iter().partition(is_deleted);
        self.retained.extend(retained.iter().map(PendingDelete::resource));
        for skipped in retained.iter().rev() {
            self.skipped(skipped);
        }
        let requests = deletes.iter().rev().map(|delete| delete.request.clone()).collect();
        let result = self.run(phase, Work::Requests(requests), None).await;
        deletes.retain(|delete| {
            let mut completed = result.completed.iter();
            completed.any(|it| it.request == delete.request && it.success().is_none())
        });
        deletes
    }

    /// Deletes as [`delete`](Self::delete) does, and sends failed Deletes again. What then still
    /// exists is abandoned: a cleanup never fails an update.
    pub(super) async fn clean_up(&mut self, phase: Phase, mut deletes: Vec<PendingDelete>) {
        for _ in 0..CLEANUP_ATTEMPTS {
            deletes = self.delete(phase, deletes).await;
        }
        self.abandoned.extend(deletes.iter().map(PendingDelete::resource));
    }

    pub(super) async fn finish(mut self, status: Status) -> Outcome {
        while let Some((number, body)) = self.deliveries.next().await {
            self.receive(number, body);
        }
        self.stack_is(&status.to_string(), None);
        Outcome {
            status,
            exchanges: self.exchanges,
            abandoned: self.abandoned,
            retained: self.retained,
        }
    }

    fn send(&mut self, phase: Phase, request: &Request) -> usize {
        let mut request = request.clone();
        request.stack_id.clone_from(&self.context.stack_id);
        request.request_id = self.context.ids.uuid();
        request.response_url = self.transport.response_url(&request);
        let delivery = self.context.deliveries.pop_front().unwrap_or_else(Delivery::once);
        self.resource_is(&request, None, "IN_PROGRESS", None);
        let number = self.exchanges.len();
        self.exchanges.push(Exchange {
            phase,
            request: request.clone(),
            delivery: delivery.clone(),
            response: ReceivedResponse::Missing,
            wait: WaitOutcome::DeliveryEnded,
        });
        let transport = self.transport;
        self.deliveries
            .push(Box::pin(async move { (number, transport.deliver(&request, &delivery).await) }));
        number
    }

    fn receive(&mut self, number: usize, body: Option<Vec<u8>>) {
        if let (Some(exchange), Some(body)) = (self.exchanges.get_mut(number), body) {
            exchange.response = match Response::parse(&body, &exchange.request.ids()) {
                Ok(response) => ReceivedResponse::Valid(response),
                Err(invalid) => ReceivedResponse::Invalid(invalid),
            };
        }
    }
}
