//! How long the service asks to wait before a retry.
//!
//! `ThrottlingException` and `InternalServerException` carry `RetryAfterSeconds` in
//! their body (botocore's model of the service). The SDK heeds only a header.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_types::retry::ErrorKind;

/// Makes a retry wait as long as the service asks, and up to half as long again, so
/// that those who were refused together don't come back together.
#[derive(Debug)]
pub(super) struct RetryAfterSeconds;

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(rename = "RetryAfterSeconds")]
    seconds: u16,
}

impl ClassifyRetry for RetryAfterSeconds {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = context
            .response()
            .filter(|response| !response.status().is_success());
        let body = failed.and_then(|response| response.body().bytes());
        let asked = body.and_then(|body| serde_json::from_slice::<Asked>(body).ok());
        match asked {
            Some(Asked { seconds }) if seconds > 0 => {
                let wait = Duration::from_secs(seconds.into());
                let wait = wait.mul_f64(1.0 + fastrand::f64() / 2.0);
                RetryAction::retryable_error_with_explicit_delay(ErrorKind::ThrottlingError, wait)
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "RetryAfterSeconds"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
