//! How much time a request has: the earlier of Lambda's deadline and CloudFormation's.

use std::time::Duration;

/// Kept back for the answer where there is time enough.
const ANSWER_RESERVE: Duration = Duration::from_secs(10);
/// The longest that the function ends before Lambda would end it, so that what it has
/// to say of an answer that could not be sent is heard.
const LAMBDA_MARGIN: Duration = Duration::from_millis(250);
/// The time to answer a request that nobody waits for any more.
const LAST_WORD: Duration = Duration::from_secs(5);

/// When one request must be answered. Moments are times since the Unix epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deadline {
    answer_by: Duration,
    too_late: bool,
}

impl Deadline {
    /// The deadline of a request that was `received` then.
    ///
    /// `lambda` is Lambda's; one that already lies in the past is none, since local
    /// emulators send such. CloudFormation counts `service_timeout` from `signed_at`,
    /// or as far as anybody can tell from when the request was received.
    #[must_use]
    pub fn new(
        received: Duration,
        lambda: Duration,
        signed_at: Option<Duration>,
        service_timeout: Duration,
    ) -> Self {
        // A clock ahead of ours must not lengthen the wait.
        let asked_at = signed_at.unwrap_or(received).min(received);
        let cloudformation = asked_at + service_timeout;
        let too_late = cloudformation <= received;
        let wanted_by = if too_late {
            received + LAST_WORD
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

    /// Whether CloudFormation had stopped waiting before the request came, so that
    /// nothing may change any more.
    #[must_use]
    pub fn is_too_late(&self) -> bool {
        self.too_late
    }

    /// The time for the answer.
    #[must_use]
    pub fn for_answer(&self, now: Duration) -> Duration {
        self.answer_by.saturating_sub(now)
    }

    /// The time for the work, which leaves enough for the answer.
    #[must_use]
    pub fn for_work(&self, now: Duration) -> Duration {
        let left = self.for_answer(now);
        left.saturating_sub(ANSWER_RESERVE.min(left / 4))
    }
}
