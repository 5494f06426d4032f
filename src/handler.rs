//! The story in one page: read the event, decide and do within the deadline, answer.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use aws_sdk_ssmcontacts::Client;
use futures_util::FutureExt;
use futures_util::future::join_all;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::contact::Home;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::event::{self, Request};
use crate::identity::Left;
use crate::io::call_log::CallLog;
use crate::io::callback;
use crate::io::clock::Clock;
use crate::io::contacts::Contacts;
use crate::lifecycle::{Done, Lifecycle};
use crate::response::{self, Outcome};
use crate::settings::Settings;
use crate::steps;

/// The function: its settings and its clients, made once.
#[derive(Debug)]
pub struct Function {
    settings: Settings,
    http: reqwest::Client,
    contacts: Client,
    clock: Clock,
}

type Unsent = Box<dyn std::error::Error + Send + Sync>;

impl Function {
    /// A function with these settings and clients.
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
    /// Where an event can't be answered, or its answer did not go out: Lambda then
    /// counts an error and tries again.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<(), Diagnostic> {
        let received = self.clock.now();
        let (payload, context) = event.into_parts();
        let delivery = event::read(&payload, &self.settings.response_hosts);
        if delivery.requests.is_empty() {
            tracing::error!("an event without a request: nobody to answer");
        }
        let served = delivery.requests.into_iter().map(|request| async {
            match request {
                Ok(request) => {
                    self.serve(&request, delivery.last_words.as_deref(), &context, received)
                        .await
                }
                Err(unanswerable) => Err(unanswerable.into()),
            }
        });
        let failures: Vec<String> = join_all(served)
            .await
            .into_iter()
            .filter_map(Result::err)
            .map(|error| error.to_string())
            .collect();
        if failures.is_empty() {
            return Ok(());
        }
        let failures = failures.join("; ");
        tracing::error!(error = failures, "not answered");
        Err(Diagnostic {
            error_type: "NotAnswered".to_owned(),
            error_message: failures,
        })
    }

    async fn serve(
        &self,
        request: &Request,
        last_words: Option<&str>,
        context: &Context,
        received: Duration,
    ) -> Result<(), Unsent> {
        let deadline = Deadline::new(
            received,
            Duration::from_millis(context.deadline),
            request.response_url.signed_at().map(Duration::from_secs),
            Duration::from_secs(request.service_timeout),
        );
        let log = CallLog::default();
        let result = match last_words {
            Some(why) => Err(Error::given_up(why)),
            None => self.work(request, context, &log, deadline).await,
        };
        let outcome = self.outcome(request, result, &log);
        let body = response::body(&request.resource, &outcome)?;
        let sent = callback::put(
            &self.http,
            &self.clock,
            &request.response_url,
            body,
            deadline.for_answer(self.clock.now()),
        )
        .await;
        let took = self.clock.now().saturating_sub(received);
        write_line(request, &outcome, &log, took);
        Ok(sent?)
    }

    /// Does what is asked within the time for work.
    async fn work(
        &self,
        request: &Request,
        context: &Context,
        log: &CallLog,
        deadline: Deadline,
    ) -> Result<Done, Error> {
        if request.is_delete_of_nothing() {
            return Ok(Done::Absent);
        }
        if deadline.is_too_late() {
            return Err(Error::too_late(request.service_timeout));
        }
        let ownership_tags = self.settings.ownership_tags.clone()?;
        let home = Home::of_arn(&context.invoked_function_arn)
            .or_else(|| Home::of_arn(&request.resource.stack_id));
        let now = self.clock.now();
        let time = deadline.for_work(now);
        let contacts = Contacts::new(&self.contacts, log, &self.clock, now + time);
        let lifecycle = Lifecycle {
            resource: &request.resource,
            home: home.as_ref(),
            ownership_tags,
            contacts: &contacts,
        };
        let work = AssertUnwindSafe(lifecycle.carry_out(&request.action)).catch_unwind();
        match tokio::time::timeout(time, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Error::panicked()),
            Err(_elapsed) => Err(Error::timed_out(log.waiting_for())),
        }
    }

    /// A request that failed keeps the id that CloudFormation knows; a Create that failed
    /// answers with a marker, never with a contact's ARN.
    fn outcome(&self, request: &Request, result: Result<Done, Error>, log: &CallLog) -> Outcome {
        let current = request.current_physical_id();
        let id_or_marker = |left| {
            let marker = || request.resource.marker(left);
            current.map_or_else(marker, ToOwned::to_owned)
        };
        match result {
            Ok(Done::Present(arn, data)) => Outcome {
                physical_id: arn.to_string(),
                result: Ok(Some(data)),
            },
            Ok(Done::Absent) => Outcome {
                physical_id: id_or_marker(Left::Unknown),
                result: Ok(None),
            },
            Err(error) => {
                let setting = self.settings.ownership_tags.as_ref().ok().copied();
                let left = steps::left_by_create(&error, log.creation(), setting);
                Outcome {
                    physical_id: id_or_marker(left),
                    result: Err(error.to_string()),
                }
            }
        }
    }
}

fn write_line(request: &Request, outcome: &Outcome, log: &CallLog, took: Duration) {
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
                calls = log.calls(),
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
