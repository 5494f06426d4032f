//! Classifies replies that the SDK would not retry, and reads how long the service asks to
//! wait before a retry.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_types::retry::ErrorKind;
use serde::de::IgnoredAny;

/// Runs after the SDK's own classifiers.
#[derive(Debug)]
pub(super) struct RetryClassifier;

/// The body of `ThrottlingException` and `InternalServerException` (botocore's model of
/// the service). The SDK reads the wait from a header only.
#[derive(serde::Deserialize)]
struct Wait {
    #[serde(rename = "RetryAfterSeconds")]
    seconds: u16,
}

impl ClassifyRetry for RetryClassifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = context.output_or_error().is_some_and(|result| result.is_err());
        let Some(response) = context.response().filter(|_| failed) else {
            return RetryAction::NoActionIndicated;
        };
        let body = response.body().bytes().unwrap_or_default();
        if response.status().is_success() {
            // A success that can't be parsed leaves the outcome unknown.
            return match serde_json::from_slice::<IgnoredAny>(body) {
                Ok(_) => RetryAction::NoActionIndicated,
                Err(_) => RetryAction::transient_error(),
            };
        }
        if let Ok(Wait { seconds: seconds @ 1.. }) = serde_json::from_slice(body) {
            // Up to half as long again, so that clients that were throttled together do
            // not retry together.
            let wait = Duration::from_secs(seconds.into());
            let wait = wait.mul_f64(1.0 + fastrand::f64() / 2.0);
            return RetryAction::retryable_error_with_explicit_delay(
                ErrorKind::ThrottlingError,
                wait,
            );
        }
        // The SDK knows some codes and some statuses. A proxy in between may answer with
        // any status and without a code.
        match response.status().as_u16() {
            429 => RetryAction::throttling_error(),
            408 | 500.. => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "RetryClassifier"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
