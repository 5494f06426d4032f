//! The deadline of a request: the earlier of Lambda's and CloudFormation's.

use std::time::Duration;

/// The time that is reserved for the answer, if there is enough.
const ANSWER_RESERVE: Duration = Duration::from_secs(10);
/// How long before Lambda's deadline the function ends, at most. Lambda then records its
/// error if the answer could not be sent.
const LAMBDA_MARGIN: Duration = Duration::from_millis(250);
/// The time for the answer if CloudFormation has stopped waiting.
const LATE_ANSWER: Duration = Duration::from_secs(5);

/// When a request must be answered. All times are since the Unix epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deadline {
    answer_by: Duration,
    too_late: bool,
}

impl Deadline {
    /// The deadline of a request.
    ///
    /// `lambda` is Lambda's deadline. One that is in the past is ignored, since local
    /// emulators send such. CloudFormation counts `service_timeout` from `signed_at`; if it
    /// is not known, `received` is used.
    #[must_use]
    pub fn new(
        received: Duration,
        lambda: Duration,
        signed_at: Option<Duration>,
        service_timeout: Duration,
    ) -> Self {
        // A signer's clock that is ahead must not extend the deadline.
        let asked_at = signed_at.unwrap_or(received).min(received);
        let cloudformation = asked_at + service_timeout;
        let too_late = cloudformation <= received;
        let wanted_by = if too_late {
            received + LATE_ANSWER
        } else {
            cloudformation
        };
        let given = lambda.saturating_sub(received);
        let ended_by =
            (!given.is_zero()).then(|| lambda.saturating_sub(LAMBDA_MARGIN.min(given / 8)));
        Self {
            answer_by: ended_by.map_or(wanted_by, |ended_by| wanted_by.min(ended_by)),
            too_late,
        }
    }

    /// Whether CloudFormation had stopped waiting before the request was received. Nothing
    /// may be changed then.
    #[must_use]
    pub fn is_too_late(&self) -> bool {
        self.too_late
    }

    /// The time until the answer must be sent.
    #[must_use]
    pub fn for_answer(&self, now: Duration) -> Duration {
        self.answer_by.saturating_sub(now)
    }

    /// The time for the work. It leaves enough for the answer.
    #[must_use]
    pub fn for_work(&self, now: Duration) -> Duration {
        let left = self.for_answer(now);
        left.saturating_sub(ANSWER_RESERVE.min(left / 4))
    }
}
