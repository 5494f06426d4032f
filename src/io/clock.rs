//! The clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now, since the Unix epoch.
#[must_use]
pub fn now() -> Duration {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A delay with jitter: between half of it and all of it.
#[must_use]
pub fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(0.5 + fastrand::f64() / 2.0)
}
