//! The clock, and the pauses between attempts.

use std::time::{Duration, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SharedTimeSource;

/// Tells the time and sleeps. It is built from the SDK's abstractions, so that a test can
/// replace the system's clock.
#[derive(Clone, Debug)]
pub struct Clock {
    time: SharedTimeSource,
    sleep: SharedAsyncSleep,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SharedTimeSource::default(), SharedAsyncSleep::new(TokioSleep::new()))
    }
}

impl Clock {
    /// Makes a clock.
    #[must_use]
    pub fn new(time: SharedTimeSource, sleep: SharedAsyncSleep) -> Self {
        Self { time, sleep }
    }

    /// The time since the Unix epoch.
    pub(crate) fn now(&self) -> Duration {
        let now = self.time.now();
        now.duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// Pauses between attempts, until this time since the Unix epoch.
    pub(crate) fn backoff_until(&self, until: Duration) -> Backoff<'_> {
        Backoff { clock: self, next: FIRST_PAUSE, until }
    }
}

/// The longest first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Pauses that double, with jitter, until their end.
pub(crate) struct Backoff<'a> {
    clock: &'a Clock,
    next: Duration,
    until: Duration,
}

impl Backoff<'_> {
    /// Sleeps; returns false if the end is reached.
    pub(crate) async fn pause(&mut self) -> bool {
        let left = self.until.saturating_sub(self.clock.now());
        if left.is_zero() {
            return false;
        }
        let jittered = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        self.clock.sleep.sleep(jittered.min(left)).await;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        true
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_async::test_util::instant_time_and_sleep;

    use super::*;

    async fn pauses(until: Duration) -> Vec<Duration> {
        let (time, sleep) = instant_time_and_sleep(UNIX_EPOCH);
        let time = SharedTimeSource::new(time);
        let clock = Clock::new(time, SharedAsyncSleep::new(sleep.clone()));
        let mut backoff = clock.backoff_until(until);
        while backoff.pause().await {}
        sleep.logs()
    }

    #[tokio::test]
    async fn pauses_double_up_to_8_seconds_with_jitter_until_their_end() {
        let end = Duration::from_mins(1);
        let found = pauses(end).await;
        assert_eq!(found.iter().sum::<Duration>(), end);
        let mut longest = FIRST_PAUSE;
        for pause in &found[..found.len() - 1] {
            assert!((longest / 2..=longest).contains(pause), "{found:?}");
            longest = (longest * 2).min(LONGEST_PAUSE);
        }
        assert_ne!(found, pauses(end).await, "the pauses have jitter");
        assert_eq!(pauses(Duration::ZERO).await, [Duration::ZERO; 0]);
    }
}
