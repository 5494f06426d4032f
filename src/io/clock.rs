//! The clock, and the waits between tries.

use std::time::{Duration, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SharedTimeSource;

/// Tells the time and waits, in the SDK's own terms, so that a test can put a clock of
/// its own in place of the system's.
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
    /// A clock out of its two halves.
    #[must_use]
    pub fn new(time: SharedTimeSource, sleep: SharedAsyncSleep) -> Self {
        Self { time, sleep }
    }

    /// Now, since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> Duration {
        let now = self.time.now();
        now.duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// Pauses between tries, at most so long in total.
    #[must_use]
    pub fn backoff(&self, total: Duration) -> Backoff<'_> {
        Backoff {
            clock: self,
            left: total,
            next: FIRST_PAUSE,
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Pauses that double, with jitter, until their total is used up.
#[derive(Debug)]
pub struct Backoff<'a> {
    clock: &'a Clock,
    left: Duration,
    next: Duration,
}

impl Backoff<'_> {
    /// Waits; false where the total is used up.
    pub async fn pause(&mut self) -> bool {
        if self.left.is_zero() {
            return false;
        }
        let jittered = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        let pause = jittered.min(self.left);
        self.clock.sleep.sleep(pause).await;
        self.left -= pause;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        true
    }
}
