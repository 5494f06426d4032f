//! Records the calls of one request: for its log line, for the Reason of a deadline, and
//! for the marker of a failed Create.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::operations::Operation;
use crate::text::{causes, shortened};

/// The calls of one request, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallLog(Arc<Mutex<Vec<Call>>>);

#[derive(Debug)]
struct Call {
    operation: Operation,
    subject: String,
    /// How often the request was sent.
    sent: u32,
    /// What the last reply said that was no success.
    last_reply: Option<String>,
    /// Why the last attempt got no reply.
    no_reply: Option<String>,
    /// Whether the last attempt was refused for good, unless it is retried.
    is_refused: bool,
    /// Whether no further attempt follows.
    ended: bool,
}

impl CallLog {
    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        // A panic elsewhere does not make the log wrong.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a call. The record that it returns follows the call's attempts.
    pub(super) fn begin(&self, operation: Operation, subject: &str) -> CallRecord {
        let mut calls = self.lock();
        calls.push(Call {
            operation,
            subject: subject.to_owned(),
            sent: 0,
            last_reply: None,
            no_reply: None,
            is_refused: false,
            ended: false,
        });
        CallRecord { log: self.clone(), index: calls.len() - 1 }
    }

    /// What is being waited for: the call that has not ended, else the last one.
    pub(crate) fn waiting_for(&self) -> String {
        let calls = self.lock();
        let pending = calls.iter().rev().find(|call| !call.ended);
        let Some(call) = pending.or(calls.last()) else {
            return "the first call".to_owned();
        };
        let mut text = format!("{} for {}", call.operation, call.subject);
        if call.sent > 0 {
            let _ = write!(text, ", attempts: {}", call.sent);
        }
        if let Some(reply) = &call.last_reply {
            let _ = write!(text, ", the last reply: {reply}");
        }
        if let Some(why) = &call.no_reply {
            let _ = write!(text, ", the last attempt got no reply ({})", shortened(why));
        }
        text
    }
}

/// The operations in order, each with its number of attempts if it is not one.
impl fmt::Display for CallLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, call) in self.lock().iter().enumerate() {
            let separator = if n == 0 { "" } else { " " };
            write!(f, "{separator}{}", call.operation)?;
            if call.sent > 1 {
                write!(f, "×{}", call.sent)?;
            }
        }
        Ok(())
    }
}

/// How a failed call ended.
#[derive(Default)]
pub(super) struct Ended {
    /// Whether it was refused for good at its only sending.
    pub(super) was_refused_at_once: bool,
    /// What the reply of the last attempt said; `None` if there was none.
    pub(super) reply: Option<String>,
}

/// The record of one call. As an interceptor it sees each attempt.
#[derive(Clone, Debug)]
pub(super) struct CallRecord {
    log: CallLog,
    index: usize,
}

impl CallRecord {
    /// Records that no further attempt follows.
    pub(super) fn end(&self) -> Ended {
        let mut ended = Ended::default();
        self.update(|call| {
            call.ended = true;
            ended.was_refused_at_once = call.sent == 1 && call.is_refused;
            ended.reply = call.last_reply.clone().filter(|_| call.no_reply.is_none());
        });
        ended
    }

    fn update(&self, update: impl FnOnce(&mut Call)) {
        if let Some(call) = self.log.lock().get_mut(self.index) {
            update(call);
        }
    }
}

#[dyn_dispatch_hint]
impl Intercept for CallRecord {
    fn name(&self) -> &'static str {
        "CallRecord"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.update(|call| call.sent += 1);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.update(|call| {
            call.is_refused = false;
            call.no_reply = None;
            match (context.output_or_error(), context.response()) {
                (Some(Err(_)), Some(response)) => {
                    call.is_refused = (400..500).contains(&response.status().as_u16());
                    call.last_reply =
                        Some(reply_text(response, call.operation.is_about_channels()));
                }
                (Some(Err(error)), None) => {
                    let why = error.as_connector_error().map(|error| causes(error));
                    call.no_reply = Some(why.unwrap_or_else(|| error.to_string()));
                }
                _ => {}
            }
        });
        Ok(())
    }
}

/// What the reply of a failed attempt says; without its message, if that may hold an address.
fn reply_text(response: &HttpResponse, is_hidden: bool) -> String {
    #[derive(Default, serde::Deserialize)]
    struct Body {
        #[serde(rename = "__type", default)]
        code: String,
        #[serde(rename = "Message", alias = "message", default)]
        message: Option<String>,
    }
    let body = response.body().bytes().unwrap_or_default();
    let body = serde_json::from_slice::<Body>(body).unwrap_or_default();
    let code = body.code.rsplit('#').next().unwrap_or_default();
    let mut text = match code {
        "" => format!("HTTP {} without an error code", response.status().as_u16()),
        code => shortened(code).into_owned(),
    };
    let message = body.message.filter(|_| !is_hidden).unwrap_or_default();
    let message = shortened(message.trim().trim_end_matches('.'));
    if !message.is_empty() {
        let _ = write!(text, ": {message}");
    }
    if let Some(id) = response.headers().get("x-amzn-requestid") {
        let _ = write!(text, " (request id {})", shortened(id));
    }
    text
}
