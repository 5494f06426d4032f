//! The log: this crate's own lines, and nobody else's.
//!
//! The SDK, hyper and reqwest would print URLs, headers and bodies at TRACE, and
//! with them the presigned URL and the credentials. They are not asked.

use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Starts the log on standard output, with the level of `AWS_LAMBDA_LOG_LEVEL` (INFO
/// if unset or unknown) and the format of `AWS_LAMBDA_LOG_FORMAT` (`JSON`, else text).
pub fn start(variable: impl Fn(&str) -> Option<String>) {
    let level = variable("AWS_LAMBDA_LOG_LEVEL");
    let level = match level.as_deref().map(str::to_ascii_uppercase).as_deref() {
        // Lambda's own word; tracing has none above ERROR.
        Some("FATAL") => LevelFilter::ERROR,
        Some(word) => word.parse().unwrap_or(LevelFilter::INFO),
        None => LevelFilter::INFO,
    };
    let ours = FilterFn::new(|line| line.target().starts_with(env!("CARGO_CRATE_NAME")));
    let json = variable("AWS_LAMBDA_LOG_FORMAT").is_some_and(|f| f.eq_ignore_ascii_case("json"));
    let lines = fmt::layer().with_ansi(false).with_target(false);
    let lines = if json {
        let lines = lines.json().flatten_event(true);
        lines.with_current_span(false).with_span_list(false).boxed()
    } else {
        // Lambda puts the time before lines of text itself.
        lines.without_time().boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(ours).with_filter(level))
        .init();
}
