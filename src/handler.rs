//! One invocation: parse the payload, carry out each request within its time, answer.
//!
//! It gives the work and the answer their time, and ends what takes longer.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_ssmcontacts::Client;
use futures_util::FutureExt;
use futures_util::future::join_all;
use lambda_runtime::{Context as LambdaContext, Diagnostic, LambdaEvent};

use crate::aws::call_log::CallLog;
use crate::aws::operations::Operations;
use crate::check::Check;
use crate::cloudformation::deadline::Deadline;
use crate::cloudformation::event::{FailureRecord, Payload, Request};
use crate::cloudformation::response::{self, Data, Outcome};
use crate::cloudformation::response_url::ResponseHosts;
use crate::contact::arn::{AccountAndRegion, Alias};
use crate::error::Error;
use crate::io::clock::Clock;
use crate::io::log::{self, Answered, RequestLog};
use crate::io::response_put;
use crate::request::{self, Context, Done};

/// After which share of the time for work all pauses end, so that the calls after them have time.
const SHARE_OF_PAUSES: f64 = 0.8;

/// The function's settings and clients, made once.
pub struct Handler {
    response_hosts: ResponseHosts,
    http: reqwest::Client,
    contacts: Client,
    clock: Clock,
    is_warm: AtomicBool,
}

/// The parts of an invocation that all its requests share.
struct Invocation {
    context: LambdaContext,
    /// When it was received, since the Unix epoch.
    received: Duration,
    cold_start: bool,
}

/// Why an event was not answered.
type NotAnswered = Box<dyn std::error::Error + Send + Sync>;

impl Handler {
    /// A handler with these settings and clients.
    #[must_use]
    pub fn new(
        response_hosts: ResponseHosts,
        http: reqwest::Client,
        contacts: Client,
        clock: Clock,
    ) -> Self {
        Self { response_hosts, http, contacts, clock, is_warm: AtomicBool::new(false) }
    }

    /// Handles one invocation. The payload is the text of the event, which need not be JSON.
    ///
    /// # Errors
    ///
    /// Returns an error if an event can't be answered or its answer was not accepted, and if the
    /// check failed. Lambda then counts an error and tries again.
    pub async fn handle(&self, event: LambdaEvent<String>) -> Result<(), Diagnostic> {
        let (payload, context) = event.into_parts();
        let invocation = Invocation {
            context,
            received: self.clock.now(),
            cold_start: !self.is_warm.swap(true, Ordering::Relaxed),
        };
        let (record, requests) = match Payload::parse(&payload, &self.response_hosts) {
            Payload::Requests(requests) => (None, requests),
            Payload::FailureRecord(record, requests) => (Some(record), requests),
            Payload::Check => return self.check(&invocation).await,
        };
        if let Some(record) = record.as_ref().filter(|_| requests.is_empty()) {
            log::record_without_request(&record.to_string());
        }
        let answers = requests
            .into_iter()
            .map(async |request| self.answer(&request?, record.as_ref(), &invocation).await);
        let errors = join_all(answers).await.into_iter().filter_map(Result::err);
        let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
        if errors.is_empty() {
            return Ok(());
        }
        Err(log_failure("NotAnswered", errors.join("; ")))
    }

    async fn answer(
        &self,
        request: &Request,
        record: Option<&FailureRecord>,
        invocation: &Invocation,
    ) -> Result<(), NotAnswered> {
        let log = RequestLog {
            resource: &request.resource,
            request_type: request.action.as_str(),
            function_request_id: &invocation.context.request_id,
            cold_start: invocation.cold_start,
        };
        log.received();
        let lambda = Duration::from_millis(invocation.context.deadline);
        let url = &request.response_url;
        let deadline =
            Deadline::new(invocation.received, lambda, url.times(), request.service_timeout);
        let calls = CallLog::default();
        let result = self.work(request, record, invocation, &calls, &log, deadline).await;
        let not_activated =
            result.as_ref().map_or_else(|_| String::new(), |done| done.not_activated.join(", "));
        let outcome = outcome(request, result);
        let body = response::body(&request.resource, &outcome)?;
        let time = deadline.for_answer(self.clock.now());
        let sent = response_put::put(&self.http, &self.clock, url, body, time).await;
        log.answered(&Answered {
            alias: request.alias.as_ref().map_or("", Alias::as_str),
            physical_id: &outcome.physical_id,
            reason: outcome.result.as_ref().err().map(String::as_str),
            calls: &calls.to_string(),
            not_activated: &not_activated,
            not_answered: sent.as_ref().err().map(String::as_str),
            took: self.clock.now().saturating_sub(invocation.received),
        });
        Ok(sent?)
    }

    /// Carries out a request within the time for work.
    async fn work(
        &self,
        request: &Request,
        record: Option<&FailureRecord>,
        invocation: &Invocation,
        calls: &CallLog,
        log: &RequestLog<'_>,
        deadline: Deadline,
    ) -> Result<Done, Error> {
        if request.is_delete_of_nothing() {
            return Ok(Done::default());
        }
        if let Some(record) = record {
            return Err(Error::NotHandled(record.clone()));
        }
        let stack = request.resource.stack_account_and_region().ok_or(Error::NoStackArn)?;
        if deadline.is_too_late() {
            return Err(Error::TooLate);
        }
        let time = deadline.for_work(self.clock.now());
        let cx = Context {
            resource: &request.resource,
            home: AccountAndRegion::of_arn(&invocation.context.invoked_function_arn)
                .unwrap_or(stack),
            service: Operations::new(&self.contacts, calls),
            log,
            clock: &self.clock,
            pause_until: self.clock.now() + time.mul_f64(SHARE_OF_PAUSES),
        };
        let work = AssertUnwindSafe(request::carry_out(&cx, request)).catch_unwind();
        match tokio::time::timeout(time, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Error::Panicked),
            Err(_elapsed) => Err(Error::TimedOut(calls.waiting_for())),
        }
    }

    /// Looks whether everybody can be paged. If the time runs out, it reports what it saw.
    async fn check(&self, invocation: &Invocation) -> Result<(), Diagnostic> {
        let lambda = Duration::from_millis(invocation.context.deadline);
        let time = Deadline::of_lambda(invocation.received, lambda).for_work(self.clock.now());
        let calls = CallLog::default();
        let check = Check::default();
        let reading = check.read(Operations::new(&self.contacts, &calls));
        if let Ok(Err(call)) = tokio::time::timeout(time, reading).await {
            return Err(log_failure("CheckFailed", call.to_string()));
        }
        let home = AccountAndRegion::of_arn(&invocation.context.invoked_function_arn);
        let report = check.report(home.as_ref());
        let now = self.clock.now();
        let function_name = &invocation.context.env_config.function_name;
        report.log(function_name, now, now.saturating_sub(invocation.received));
        Ok(())
    }
}

/// What is answered. A request that failed keeps the physical id that CloudFormation knows. A
/// Create that failed, and an Update without an id, answer with a marker, never with the ARN of a
/// contact.
fn outcome(request: &Request, result: Result<Done, Error>) -> Outcome {
    let id_or = |new: String| request.physical_id.clone().unwrap_or(new);
    let resource = &request.resource;
    let (physical_id, result) = match result {
        Ok(Done { contact: Some((arn, contact_type)), .. }) => {
            (arn.to_string(), Ok(Some(Data::new(&arn, contact_type))))
        }
        Ok(Done { contact: None, .. }) => (id_or(resource.logical_id.clone()), Ok(None)),
        Err(error) => {
            let marker = resource.marker(request::what_it_left(&error));
            (id_or(marker), Err(error.to_string()))
        }
    };
    Outcome { physical_id, result }
}

/// Logs and returns the error that Lambda sees.
fn log_failure(error_type: &str, error_message: String) -> Diagnostic {
    log::not_answered(&error_message);
    Diagnostic { error_type: error_type.to_owned(), error_message }
}
