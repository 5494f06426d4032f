//! One invocation: parse the payload, carry out each request within its deadline, answer.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use aws_sdk_ssmcontacts::Client;
use futures_util::FutureExt;
use futures_util::future::join_all;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::aws::call_log::CallLog;
use crate::aws::operations::Operations;
use crate::contact::AccountAndRegion;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::event::{self, FailureRecord, Request};
use crate::identity::MarkerKind;
use crate::io::clock::{Clock, TimeLimit};
use crate::io::{log, response_put};
use crate::lifecycle::{Done, Lifecycle};
use crate::response::{self, Outcome};
use crate::settings::Settings;
use crate::steps;

/// The function's settings and clients, made once.
#[derive(Debug)]
pub struct Handler {
    settings: Settings,
    http: reqwest::Client,
    contacts: Client,
    clock: Clock,
}

/// The parts of an invocation that all its requests share.
struct Invocation {
    context: Context,
    failure_record: Option<FailureRecord>,
    /// When it was received, since the Unix epoch.
    received: Duration,
}

/// Why an event was not answered.
type NotAnswered = Box<dyn std::error::Error + Send + Sync>;

impl Handler {
    /// A handler with these settings and clients.
    #[must_use]
    pub fn new(settings: Settings, http: reqwest::Client, contacts: Client, clock: Clock) -> Self {
        Self {
            settings,
            http,
            contacts,
            clock,
        }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    ///
    /// Returns an error if an event can't be answered or its answer was not sent. Lambda
    /// then counts an error and tries again.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<(), Diagnostic> {
        let received = self.clock.now();
        let (payload, context) = event.into_parts();
        let delivery = event::parse(&payload, &self.settings.response_hosts());
        if delivery.requests.is_empty() {
            log::not_answered("the payload has no request, so there is nobody to answer");
        }
        let invocation = Invocation {
            context,
            failure_record: delivery.failure_record,
            received,
        };
        let answers = delivery.requests.into_iter().map(async |request| {
            let request = request.map_err(NotAnswered::from)?;
            self.answer(&request, &invocation).await
        });
        let errors: Vec<String> = join_all(answers)
            .await
            .into_iter()
            .filter_map(Result::err)
            .map(|error| error.to_string())
            .collect();
        if errors.is_empty() {
            return Ok(());
        }
        let errors = errors.join("; ");
        log::not_answered(&errors);
        Err(Diagnostic {
            error_type: "NotAnswered".to_owned(),
            error_message: errors,
        })
    }

    async fn answer(&self, request: &Request, invocation: &Invocation) -> Result<(), NotAnswered> {
        let deadline = Deadline::new(
            invocation.received,
            Duration::from_millis(invocation.context.deadline),
            request.response_url.signed_at().map(Duration::from_secs),
            Duration::from_secs(request.service_timeout),
        );
        let calls = CallLog::default();
        let result = match &invocation.failure_record {
            Some(record) => Err(Error::on_failure_record(record.clone())),
            None => self.work(request, invocation, &calls, deadline).await,
        };
        let outcome = self.outcome(request, result, &calls);
        let body = response::body(&request.resource, &outcome)?;
        let time = deadline.for_answer(self.clock.now());
        let url = &request.response_url;
        let sent = response_put::put(&self.http, &self.clock, url, body, time).await;
        let took = self.clock.now().saturating_sub(invocation.received);
        log::request(request, &outcome, &calls.to_string(), took);
        Ok(sent?)
    }

    /// Carries out a request within the time for work.
    async fn work(
        &self,
        request: &Request,
        invocation: &Invocation,
        calls: &CallLog,
        deadline: Deadline,
    ) -> Result<Done, Error> {
        if request.is_delete_of_nothing() {
            return Ok(Done::Absent);
        }
        if deadline.is_too_late() {
            return Err(Error::too_late(request.service_timeout));
        }
        let ownership_tags = self.settings.ownership_tags()?;
        let function = AccountAndRegion::of_arn(&invocation.context.invoked_function_arn)
            .or_else(|| AccountAndRegion::of_arn(&request.resource.stack_id));
        let time = deadline.for_work(self.clock.now());
        let lifecycle = Lifecycle {
            resource: &request.resource,
            function: function.as_ref(),
            ownership_tags,
            operations: Operations::new(&self.contacts, calls),
            time: TimeLimit::new(&self.clock, time),
        };
        let work = AssertUnwindSafe(lifecycle.carry_out(&request.action)).catch_unwind();
        match tokio::time::timeout(time, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Error::panicked()),
            Err(_elapsed) => Err(Error::timed_out(calls.waiting_for())),
        }
    }

    /// A request that failed keeps the physical id that CloudFormation knows. A Create that
    /// failed answers with a marker, never with the ARN of a contact.
    fn outcome(&self, request: &Request, result: Result<Done, Error>, calls: &CallLog) -> Outcome {
        let id_or_marker = |kind| {
            let marker = || request.resource.marker(kind);
            let current = request.current_physical_id();
            current.map_or_else(marker, ToOwned::to_owned)
        };
        match result {
            Ok(Done::Present(arn, data)) => Outcome {
                physical_id: arn.to_string(),
                result: Ok(Some(data)),
            },
            Ok(Done::Absent) => Outcome {
                physical_id: id_or_marker(MarkerKind::OutcomeUnknown),
                result: Ok(None),
            },
            Err(error) => {
                let setting = self.settings.ownership_tags().ok();
                let kind = steps::marker_kind(&error, calls.create_calls(), setting);
                Outcome {
                    physical_id: id_or_marker(kind),
                    result: Err(error.to_string()),
                }
            }
        }
    }
}
