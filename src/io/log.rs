//! The log: one line a request, and warnings.
//!
//! Only lines of this crate are written. The SDK, hyper and reqwest would print URLs,
//! headers and bodies at TRACE, and with them the presigned URL and the credentials.
//!
//! Values are logged as string fields, which are escaped in the text format. In a message
//! they could forge a line.

use std::time::Duration;

use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::contact::ContactArn;
use crate::event::Request;
use crate::response::Outcome;

/// Starts the log on standard output, with the level of `AWS_LAMBDA_LOG_LEVEL` (INFO if
/// unset or unknown) and the format of `AWS_LAMBDA_LOG_FORMAT` (`JSON`, else text).
pub fn start(variable: impl Fn(&str) -> Option<String>) {
    let level = variable("AWS_LAMBDA_LOG_LEVEL");
    let level = match level.as_deref().map(str::to_ascii_uppercase).as_deref() {
        // Lambda's own level. tracing has none above ERROR.
        Some("FATAL") => LevelFilter::ERROR,
        Some(name) => name.parse().unwrap_or(LevelFilter::INFO),
        None => LevelFilter::INFO,
    };
    let ours = FilterFn::new(|line| line.target().starts_with(env!("CARGO_CRATE_NAME")));
    let json = variable("AWS_LAMBDA_LOG_FORMAT").is_some_and(|f| f.eq_ignore_ascii_case("json"));
    let lines = fmt::layer().with_ansi(false).with_target(false);
    let lines = if json {
        let lines = lines.json().flatten_event(true);
        lines.with_current_span(false).with_span_list(false).boxed()
    } else {
        // Lambda adds the time to lines of text itself.
        lines.without_time().boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(ours).with_filter(level))
        .init();
}

/// Logs what became of a request, with its calls and the time that it took.
pub(crate) fn request(request: &Request, outcome: &Outcome, calls: &str, took: Duration) {
    let resource = &request.resource;
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    macro_rules! line {
        ($level:ident, $status:literal, $reason:expr) => {
            tracing::$level!(
                stack_id = resource.stack_id,
                logical_id = resource.logical_id,
                alias = request.alias(),
                request_id = resource.request_id,
                physical_id = outcome.physical_id,
                calls,
                status = $status,
                reason = $reason,
                ms,
                "{}",
                request.request_type()
            )
        };
    }
    match &outcome.result {
        Ok(_) => line!(info, "SUCCESS", ""),
        Err(reason) => line!(warn, "FAILED", reason.as_str()),
    }
}

/// Logs a warning about a contact.
pub(crate) fn contact_warning(what: &'static str, arn: &ContactArn, why: &impl ToString) {
    tracing::warn!(contact = arn.to_string(), why = why.to_string(), "{what}");
}

/// Logs a warning about a channel.
pub(crate) fn channel_warning(what: &'static str, arn: &str, why: &impl ToString) {
    tracing::warn!(channel = arn, why = why.to_string(), "{what}");
}

/// Logs a warning.
pub(crate) fn warning(what: &'static str) {
    tracing::warn!("{what}");
}

/// Logs that an invocation ends without all of its answers.
pub(crate) fn not_answered(errors: &str) {
    tracing::error!(error = errors, "not answered");
}
