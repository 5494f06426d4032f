//! How a request reaches the function: at least once, and not always well.

use std::time::Duration;

use super::request::Request;

/// How one attempt at a delivery ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The function runs through, and its answer arrives.
    Completed,
    /// The function is killed once it has made this many calls to the service.
    KilledAfter(usize),
    /// The function runs through, but its PUT gets lost on the way.
    ResponseLost,
}

/// One attempt at a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// How long after the attempt before (or after the sending) this one starts.
    pub wait: Duration,
    /// How it ends.
    pub outcome: AttemptOutcome,
}

/// How one request is delivered. All attempts carry the same event: Lambda tries an invocation that
/// errored twice more, and duplicates come without any error, too (custom resource protocol). The transport
/// carries this out; the first answer that arrives counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery(pub Vec<Attempt>);

impl Delivery {
    /// These attempts, one right after the other.
    #[must_use]
    pub fn of(outcomes: &[AttemptOutcome]) -> Self {
        let attempt = |&outcome| Attempt {
            wait: Duration::ZERO,
            outcome,
        };
        Self(outcomes.iter().map(attempt).collect())
    }

    /// Once, and well.
    #[must_use]
    pub fn once() -> Self {
        Self::of(&[AttemptOutcome::Completed])
    }

    /// Twice, without any error.
    #[must_use]
    pub fn twice() -> Self {
        Self::of(&[AttemptOutcome::Completed, AttemptOutcome::Completed])
    }

    /// Killed after this many calls, then delivered again.
    #[must_use]
    pub fn killed_after(calls: usize) -> Self {
        Self::of(&[
            AttemptOutcome::KilledAfter(calls),
            AttemptOutcome::Completed,
        ])
    }

    /// The first answer gets lost, then the event is delivered again.
    #[must_use]
    pub fn response_lost() -> Self {
        Self::of(&[AttemptOutcome::ResponseLost, AttemptOutcome::Completed])
    }

    /// Lets the first attempt start this much later.
    #[must_use]
    pub fn late(mut self, wait: Duration) -> Self {
        if let Some(first) = self.0.first_mut() {
            first.wait += wait;
        }
        self
    }

    /// Carries the attempts out one after the other and gives the first answer that was not lost.
    /// `run` makes one attempt, kills it if it is to be killed, and gives the body that was put (one
    /// that was put before the kill counts).
    pub async fn carry_out<Run, Running>(&self, mut run: Run) -> Option<Vec<u8>>
    where
        Run: FnMut(Attempt) -> Running,
        Running: Future<Output = Option<Vec<u8>>>,
    {
        let mut first = None;
        for &attempt in &self.0 {
            tokio::time::sleep(attempt.wait).await;
            let body = run(attempt)
                .await
                .filter(|_| attempt.outcome != AttemptOutcome::ResponseLost);
            first = first.or(body);
        }
        first
    }
}

/// The way to the function and back: a process behind the Lambda Runtime API and a sink for the
/// PUTs, or a handler that is called directly.
pub trait Transport: Sync {
    /// Presigns the URL for a request's answer; the request's own `response_url` is still empty.
    fn response_url(&self, request: &Request) -> String;

    /// Delivers a request and gives the body that was put to its URL, or `None` once it is certain
    /// that none will come.
    ///
    /// `ServiceTimeout` is the engine's business. What it no longer waits for (a timed-out request,
    /// a cancelled one) it goes on polling beside what follows, and an operation only ends once
    /// all its deliveries have: so a delivery must end some day.
    fn deliver(
        &self,
        request: &Request,
        delivery: &Delivery,
    ) -> impl Future<Output = Option<Vec<u8>>> + Send;
}
