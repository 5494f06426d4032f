//! The deadline of a request: the earlier of Lambda's and CloudFormation's.

use std::time::Duration;

use super::response_url::UrlTimes;

/// The time that is reserved for the answer, if there is enough.
const ANSWER_RESERVE: Duration = Duration::from_secs(10);
/// How long before Lambda's deadline the function ends, at most. Lambda then records its
/// error if the answer could not be sent.
const LAMBDA_MARGIN: Duration = Duration::from_millis(250);
/// The longest time that Lambda gives an invocation.
const LAMBDA_MAX: Duration = Duration::from_mins(15);
/// The time for the answer if CloudFormation has stopped waiting.
const LATE_ANSWER: Duration = Duration::from_secs(5);

/// When a request must be answered. All times are since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    answer_by: Duration,
    too_late: bool,
}

impl Deadline {
    /// The deadline of a request.
    ///
    /// `lambda` is Lambda's deadline. One that is in the past is ignored, since local
    /// emulators send such. CloudFormation counts `service_timeout` from when it signed the
    /// URL; if that is not known, from `received`. Nobody can answer once the URL has expired.
    pub(crate) fn new(
        received: Duration,
        lambda: Duration,
        url: UrlTimes,
        service_timeout: Duration,
    ) -> Self {
        // A signer's clock that is ahead must not extend the deadline.
        let asked_at = url.signed_at.unwrap_or(received).min(received);
        let cloudformation = asked_at + service_timeout;
        let cloudformation = url.expires_at.map_or(cloudformation, |end| cloudformation.min(end));
        let too_late = cloudformation <= received;
        let wanted_by = if too_late { received + LATE_ANSWER } else { cloudformation };
        let given = lambda.saturating_sub(received);
        let ended_by =
            (!given.is_zero()).then(|| lambda.saturating_sub(LAMBDA_MARGIN.min(given / 8)));
        Self { answer_by: ended_by.map_or(wanted_by, |ended_by| wanted_by.min(ended_by)), too_late }
    }

    /// The deadline of an invocation that nobody waits for.
    pub(crate) fn of_lambda(received: Duration, lambda: Duration) -> Self {
        Self::new(received, lambda, UrlTimes::default(), LAMBDA_MAX)
    }

    /// Whether CloudFormation had stopped waiting before the request was received, or its URL
    /// had expired. Nothing may be changed then.
    pub(crate) fn is_too_late(&self) -> bool {
        self.too_late
    }

    /// The time until the answer must be sent.
    pub(crate) fn for_answer(&self, now: Duration) -> Duration {
        self.answer_by.saturating_sub(now)
    }

    /// The time for the work. It leaves enough for the answer.
    pub(crate) fn for_work(&self, now: Duration) -> Duration {
        let left = self.for_answer(now);
        left.saturating_sub(ANSWER_RESERVE.min(left / 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const RECEIVED: Duration = s(10_000);
    const UNKNOWN: UrlTimes = UrlTimes { signed_at: None, expires_at: None };

    fn deadline(lambda: u64, url: UrlTimes, service_timeout: u64) -> Deadline {
        Deadline::new(RECEIVED, s(lambda), url, s(service_timeout))
    }

    fn signed(at: u64) -> UrlTimes {
        UrlTimes { signed_at: Some(s(at)), ..UNKNOWN }
    }

    fn expires(at: u64) -> UrlTimes {
        UrlTimes { expires_at: Some(s(at)), ..UNKNOWN }
    }

    #[test]
    fn the_earliest_end_counts() {
        for (lambda, url, service_timeout, seconds) in [
            (10_900, UNKNOWN, 60, 60),
            // An emulator's deadline in the past is none.
            (9_000, UNKNOWN, 3600, 3600),
            (0, UNKNOWN, 3600, 3600),
            (0, signed(9_970), 60, 30),
            // A clock that is ahead does not extend the time.
            (0, signed(20_000), 60, 60),
            (0, expires(10_020), 60, 20),
            (0, UrlTimes { signed_at: Some(s(9_990)), expires_at: Some(s(17_000)) }, 60, 50),
        ] {
            let deadline = deadline(lambda, url, service_timeout);
            assert_eq!(deadline.for_answer(RECEIVED), s(seconds));
            assert!(!deadline.is_too_late());
        }
        // Lambda ends the process, so the function ends a little earlier.
        let left = deadline(10_100, UNKNOWN, 3600).for_answer(RECEIVED);
        assert!(left < s(100) && left > s(99), "{left:?}");
        // Once it has passed, there is no time left.
        assert_eq!(deadline(10_100, UNKNOWN, 3600).for_answer(s(10_101)), s(0));
    }

    #[test]
    fn an_event_after_the_end_is_too_late_and_has_time_for_an_answer() {
        for url in [signed(9_900), expires(10_000), expires(1)] {
            let deadline = deadline(10_900, url, 60);
            assert!(deadline.is_too_late());
            assert_eq!(deadline.for_answer(RECEIVED), LATE_ANSWER);
        }
        assert!(!deadline(10_900, signed(9_941), 60).is_too_late());
    }

    #[test]
    fn work_leaves_time_for_the_answer() {
        assert_eq!(deadline(0, UNKNOWN, 3600).for_work(RECEIVED), s(3590));
        assert_eq!(deadline(0, UNKNOWN, 8).for_work(RECEIVED), s(6));
    }
}
