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
use crate::io::http::causes;
use crate::text::shortened;

/// The calls of one request, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallLog(Arc<Mutex<Vec<Call>>>);

#[derive(Debug)]
struct Call {
    operation: Operation,
    subject: String,
    attempts: u32,
    /// How often the request was sent.
    sent: u32,
    last_reply: Option<Reply>,
    /// Why the last attempt got no reply.
    no_reply: Option<String>,
    succeeded: bool,
    /// Whether no further attempt follows.
    ended: bool,
}

impl Call {
    /// Whether it was sent once and refused. A refusal that is retried is not final.
    fn was_refused_for_good(&self) -> bool {
        let is_final = |reply: &Reply| (400..500).contains(&reply.status);
        self.sent == 1
            && self.attempts == 1
            && self.no_reply.is_none()
            && !self.succeeded
            && self.last_reply.as_ref().is_some_and(is_final)
    }
}

/// What the reply of a failed attempt says.
#[derive(Debug)]
struct Reply {
    status: u16,
    code: Option<String>,
    message: String,
    request_id: Option<String>,
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
            attempts: 0,
            sent: 0,
            last_reply: None,
            no_reply: None,
            succeeded: false,
            ended: false,
        });
        CallRecord {
            log: self.clone(),
            index: calls.len() - 1,
        }
    }

    /// What is being waited for: the call that has not ended, else the last one.
    pub(crate) fn waiting_for(&self) -> String {
        let calls = self.lock();
        let pending = calls.iter().rev().find(|call| !call.ended);
        let Some(call) = pending.or(calls.last()) else {
            return "the first call".to_owned();
        };
        let mut text = format!("{} for {}", call.operation.as_str(), call.subject);
        if call.attempts > 0 {
            let _ = write!(text, ", attempts: {}", call.attempts);
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
            write!(f, "{separator}{}", call.operation.as_str())?;
            if call.attempts > 1 {
                write!(f, "×{}", call.attempts)?;
            }
        }
        Ok(())
    }
}

/// The record of one call. As an interceptor it sees each attempt.
#[derive(Clone, Debug)]
pub(super) struct CallRecord {
    log: CallLog,
    index: usize,
}

impl CallRecord {
    /// Records that no further attempt follows. Returns whether the call was refused for good at
    /// its only sending.
    pub(super) fn end(&self) -> bool {
        self.update(|call| call.ended = true);
        self.log
            .lock()
            .get(self.index)
            .is_some_and(Call::was_refused_for_good)
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
            call.attempts += 1;
            call.no_reply = None;
            match (context.output_or_error(), context.response()) {
                (Some(Err(_)), Some(response)) => {
                    let mut reply = Reply::read(response);
                    if call.operation.is_about_channels() {
                        reply.message.clear();
                    }
                    call.last_reply = Some(reply);
                }
                (Some(Err(error)), None) => {
                    let why = error.as_connector_error().map(|error| causes(error));
                    call.no_reply = Some(why.unwrap_or_else(|| error.to_string()));
                }
                _ => call.succeeded = true,
            }
        });
        Ok(())
    }
}

impl Reply {
    fn read(response: &HttpResponse) -> Self {
        #[derive(serde::Deserialize)]
        struct Body {
            #[serde(rename = "__type")]
            code: String,
            #[serde(rename = "Message", alias = "message", default)]
            message: Option<String>,
        }
        let body = response.body().bytes().unwrap_or_default();
        let body = serde_json::from_slice::<Body>(body).ok();
        let code = body.as_ref().map(|body| &body.code);
        let request_id = response.headers().get("x-amzn-requestid");
        Self {
            status: response.status().as_u16(),
            code: code.map(|code| code.rsplit('#').next().unwrap_or(code).to_owned()),
            message: body.and_then(|body| body.message).unwrap_or_default(),
            request_id: request_id.map(ToOwned::to_owned),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => f.write_str(code)?,
            None => write!(f, "HTTP {} without an error code", self.status)?,
        }
        let message = shortened(self.message.trim().trim_end_matches('.'));
        if !message.is_empty() {
            write!(f, ": {message}")?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}
