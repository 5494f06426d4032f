//! The log: what came, warnings, and what became of it.
//!
//! Only lines of this crate are written. The SDK, hyper and reqwest would print URLs,
//! headers and bodies at TRACE, and with them the presigned URL and the credentials.
//!
//! Values are logged as string fields, which are escaped in the text format. In a message
//! they could forge a line. None is longer than `VALUE_MAX`.

use std::borrow::Cow;
use std::io::Write;
use std::time::Duration;

use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::contact::arn::ContactArn;
use crate::ownership::Resource;
use crate::text::shortened_to;

/// Most bytes of a value in a line.
const VALUE_MAX: usize = 4096;

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
    tracing_subscriber::registry().with(lines.with_filter(ours).with_filter(level)).init();
}

/// The lines of one request. Each leads back to the stack and to the invocation.
pub(crate) struct RequestLog<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) request_type: &'static str,
    /// Lambda's request id.
    pub(crate) function_request_id: &'a str,
    /// Whether it is the first invocation of this process.
    pub(crate) cold_start: bool,
}

/// What became of a request.
pub(crate) struct Answered<'a> {
    /// The valid alias that the template gives.
    pub(crate) alias: &'a str,
    pub(crate) physical_id: &'a str,
    /// The Reason; `None` if the request succeeded.
    pub(crate) reason: Option<&'a str>,
    /// The calls, in order.
    pub(crate) calls: &'a str,
    /// The channels that nobody has activated.
    pub(crate) not_activated: &'a str,
    /// Why the answer was not accepted; `None` if it was.
    pub(crate) not_answered: Option<&'a str>,
    pub(crate) took: Duration,
}

/// A time as a line has it.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn value(text: &str) -> Cow<'_, str> {
    shortened_to(text, VALUE_MAX)
}

/// Writes a line with the fields of a request.
macro_rules! log_line {
    ($log:ident, $level:ident, $($fields:tt)*) => {
        tracing::$level!(
            stack_id = &*value(&$log.resource.stack_id),
            logical_id = &*value(&$log.resource.logical_id),
            request_id = &*value(&$log.resource.request_id),
            function_request_id = &*value($log.function_request_id),
            cold_start = $log.cold_start,
            request_type = $log.request_type,
            $($fields)*
        )
    };
}

impl RequestLog<'_> {
    /// A request came. While it waits, or if the process dies, this is its only line.
    pub(crate) fn received(&self) {
        log_line!(self, info, "received");
    }

    /// A warning about a contact.
    pub(crate) fn warning(&self, what: &'static str, contact: &ContactArn, why: &impl ToString) {
        let why = why.to_string();
        log_line!(self, warn, contact = contact.to_string(), why = &*value(&why), "{what}");
    }

    /// The last line of a request.
    pub(crate) fn answered(&self, answered: &Answered<'_>) {
        let Answered { alias, physical_id, reason, calls, not_activated, not_answered, took } =
            answered;
        let ms = milliseconds(*took);
        macro_rules! last {
            ($level:ident, $message:literal) => {
                log_line!(
                    self,
                    $level,
                    alias,
                    physical_id = &*value(physical_id),
                    calls = &*value(calls),
                    status = if reason.is_none() { "SUCCESS" } else { "FAILED" },
                    reason = &*value(reason.unwrap_or_default()),
                    not_activated = &*value(not_activated),
                    error = &*value(not_answered.unwrap_or_default()),
                    ms,
                    $message
                )
            };
        }
        match (not_answered, reason) {
            (Some(_), _) => last!(error, "the answer was not accepted"),
            (None, None) if not_activated.is_empty() => last!(info, "answered"),
            (None, _) => last!(warn, "answered"),
        }
    }
}

/// Logs that an invocation ends without all of its answers.
pub(crate) fn not_answered(errors: &str) {
    tracing::error!(error = &*value(errors), "not answered");
}

/// Logs an on-failure record that nobody waits for.
pub(crate) fn record_without_request(record: &str) {
    tracing::warn!(record = &*value(record), "an on-failure record without a request");
}

/// Logs an entry of a setting that is ignored.
pub fn ignored_setting(name: &'static str, entry: &str) {
    tracing::warn!(name, entry = &*value(entry), "the entry of the setting is ignored");
}

/// Logs what is wrong with a contact.
pub(crate) fn finding(contact: &ContactArn, is_unreachable: bool, why: &str) {
    let (alias, contact) = (contact.alias().as_str(), contact.to_string());
    if is_unreachable {
        tracing::warn!(alias, contact, why = &*value(why), "can't be paged");
    } else {
        tracing::warn!(alias, contact, why = &*value(why), "can be paged, but not by every target");
    }
}

/// Writes a line of JSON as it is, whatever the level and the format of the log are.
pub(crate) fn json(line: &serde_json::Value) {
    // A log that can't be written leaves nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
