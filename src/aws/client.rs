//! The client for SSM Contacts: retries and time-outs.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ssmcontacts::Client;
use aws_sdk_ssmcontacts::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_ssmcontacts::config::timeout::TimeoutConfig;
use aws_sdk_ssmcontacts::config::{IdentityCache, StalledStreamProtectionConfig};

use super::retry::RetryClassifier;

/// How long one attempt may take. The service normally answers within a second.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait before the first retry.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// The longest wait before any retry.
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// More attempts than fit into CloudFormation's hour.
const ATTEMPTS_MAX: u32 = 1000;
/// The largest token bucket that the SDK allows. It never runs out.
const RETRIES_MAX: usize = 500_000_000;

/// Makes the client for SSM Contacts.
///
/// It retries throttling, service faults and lost connections until the caller ends the
/// call. With the SDK's own limits (three attempts, a bucket of retries), a stack would
/// fail that only had to wait.
#[must_use]
pub fn client(config: &SdkConfig) -> Client {
    let bucket = TokenBucket::builder().capacity(RETRIES_MAX).build();
    let config = aws_sdk_ssmcontacts::config::Builder::from(config)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS_MAX)
                .with_initial_backoff(FIRST_BACKOFF)
                .with_max_backoff(LONGEST_BACKOFF),
        )
        .retry_partition(RetryPartition::custom("until-the-deadline").token_bucket(bucket).build())
        .retry_classifier(RetryClassifier)
        // The credentials are in the environment, so nothing needs a cache. The SDK's
        // cache adds up the backoff of every possible attempt before the first one.
        .identity_cache(IdentityCache::no_cache())
        // Stalled-stream protection would end an attempt after six seconds without a
        // reply. `ATTEMPT_TIMEOUT` ends what hangs instead.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
        .build();
    Client::from_conf(config)
}
