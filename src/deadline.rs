//! How much time a request has: the earlier of Lambda's deadline and CloudFormation's.

use std::time::Duration;

/// The time left for one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeLeft {
    /// For the work; what then remains until the answer is due is for the answer.
    pub for_work: Duration,
    /// Until the answer must be out.
    pub for_answer: Duration,
    /// CloudFormation has stopped waiting, so nothing may change any more.
    pub too_late: bool,
}

/// Kept back for the answer where there is time enough.
const ANSWER_RESERVE: Duration = Duration::from_secs(10);
/// The longest that the function ends before Lambda would end it, so that what it has
/// to say of an answer that could not be sent is heard.
const LAMBDA_MARGIN: Duration = Duration::from_millis(250);
/// The time to answer a request that nobody waits for any more.
const LAST_WORD: Duration = Duration::from_secs(5);

/// Computes the time left; moments are times since the Unix epoch.
///
/// `lambda_deadline` is Lambda's; one that already lies in the past is none, since
/// local emulators send such. CloudFormation counts `service_timeout` from
/// `signed_at`, or as far as anybody can tell from `received`.
#[must_use]
pub fn time_left(
    now: Duration,
    lambda_deadline: Duration,
    received: Duration,
    signed_at: Option<Duration>,
    service_timeout: Duration,
) -> TimeLeft {
    // A clock ahead of ours must not lengthen the wait.
    let asked_at = signed_at.unwrap_or(received).min(received);
    let cloudformation = (asked_at + service_timeout).saturating_sub(now);
    let lambda = lambda_deadline.saturating_sub(now);
    let lambda = lambda.saturating_sub(LAMBDA_MARGIN.min(lambda / 8));
    let left = if lambda.is_zero() {
        cloudformation
    } else {
        cloudformation.min(lambda)
    };
    if cloudformation.is_zero() {
        let for_answer = if lambda.is_zero() {
            LAST_WORD
        } else {
            lambda.min(LAST_WORD)
        };
        return TimeLeft {
            for_work: Duration::ZERO,
            for_answer,
            too_late: true,
        };
    }
    TimeLeft {
        for_work: left.saturating_sub(ANSWER_RESERVE.min(left / 4)),
        for_answer: left,
        too_late: false,
    }
}
