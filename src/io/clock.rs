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
        Self::new(
            SharedTimeSource::default(),
            SharedAsyncSleep::new(TokioSleep::new()),
        )
    }
}

impl Clock {
    /// Makes a clock.
    #[must_use]
    pub fn new(time: SharedTimeSource, sleep: SharedAsyncSleep) -> Self {
        Self { time, sleep }
    }

    /// The time since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> Duration {
        let now = self.time.now();
        now.duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// Pauses between attempts that take at most `total` together.
    #[must_use]
    pub fn backoff(&self, total: Duration) -> Backoff<'_> {
        Backoff {
            clock: self,
            left: total,
            next: FIRST_PAUSE,
            until: Duration::MAX,
        }
    }
}

/// The time in which a request may pause.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimit<'a> {
    clock: &'a Clock,
    until: Duration,
}

impl<'a> TimeLimit<'a> {
    /// The limit of work that may take `time`. Pauses end after four fifths of it, so that the
    /// calls after them have time.
    #[must_use]
    pub fn new(clock: &'a Clock, time: Duration) -> Self {
        Self {
            clock,
            until: clock.now() + time.mul_f64(SHARE_OF_PAUSES),
        }
    }

    /// Pauses that take at most `total` together, and end at the limit.
    #[must_use]
    pub fn backoff(&self, total: Duration) -> Backoff<'a> {
        Backoff {
            until: self.until,
            ..self.clock.backoff(total)
        }
    }
}

/// After which share of the time all pauses end.
const SHARE_OF_PAUSES: f64 = 0.8;
/// The longest first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Pauses that double, with jitter, until their total is used up.
#[derive(Debug)]
pub struct Backoff<'a> {
    clock: &'a Clock,
    left: Duration,
    next: Duration,
    until: Duration,
}

impl Backoff<'_> {
    /// Sleeps; returns false if the total is used up or the limit is reached.
    pub async fn pause(&mut self) -> bool {
        let before_limit = self.until.saturating_sub(self.clock.now());
        let left = self.left.min(before_limit);
        if left.is_zero() {
            return false;
        }
        let jittered = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        let pause = jittered.min(left);
        self.clock.sleep.sleep(pause).await;
        self.left -= pause;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        true
    }
}
