//! SSM Contacts: the calls, one function an operation.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ssmcontacts::Client;
use aws_sdk_ssmcontacts::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_ssmcontacts::config::timeout::TimeoutConfig;
use aws_sdk_ssmcontacts::config::{IdentityCache, StalledStreamProtectionConfig};

use crate::contact::{Alias, Contact, ContactArn, ContactType, Plan, Tags};
use crate::error::{Cause, Error, Failure};
use crate::steps::Step;

use super::journal::Journal;
use super::retry::BesidesTheSdks;
use super::{clock, translate};

/// How long one attempt may take; the service answers within a second or not at all.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// The wait before the first retry at most, and before any.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// More attempts than fit into an hour of such waits.
const ATTEMPTS_MAX: u32 = 1000;
/// The SDK's bucket of retries holds at most so many; it never runs out.
const RETRIES_MAX: usize = 500_000_000;

/// How long to wait for others, beyond the retries of failed calls.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a contact in use to be let go.
    pub in_use: Duration,
    /// For a Create that may still run to make its contact.
    pub cancelled_create: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            in_use: Duration::from_secs(30),
            cancelled_create: Duration::from_secs(30),
        }
    }
}

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

/// A contact to be created.
#[derive(Clone, Debug)]
pub struct Creation<'a> {
    /// Its alias.
    pub alias: &'a Alias,
    /// Its type.
    pub contact_type: ContactType,
    /// Its full name.
    pub display_name: Option<&'a str>,
    /// Its plan.
    pub plan: Option<&'a Plan>,
    /// All its tags.
    pub tags: Tags,
    /// Makes the call safe to repeat.
    pub idempotency_token: String,
}

/// The contacts, as one request sees them: its calls stand in the journal.
#[derive(Clone, Debug)]
pub struct Contacts<'a> {
    client: &'a Client,
    journal: &'a Journal,
    patience: Patience,
    /// When the work must be done, since the Unix epoch.
    until: Duration,
}

/// Sends an operation under the request's journal.
macro_rules! call {
    ($self:ident, $operation:literal, $subject:expr, $request:expr) => {{
        let subject = $subject.to_string();
        $self.journal.begin($operation, &subject);
        $request
            .customize()
            .interceptor($self.journal.clone())
            .send()
            .await
            .map_err(|error| failed($operation, &subject, error))
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
    /// The contacts for one request.
    #[must_use]
    pub fn new(
        client: &'a Client,
        journal: &'a Journal,
        patience: Patience,
        until: Duration,
    ) -> Self {
        Self {
            client,
            journal,
            patience,
            until,
        }
    }

    /// So much patience, but no more than leaves time to say what was waited for.
    fn pauses(&self, patience: Duration) -> Pauses {
        let left = self.until.saturating_sub(clock::now());
        Pauses::within(patience.min(left.mul_f64(0.8)))
    }

    /// Creates a contact.
    ///
    /// # Errors
    ///
    /// Where the service refuses; also where it answers with no contact's ARN.
    pub async fn create(&self, creation: Creation<'_>) -> Result<ContactArn, Error> {
        let plan = translate::plan_to_create(creation.contact_type, creation.plan)
            .map_err(|error| failed("CreateContact", creation.alias, error))?;
        let request = self
            .client
            .create_contact()
            .alias(creation.alias.as_str())
            .set_display_name(creation.display_name.map(ToOwned::to_owned))
            .r#type(translate::contact_type(creation.contact_type))
            .plan(plan)
            .set_tags(Some(translate::tags(&creation.tags)).filter(|tags| !tags.is_empty()))
            .idempotency_token(creation.idempotency_token);
        let created = call!(self, "CreateContact", creation.alias, request)?;
        ContactArn::parse(created.contact_arn()).ok_or_else(|| {
            Error::call(Failure {
                operation: "CreateContact",
                subject: creation.alias.to_string(),
                code: "no usable answer".to_owned(),
                message: format!("{:?} is no contact's ARN", created.contact_arn()),
                request_id: None,
                cause: Cause::Other,
            })
        })
    }

    /// The contact as it is, with its tags.
    ///
    /// # Errors
    ///
    /// Where it is gone, or can't be read.
    pub async fn get(&self, arn: &ContactArn) -> Result<Contact, Error> {
        let request = self.client.get_contact().contact_id(arn.to_string());
        let found = call!(self, "GetContact", arn, request)?;
        let tags = self.tags(arn).await?;
        Ok(translate::contact(arn, &found, tags))
    }

    /// The contact's tags.
    ///
    /// # Errors
    ///
    /// Where it is gone, or its tags can't be read.
    pub async fn tags(&self, arn: &ContactArn) -> Result<Tags, Error> {
        let request = self
            .client
            .list_tags_for_resource()
            .resource_arn(arn.to_string());
        let found = call!(self, "ListTagsForResource", arn, request)?;
        Ok(translate::tags_from(found.tags()))
    }

    /// Does one step to a contact.
    ///
    /// # Errors
    ///
    /// Where the service refuses.
    pub async fn apply(&self, arn: &ContactArn, step: Step) -> Result<(), Error> {
        match step {
            Step::Update { display_name, plan } => {
                let plan = plan.as_ref().map(translate::plan).transpose();
                let request = self
                    .client
                    .update_contact()
                    .contact_id(arn.to_string())
                    .set_display_name(display_name)
                    .set_plan(plan.map_err(|error| failed("UpdateContact", arn, error))?);
                call!(self, "UpdateContact", arn, request).map(|_| ())
            }
            Step::Untag(keys) => {
                let request = self
                    .client
                    .untag_resource()
                    .resource_arn(arn.to_string())
                    .set_tag_keys(Some(keys));
                call!(self, "UntagResource", arn, request).map(|_| ())
            }
            Step::Tag(tags) => self.tag(arn, &tags).await,
            Step::Restore(tags) => match self.tag(arn, &tags).await {
                Err(error) if error.is_validation() => {
                    tracing::warn!(contact = %arn, why = %error, "goes without ownership tags");
                    Ok(())
                }
                other => other,
            },
            Step::Delete => self.delete_once_free(arn).await,
        }
    }

    async fn tag(&self, arn: &ContactArn, tags: &Tags) -> Result<(), Error> {
        let request = self
            .client
            .tag_resource()
            .resource_arn(arn.to_string())
            .set_tags(Some(translate::tags(tags)));
        call!(self, "TagResource", arn, request).map(|_| ())
    }

    /// Deletes a contact; while something holds it, tries again for a bounded while.
    async fn delete_once_free(&self, arn: &ContactArn) -> Result<(), Error> {
        let mut pauses = self.pauses(self.patience.in_use);
        loop {
            let request = self.client.delete_contact().contact_id(arn.to_string());
            match call!(self, "DeleteContact", arn, request) {
                Err(error) if error.is_conflict() => {
                    if !pauses.pause().await {
                        return Err(error);
                    }
                }
                other => return other.map(|_| ()),
            }
        }
    }

    /// The pauses in which to look for what a Create may still be making.
    #[must_use]
    pub fn until_a_cancelled_create_is_done(&self) -> Pauses {
        self.pauses(self.patience.cancelled_create)
    }
}

/// Growing pauses, jittered, that end with a total.
#[derive(Debug)]
pub struct Pauses {
    left: Duration,
    next: Duration,
}

impl Pauses {
    fn within(total: Duration) -> Self {
        Self {
            left: total,
            next: Duration::from_secs(1),
        }
    }

    /// Waits; false where the time is up.
    pub async fn pause(&mut self) -> bool {
        if self.left.is_zero() {
            return false;
        }
        let pause = clock::jittered(self.next).min(self.left);
        tokio::time::sleep(pause).await;
        self.left -= pause;
        self.next = (self.next * 2).min(Duration::from_secs(8));
        true
    }
}
