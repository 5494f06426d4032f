//! How a request is delivered to the function: at least once, and with injected failures.

use super::event::StackEvent;
use super::request::Request;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    Completed,
    KilledAfter(usize),
    ResponseLost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub outcome: AttemptOutcome,
}

/// All attempts carry the same event. Lambda retries a failed invocation twice, and duplicates also
/// occur without an error (custom resource protocol). The transport makes the attempts, and the
/// first response that is received counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery(pub Vec<Attempt>);

impl Delivery {
    /// Creates a delivery of attempts with these outcomes, one after the other.
    pub fn of(outcomes: &[AttemptOutcome]) -> Self {
        let attempt = |&outcome| Attempt { outcome };
        Self(outcomes.iter().map(attempt).collect())
    }

    pub fn once() -> Self {
        Self::of(&[AttemptOutcome::Completed])
    }

    /// `run` makes one attempt, including the kill, and returns the body of the PUT. A PUT before
    /// the kill counts.
    pub(crate) async fn carry_out<Run, Running>(&self, mut run: Run) -> Option<Vec<u8>>
    where
        Run: FnMut(Attempt) -> Running,
        Running: Future<Output = Option<Vec<u8>>>,
    {
        let mut first = None;
        for &attempt in &self.0 {
            let body =
                run(attempt).await.filter(|_| attempt.outcome != AttemptOutcome::ResponseLost);
            first = first.or(body);
        }
        first
    }
}

/// Delivers requests to the function and returns its responses. The function may be a process
/// behind the Lambda Runtime API or a handler that is called directly.
pub trait Transport: Sync {
    /// Returns the presigned URL for the response. The request's `response_url` is still empty.
    fn response_url(&self, request: &Request) -> String;

    /// Receives the events of the stack as they occur. By default, they are ignored.
    fn event(&self, event: &StackEvent) {
        let _ = event;
    }

    /// Delivers a request. Returns the body of the PUT to its URL, or `None` if there can be none
    /// any more.
    ///
    /// The caller measures `ServiceTimeout`. It polls the delivery of a timed-out or cancelled
    /// request until it ends, and an operation ends only after all its deliveries. So every
    /// delivery must end.
    fn deliver(
        &self,
        request: &Request,
        delivery: &Delivery,
    ) -> impl Future<Output = Option<Vec<u8>>> + Send;
}
