//! Connects the handler with Lambda's runtime.
//!
//! `lambda_runtime` parses an event before the handler sees it, and what it can't parse, such as
//! 200 levels or a lone surrogate, it refuses. CloudFormation would then wait for an hour. So each
//! event becomes a JSON string, which can always be parsed.

use lambda_runtime::tower::ServiceBuilder;
use lambda_runtime::{Error, LambdaInvocation, Runtime, service_fn};

use crate::handler::Handler;

/// Handles the events of Lambda until the process ends.
///
/// # Errors
///
/// Returns an error if Lambda's runtime API can't be used.
pub async fn run(handler: Handler) -> Result<(), Error> {
    let handler = &handler;
    let service = service_fn(|event| handler.handle(event));
    let as_string = ServiceBuilder::new().map_request(|mut event: LambdaInvocation| {
        let text = String::from_utf8_lossy(&event.body);
        if let Ok(string) = serde_json::to_vec(&text) {
            event.body = string.into();
        }
        event
    });
    Runtime::new(service).layer(as_string).run().await
}
