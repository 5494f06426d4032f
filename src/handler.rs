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
use crate::event::{self, Request};
use crate::io::contacts::{Contacts, Patience};
use crate::io::journal::Journal;
use crate::io::{callback, clock};
use crate::lifecycle::{Done, Lifecycle};
use crate::response::{self, Outcome};
use crate::settings::Settings;

/// The function: its settings and its clients, made once.
#[derive(Debug)]
pub struct Function {
    settings: Settings,
    http: reqwest::Client,
    contacts: Client,
    patience: Patience,
}

type Unsent = Box<dyn std::error::Error + Send + Sync>;

impl Function {
    /// A function with these settings and clients.
    #[must_use]
    pub fn new(
        settings: Settings,
        http: reqwest::Client,
        contacts: Client,
        patience: Patience,
    ) -> Self {
        Self {
            settings,
            http,
            contacts,
            patience,
        }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    ///
    /// Where an event can't be answered, or its answer did not go out: Lambda then
    /// counts an error and tries again.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<(), Diagnostic> {
        let received = clock::now();
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
        let journal = Journal::default();
        let result = match last_words {
            Some(words) => Err(words.to_owned()),
            None => self.work(request, context, &journal, deadline).await,
        };
        let outcome = outcome(request, result);
        let body = response::body(&request.resource, &outcome)?;
        let sent = callback::put(
            &self.http,
            &request.response_url,
            body,
            deadline.for_answer(clock::now()),
        )
        .await;
        log(
            request,
            &outcome,
            &journal,
            clock::now().saturating_sub(received),
        );
        Ok(sent?)
    }

    /// Does what is asked within the time for work, and turns whatever goes wrong
    /// into words.
    async fn work(
        &self,
        request: &Request,
        context: &Context,
        journal: &Journal,
        deadline: Deadline,
    ) -> Result<Done, String> {
        let ownership_tags = self.settings.ownership_tags.clone();
        let ownership_tags = ownership_tags.map_err(|error| error.to_string())?;
        if deadline.is_too_late() {
            return Err(format!(
                "The event came after CloudFormation had stopped waiting for it ({} seconds). \
                 Nothing was changed. Next step: look at the function's throttles, then try again.",
                request.service_timeout
            ));
        }
        let home = Home::of_arn(&context.invoked_function_arn)
            .or_else(|| Home::of_arn(&request.resource.stack_id));
        let now = clock::now();
        let time = deadline.for_work(now);
        let contacts = Contacts::new(&self.contacts, journal, self.patience, now + time);
        let lifecycle = Lifecycle {
            resource: &request.resource,
            home: home.as_ref(),
            ownership_tags,
            contacts: &contacts,
        };
        let work = AssertUnwindSafe(lifecycle.carry_out(&request.action)).catch_unwind();
        match tokio::time::timeout(time, work).await {
            Ok(Ok(result)) => result.map_err(|error| error.to_string()),
            Ok(Err(_panic)) => Err(
                "The function failed in a way that its authors did not foresee. \
                 Next step: look into its log, and report the defect."
                    .to_owned(),
            ),
            Err(_elapsed) => {
                let waiting_for = journal.waiting_for();
                Err(format!(
                    "Time ran out while waiting for {}. Next step: see whether SSM Contacts answers, \
                     then try again; more time needs a higher Timeout of the function or ServiceTimeout of the resource.",
                    waiting_for.as_deref().unwrap_or("nothing in particular")
                ))
            }
        }
    }
}

/// A request that failed keeps the id that CloudFormation knows; a Create that failed
/// answers with the marker, never with a contact's ARN.
fn outcome(request: &Request, result: Result<Done, String>) -> Outcome {
    match result {
        Ok(Done::Stands(arn, data)) => Outcome {
            physical_id: arn.to_string(),
            result: Ok(Some(data)),
        },
        Ok(Done::Gone) => Outcome {
            physical_id: request.standing_id(),
            result: Ok(None),
        },
        Err(reason) => Outcome {
            physical_id: request.standing_id(),
            result: Err(reason),
        },
    }
}

fn log(request: &Request, outcome: &Outcome, journal: &Journal, took: Duration) {
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
                calls = journal.calls(),
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
