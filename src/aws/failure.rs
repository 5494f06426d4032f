//! What the service's errors mean: the one place that interprets its codes and words.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use aws_sdk_ssmcontacts::Error as SdkError;
use aws_sdk_ssmcontacts::error::ProvideErrorMetadata;
use aws_sdk_ssmcontacts::operation::RequestId;

use super::call_log::Ended;
use super::operations::Operation;
use crate::contact::personal_data::may_be_address;
use crate::text::{causes, list_of, shortened};

/// A call that failed.
#[derive(Clone, Debug)]
pub(crate) struct FailedCall {
    pub(crate) operation: Operation,
    /// What the call was about: an alias, an ARN, or the Name of a channel.
    subject: String,
    /// The service's error code; if it sent none, what came in its place.
    code: String,
    /// The service's message; often empty.
    message: String,
    /// What the service says besides.
    details: Vec<String>,
    /// The id to give to AWS Support.
    request_id: Option<String>,
    pub(crate) meaning: Meaning,
    /// The resource that a conflict or a missing resource names; may be empty.
    pub(crate) resource_id: String,
    /// What a conflict says to depend on the contact, as the service names it.
    pub(crate) dependents: Vec<String>,
    next_step: Option<Cow<'static, str>>,
    /// Whether the call was refused for good at its only sending.
    pub(crate) was_refused_at_once: bool,
}

/// What a failed call means to the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Meaning {
    /// The alias or the Name is taken, or the contact is in use.
    Conflict,
    /// The contact, or something that the call names, does not exist.
    NotFound,
    /// A quota is reached.
    Quota,
    /// The service refused the input.
    Validation,
    /// Anything else, including a service that did not reply.
    Other,
}

const CHANGE_TOKEN: &str =
    "change the IdempotencyToken, or leave it out (the function makes its own)";
const CHECK_ADDRESS: &str = "see that the channel's DeliveryAddress is one that Incident Manager takes (+, country \
    code and number for SMS and VOICE, a mail address for EMAIL); the service's message is left out, since it may \
    repeat the address";
const CHECK_ROLE: &str =
    "see that the function's role exists and can be assumed by Lambda, then try again";
const CREATE_REPLICATION_SET: &str = "set up Incident Manager in this account and Region \
    (AWS::SSMIncidents::ReplicationSet) before the contacts; since 2025-11-07 it takes no new customers";
const CREATE_WHAT_THE_PLAN_NAMES: &str =
    "see that what the plan names exists, and is created before this contact (DependsOn)";
const ENABLE_KEY: &str = "see that the KMS key of Incident Manager's replication set is enabled and that its key \
    policy lets the function's role use it";
const FEWER_TAGS: &str =
    "remove tags from the contact, or give it fewer Tags (a contact has at most 50 tags)";
const LOOK_AT_CHANNELS: &str = "see which channels the contact has (aws ssm-contacts list-contact-channels), and give \
    this channel another Name or address, or rename or delete the others";
const LOOK_AT_REGION: &str = "the properties keep to the API's constraints, so look at the replication set of Incident \
    Manager: it must be active, with an enabled KMS key, and have this Region";
const RAISE_QUOTA: &str = "stay within the quota, or ask for more under AWS Systems Manager Incident Manager Contacts \
    in Service Quotas";
const RAISE_QUOTA_OF_CONTACTS: &str = "delete contacts that nobody needs, or ask for more under AWS Systems Manager \
    Incident Manager Contacts in Service Quotas";
const RELEASE_DEPENDENTS: &str = "take the contact out of what is named here and delete again, or keep it: delete the \
    stack with RetainResources naming this resource, or give it DeletionPolicy: Retain";
const SET_CREDENTIALS: &str = "give the function AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment, as \
    Lambda does by itself; it looks nowhere else";
const TAG_IN_FIRST_REGION: &str = "contacts can be tagged only in the first Region of the replication set: deploy the \
    function and its stacks there";
const TRY_AGAIN: &str = "the contact that holds the alias can't be found: try again, since it \
    may just be made or deleted";
const UPDATE_AGAIN: &str = "it was deleted meanwhile; update the stack again";

/// Most fields of a ValidationException that a Reason names.
const FIELDS_MAX: usize = 8;
/// Most bytes of the details that a Reason names. What to do next stands at its end, and must not
/// be cut off.
const DETAILS_MAX: usize = 1600;

impl Meaning {
    /// The SDK does not model every error for every operation, so only the code tells.
    fn of(code: &str) -> Self {
        match code {
            "ConflictException" => Self::Conflict,
            "ResourceNotFoundException" => Self::NotFound,
            "ServiceQuotaExceededException" => Self::Quota,
            "ValidationException" => Self::Validation,
            _ => Self::Other,
        }
    }
}

impl FailedCall {
    pub(super) fn new(
        operation: Operation,
        subject: &str,
        error: impl Into<SdkError>,
        ended: Ended,
    ) -> Box<Self> {
        let error = error.into();
        let (code, message) = match (error.code(), ended.reply) {
            (Some(code), _) => (code.to_owned(), error.message().unwrap_or_default().to_owned()),
            (None, Some(reply)) => (reply, String::new()),
            // The SDK's own text says only that it is an error.
            (None, None) => {
                ("no usable reply".to_owned(), error.source().map(causes).unwrap_or_default())
            }
        };
        let mut call = Self {
            operation,
            subject: subject.to_owned(),
            code,
            message,
            details: Vec::new(),
            // A reply without a code is told with its id.
            request_id: error.code().and(error.request_id()).map(ToOwned::to_owned),
            meaning: error.code().map_or(Meaning::Other, Meaning::of),
            resource_id: String::new(),
            dependents: Vec::new(),
            next_step: None,
            was_refused_at_once: ended.was_refused_at_once,
        };
        // A message about a channel may repeat its address.
        let is_hidden = operation.is_about_channels();
        let mut text = call.message.clone();
        match &error {
            SdkError::ResourceNotFoundException(inner) => {
                inner.resource_id().clone_into(&mut call.resource_id);
            }
            SdkError::ServiceQuotaExceededException(inner) => {
                let code = Some(inner.quota_code()).filter(|code| !code.is_empty());
                call.details.extend(code.map(|code| format!("quota {code}")));
            }
            SdkError::ConflictException(inner) => {
                inner.resource_id().clone_into(&mut call.resource_id);
                let mut by_relation = BTreeMap::<&str, Vec<&str>>::new();
                for entity in inner.dependent_entities() {
                    let ids = entity.dependent_resource_ids().iter().map(String::as_str);
                    call.dependents.extend(ids.clone().map(ToOwned::to_owned));
                    by_relation.entry(entity.relation_type()).or_default().extend(ids);
                }
                let told = by_relation.into_iter();
                call.details
                    .extend(told.map(|(relation, ids)| format!("{relation}: {}", list_of(&ids))));
            }
            SdkError::ValidationException(inner) => {
                call.details.extend(inner.reason().map(|reason| reason.as_str().to_owned()));
                for field in inner.fields().iter().take(FIELDS_MAX) {
                    text.extend([" ", field.name(), " ", field.message()]);
                    call.details.push(match field.message() {
                        message if message.is_empty() || is_hidden => {
                            shortened(field.name()).into_owned()
                        }
                        message => format!("{}: {}", shortened(field.name()), shortened(message)),
                    });
                }
            }
            _ => {}
        }
        let id = &call.resource_id;
        if !id.is_empty() && *id != call.subject && !call.message.contains(id.as_str()) {
            call.details.insert(0, format!("resource {id}"));
        }
        call.next_step = call.next_step_after(error.code(), &text.to_lowercase());
        if is_hidden {
            call.message.clear();
            call.resource_id.clear();
            call.dependents.clear();
            let names_no_value = matches!(call.meaning, Meaning::Validation | Meaning::Quota);
            call.details.retain(|_| names_no_value);
        }
        Box::new(call)
    }

    /// A reply that does not name what was created.
    pub(super) fn unusable(operation: Operation, subject: &str) -> Box<Self> {
        let error = aws_sdk_ssmcontacts::error::BuildError::other("the reply has no ARN");
        Self::new(operation, subject, error, Ended::default())
    }

    /// Adds something to tell.
    pub(crate) fn with_note(mut self: Box<Self>, note: &str) -> Box<Self> {
        self.details.insert(0, note.to_owned());
        self
    }

    /// The same failure, without the advice to change a token that the template does not give.
    pub(crate) fn without_token_advice(mut self: Box<Self>) -> Box<Self> {
        if self.next_step.as_deref() == Some(CHANGE_TOKEN) {
            self.next_step = (self.meaning == Meaning::Conflict).then(|| TRY_AGAIN.into());
        }
        self
    }

    /// `text` is all that the service says, in lower case.
    fn next_step_after(&self, code: Option<&str>, text: &str) -> Option<Cow<'static, str>> {
        let operation = self.operation;
        let words = || text.split(|c: char| !c.is_alphanumeric());
        let says = |any: &[&str]| words().any(|word| any.contains(&word));
        let is_about_token =
            operation == Operation::CreateContact && says(&["token", "idempotencytoken"]);
        // What a CreateContact misses is never its own contact.
        let is_anothers = operation == Operation::CreateContact
            || (!self.resource_id.is_empty() && !self.subject.ends_with(&self.resource_id));
        let step = match self.meaning {
            Meaning::Conflict if operation == Operation::DeleteContact => RELEASE_DEPENDENTS,
            Meaning::Conflict if operation.is_about_channels() => LOOK_AT_CHANNELS,
            Meaning::Conflict | Meaning::Validation if is_about_token => CHANGE_TOKEN,
            Meaning::Conflict => TRY_AGAIN,
            Meaning::Validation if self.message.contains("Account not found for the request") => {
                CREATE_REPLICATION_SET
            }
            Meaning::Validation if words().all(str::is_empty) => LOOK_AT_REGION,
            Meaning::Validation if operation.has_address() && !says(&["name"]) => CHECK_ADDRESS,
            Meaning::Validation
                if says(&["tag", "tags", "tagged", "tagging"]) && says(&["region", "regions"]) =>
            {
                TAG_IN_FIRST_REGION
            }
            Meaning::Validation => return None,
            Meaning::Quota if operation == Operation::TagResource => FEWER_TAGS,
            Meaning::Quota if operation == Operation::CreateContact => RAISE_QUOTA_OF_CONTACTS,
            Meaning::Quota => RAISE_QUOTA,
            Meaning::NotFound if is_anothers => CREATE_WHAT_THE_PLAN_NAMES,
            Meaning::NotFound if operation.is_read() => return None,
            Meaning::NotFound => UPDATE_AGAIN,
            Meaning::Other => match code {
                Some("AccessDeniedException") => {
                    return Some(allow_action(operation, &self.message).into());
                }
                Some("DataEncryptionException") => ENABLE_KEY,
                Some(
                    "ExpiredTokenException"
                    | "InvalidClientTokenId"
                    | "MissingAuthenticationTokenException"
                    | "UnrecognizedClientException",
                ) => CHECK_ROLE,
                None if self.message.contains("the credential provider was not enabled") => {
                    SET_CREDENTIALS
                }
                _ => return None,
            },
        };
        Some(step.into())
    }
}

impl fmt::Display for FailedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, subject) = (self.operation, &self.subject);
        write!(f, "{operation} failed for {subject}: {}", shortened(&self.code))?;
        let message = shortened(self.message.trim().trim_end_matches('.'));
        if !message.is_empty() {
            write!(f, ": {message}")?;
        }
        let mut left = DETAILS_MAX;
        for detail in &self.details {
            if detail.len() > left {
                f.write_str("; …")?;
                break;
            }
            left -= detail.len();
            write!(f, "; {detail}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request id {})", shortened(id))?;
        }
        f.write_str(".")?;
        self.next_step.as_ref().map_or(Ok(()), |step| write!(f, " Next step: {step}."))
    }
}

fn allow_action(operation: Operation, message: &str) -> String {
    let named = denied_action(message).map(ToOwned::to_owned);
    let action = named.unwrap_or_else(|| format!("ssm-contacts:{operation}"));
    let also = match action.as_str() {
        "ssm-contacts:CreateContact" | "ssm-contacts:UpdateContact" => {
            " (with it ssm-contacts:AssociateContact, for the contacts that a plan names)"
        }
        _ => "",
    };
    format!(
        "allow the function's role {action}{also}, and look for a denial in a service control policy \
         or permissions boundary"
    )
}

/// The action in IAM's message «… is not authorized to perform: ACTION on …».
fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?;
    let (service, operation) = action.split_once(':')?;
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (is_name(service) && is_name(operation) && !may_be_address(action)).then_some(action)
}

#[cfg(test)]
mod tests;
