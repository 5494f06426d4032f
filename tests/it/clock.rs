//! docs/behavior.md, section 14: the pauses between attempts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::SharedTimeSource;
use ssm_contact_resource::io::clock::Clock;

/// Records the requested pauses and does not sleep.
#[derive(Clone, Debug, Default)]
struct Pauses(Arc<Mutex<Vec<Duration>>>);

impl AsyncSleep for Pauses {
    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.lock().unwrap().push(duration);
        Sleep::new(std::future::ready(()))
    }
}

async fn pauses(total: Duration) -> Vec<Duration> {
    let pauses = Pauses::default();
    let sleep = SharedAsyncSleep::new(pauses.clone());
    let clock = Clock::new(SharedTimeSource::default(), sleep);
    let mut backoff = clock.backoff(total);
    while backoff.pause().await {}
    let pauses = pauses.0.lock().unwrap();
    pauses.clone()
}

#[tokio::test]
async fn pauses_double_up_to_8_seconds_with_jitter_until_their_total() {
    let total = Duration::from_mins(1);
    let found = pauses(total).await;
    assert_eq!(found.iter().sum::<Duration>(), total);
    let mut longest = Duration::from_millis(500);
    for pause in &found[..found.len() - 1] {
        assert!((longest / 2..=longest).contains(pause), "{found:?}");
        longest = (longest * 2).min(Duration::from_secs(8));
    }
    assert_ne!(found, pauses(total).await, "the pauses have jitter");
    assert_eq!(pauses(Duration::ZERO).await, [Duration::ZERO; 0]);
}
