//! What was called for one request, for the log line and for a deadline's answer.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::http::causes;

/// One request's calls, in order.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Vec<Entry>>>);

#[derive(Debug)]
struct Entry {
    operation: &'static str,
    subject: String,
    attempts: u32,
    last_failure: Option<String>,
}

impl Journal {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        // A panic elsewhere does not make the notes wrong.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that an operation begins.
    pub(super) fn begin(&self, operation: &'static str, subject: &str) {
        self.entries().push(Entry {
            operation,
            subject: subject.to_owned(),
            attempts: 0,
            last_failure: None,
        });
    }

    /// The calls in order, each with its attempts if there were several.
    #[must_use]
    pub fn calls(&self) -> String {
        let mut text = String::new();
        for entry in self.entries().iter() {
            let separator = if text.is_empty() { "" } else { " " };
            // Writing to a String can't fail.
            let _ = write!(text, "{separator}{}", entry.operation);
            if entry.attempts > 1 {
                let _ = write!(text, "×{}", entry.attempts);
            }
        }
        text
    }

    /// What is being waited for, if anything: the last operation.
    #[must_use]
    pub fn waiting_for(&self) -> Option<String> {
        let entries = self.entries();
        let entry = entries.last()?;
        let mut text = format!("{} for {}", entry.operation, entry.subject);
        if let Some(failure) = &entry.last_failure {
            let _ = write!(
                text,
                ", tried {} times, the last answer being: {failure}",
                entry.attempts
            );
        }
        Some(text)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Journal {
    fn name(&self) -> &'static str {
        "Journal"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(entry) = self.entries().last_mut() {
            entry.attempts += 1;
            entry.last_failure = match context.output_or_error() {
                Some(Err(error)) => Some(match error.as_connector_error() {
                    Some(error) => format!("none ({})", causes(error)),
                    None => last_answer(context),
                }),
                _ => None,
            };
        }
        Ok(())
    }
}

/// The service's error code, else what is known of an answer that had none.
fn last_answer(context: &FinalizerInterceptorContextRef<'_>) -> String {
    #[derive(serde::Deserialize)]
    struct Coded {
        #[serde(rename = "__type")]
        code: String,
    }
    let Some(response) = context.response() else {
        return "none".to_owned();
    };
    let body = response.body().bytes().unwrap_or_default();
    match serde_json::from_slice::<Coded>(body) {
        Ok(Coded { code }) => code.rsplit('#').next().unwrap_or(&code).to_owned(),
        Err(_) => format!("HTTP {} without an error code", response.status()),
    }
}
