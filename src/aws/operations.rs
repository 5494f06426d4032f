//! SSM Contacts: the calls, one function an operation.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ssmcontacts::Client;
use aws_sdk_ssmcontacts::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_ssmcontacts::config::timeout::TimeoutConfig;
use aws_sdk_ssmcontacts::config::{IdentityCache, StalledStreamProtectionConfig};

use crate::contact::{Contact, ContactArn, Plan, Tags};
use crate::error::{Cause, Error, Failure};
use crate::properties::Desired;

use super::call_log::CallLog;
use super::clock::{Backoff, Clock};
use super::retry::BesidesTheSdks;
use super::translate;

/// How long one attempt may take; the service answers within a second or not at all.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// The wait before the first retry at most, and before any.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// More attempts than fit into an hour of such waits.
const ATTEMPTS_MAX: u32 = 1000;
/// The SDK's bucket of retries holds at most so many; it never runs out.
const RETRIES_MAX: usize = 500_000_000;

/// The client for SSM Contacts. It retries throttling, service faults and lost
/// connections until the caller's deadline ends the call: its own limits of three
/// attempts and a bucket of retries would fail a stack that only had to wait.
#[must_use]
pub fn client(config: &SdkConfig) -> Client {
    let bucket = TokenBucket::builder().capacity(RETRIES_MAX).build();
    let config = aws_sdk_ssmcontacts::config::Builder::from(config)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS_MAX)
                .with_initial_backoff(FIRST_BACKOFF)
                .with_max_backoff(LONGEST_BACKOFF),
        )
        .retry_partition(
            RetryPartition::custom("until-the-deadline")
                .token_bucket(bucket)
                .build(),
        )
        .retry_classifier(BesidesTheSdks)
        // The credentials lie in the environment; and the SDK's cache adds up the
        // backoff of every possible attempt before the first.
        .identity_cache(IdentityCache::no_cache())
        // It would end every attempt after six seconds without a reply: a body that is
        // sent as a whole looks stalled to it. The time-out below ends what hangs.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        )
        .build();
    Client::from_conf(config)
}

/// The contacts, as one request sees them: its calls stand in the log.
#[derive(Clone, Debug)]
pub struct Contacts<'a> {
    client: &'a Client,
    log: &'a CallLog,
    clock: &'a Clock,
    /// When the work must be done, since the Unix epoch.
    until: Duration,
}

/// Sends an operation and notes it in the request's log.
macro_rules! call {
    ($self:ident, $operation:literal, $subject:expr, $request:expr) => {{
        let subject = $subject.to_string();
        let watch = $self.log.begin($operation, &subject);
        let result = $request.customize().interceptor(watch.clone()).send().await;
        watch.end();
        result.map_err(|error| failed($operation, &subject, error))
    }};
}

fn failed(
    operation: &'static str,
    subject: &impl ToString,
    error: impl Into<aws_sdk_ssmcontacts::Error>,
) -> Error {
    Error::call(translate::failure(
        operation,
        &subject.to_string(),
        &error.into(),
    ))
}

impl<'a> Contacts<'a> {
    /// The contacts for one request, whose work ends at `until` (since the Unix epoch).
    #[must_use]
    pub fn new(client: &'a Client, log: &'a CallLog, clock: &'a Clock, until: Duration) -> Self {
        Self {
            client,
            log,
            clock,
            until,
        }
    }

    /// Pauses of so long in total, but of no more than leaves time to say what was waited
    /// for.
    #[must_use]
    pub fn wait(&self, total: Duration) -> Backoff<'a> {
        let left = self.until.saturating_sub(self.clock.now());
        self.clock.backoff(total.min(left.mul_f64(0.8)))
    }

    /// Creates a contact.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call or does not answer with the ARN of
    /// a contact.
    pub async fn create(
        &self,
        desired: &Desired,
        tags: &Tags,
        idempotency_token: &str,
    ) -> Result<ContactArn, Error> {
        let alias = &desired.alias;
        let plan = translate::plan_to_create(desired.contact_type, desired.plan.as_ref())
            .map_err(|error| failed("CreateContact", alias, error))?;
        let request = self
            .client
            .create_contact()
            .alias(alias.as_str())
            .set_display_name(desired.display_name.clone())
            .r#type(translate::contact_type(desired.contact_type))
            .plan(plan)
            .set_tags(Some(translate::tags(tags)).filter(|tags| !tags.is_empty()))
            .idempotency_token(idempotency_token);
        let created = call!(self, "CreateContact", alias, request)?;
        ContactArn::parse(created.contact_arn()).ok_or_else(|| {
            Error::call(Failure {
                operation: "CreateContact",
                subject: alias.to_string(),
                code: "no usable answer".to_owned(),
                message: format!("{:?} is no contact's ARN", created.contact_arn()),
                request_id: None,
                cause: Cause::Other,
            })
        })
    }

    /// The contact as it is, but for its tags.
    ///
    /// # Errors
    ///
    /// Returns an error if the contact is gone or can't be read.
    pub async fn get(&self, arn: &ContactArn) -> Result<Contact, Error> {
        let request = self.client.get_contact().contact_id(arn.to_string());
        let found = call!(self, "GetContact", arn, request)?;
        Ok(translate::contact(arn, &found))
    }

    /// The contact's tags.
    ///
    /// # Errors
    ///
    /// Returns an error if the contact is gone or its tags can't be read.
    pub async fn tags(&self, arn: &ContactArn) -> Result<Tags, Error> {
        let request = self
            .client
            .list_tags_for_resource()
            .resource_arn(arn.to_string());
        let found = call!(self, "ListTagsForResource", arn, request)?;
        Ok(translate::tags_from(found.tags()))
    }

    /// Changes the name and the plan; what is `None` stays.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn update(
        &self,
        arn: &ContactArn,
        display_name: Option<String>,
        plan: Option<Plan>,
    ) -> Result<(), Error> {
        let plan = plan.as_ref().map(translate::plan).transpose();
        let request = self
            .client
            .update_contact()
            .contact_id(arn.to_string())
            .set_display_name(display_name)
            .set_plan(plan.map_err(|error| failed("UpdateContact", arn, error))?);
        call!(self, "UpdateContact", arn, request).map(|_| ())
    }

    /// Puts tags on the contact.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn tag(&self, arn: &ContactArn, tags: &Tags) -> Result<(), Error> {
        let request = self
            .client
            .tag_resource()
            .resource_arn(arn.to_string())
            .set_tags(Some(translate::tags(tags)));
        call!(self, "TagResource", arn, request).map(|_| ())
    }

    /// Takes the tags of these keys away.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn untag(&self, arn: &ContactArn, keys: Vec<String>) -> Result<(), Error> {
        let request = self
            .client
            .untag_resource()
            .resource_arn(arn.to_string())
            .set_tag_keys(Some(keys));
        call!(self, "UntagResource", arn, request).map(|_| ())
    }

    /// Deletes the contact.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn delete(&self, arn: &ContactArn) -> Result<(), Error> {
        let request = self.client.delete_contact().contact_id(arn.to_string());
        call!(self, "DeleteContact", arn, request).map(|_| ())
    }
}
