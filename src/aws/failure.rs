//! What the service's errors mean: the one place that interprets its codes and words.

use std::collections::BTreeMap;
use std::fmt;

use aws_sdk_ssmcontacts::Error as SdkError;
use aws_sdk_ssmcontacts::error::ProvideErrorMetadata;
use aws_sdk_ssmcontacts::operation::RequestId;

use super::operations::Operation;
use crate::contact::personal_data::may_be_address;
use crate::io::http::causes;
use crate::text::{first_of, shortened};

/// A call that failed.
#[derive(Clone, Debug)]
pub(crate) struct FailedCall {
    pub(crate) operation: Operation,
    /// What the call was about: an alias, an ARN, or the Name of a channel.
    subject: String,
    /// The service's error code, or `no usable answer` if it sent none.
    code: String,
    /// The service's message; often empty.
    message: String,
    /// The id to give to AWS Support.
    request_id: Option<String>,
    pub(crate) cause: Cause,
    next_step: Option<NextStep>,
    /// Whether the call was refused for good at its only sending.
    pub(crate) was_refused_at_once: bool,
}

/// What a failed call means to the request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    /// The alias or the Name is taken, or the contact is in use.
    Conflict {
        /// The resource that the service names; may be empty.
        resource_id: String,
        /// Relation and ids of what depends on it.
        dependents: Vec<(String, Vec<String>)>,
    },
    /// The contact, or something that the call names, does not exist.
    NotFound { resource_id: String },
    /// A quota is reached.
    Quota { code: String },
    /// The service refused the input.
    Validation {
        /// The service's word for why, such as `FIELD_VALIDATION_FAILED`.
        reason: Option<String>,
        /// The fields that it names, each with its message.
        fields: Vec<(String, String)>,
    },
    /// Anything else, including a service that did not answer.
    Other,
}

/// What the reader of a Reason can do about a failed call.
#[derive(Clone, Debug, Eq, PartialEq)]
enum NextStep {
    AllowAction(String),
    Fixed(&'static str),
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
    this channel another Name, or rename or delete the others";
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
const UPDATE_AGAIN: &str = "it was deleted meanwhile; update the stack again";

impl FailedCall {
    pub(super) fn new(
        operation: Operation,
        subject: &str,
        error: impl Into<SdkError>,
        was_refused_at_once: bool,
    ) -> Box<Self> {
        let error = error.into();
        let (code, message) = if let Some(code) = error.code() {
            (code, error.message().unwrap_or_default().to_owned())
        } else {
            // The SDK's own text says only that it is an error.
            let source = std::error::Error::source(&error);
            ("no usable answer", source.map(causes).unwrap_or_default())
        };
        let cause = Cause::of(&error);
        let mut call = Self {
            operation,
            subject: subject.to_owned(),
            code: code.to_owned(),
            next_step: next_step(operation, subject, &error, &message, &cause),
            message,
            request_id: error.request_id().map(ToOwned::to_owned),
            cause,
            was_refused_at_once,
        };
        if operation.is_about_channels() {
            call.hide_messages();
        }
        Box::new(call)
    }

    /// A reply that does not name what was created.
    pub(super) fn unusable(operation: Operation, subject: String) -> Box<Self> {
        Box::new(Self {
            operation,
            subject,
            code: "no usable answer".to_owned(),
            message: "the reply has no ARN".to_owned(),
            request_id: None,
            cause: Cause::Other,
            next_step: None,
            was_refused_at_once: false,
        })
    }

    /// Removes what the service wrote in words, or named: it may repeat an address.
    fn hide_messages(&mut self) {
        self.message.clear();
        match &mut self.cause {
            Cause::Validation { fields, .. } => {
                fields.iter_mut().for_each(|(_, message)| message.clear())
            }
            Cause::Conflict {
                resource_id,
                dependents,
            } => {
                resource_id.clear();
                dependents.clear();
            }
            Cause::NotFound { resource_id } => resource_id.clear(),
            Cause::Quota { .. } | Cause::Other => {}
        }
    }

    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self.cause, Cause::Conflict { .. })
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self.cause, Cause::NotFound { .. })
    }

    pub(crate) fn is_validation(&self) -> bool {
        matches!(self.cause, Cause::Validation { .. })
    }

    pub(crate) fn is_quota(&self) -> bool {
        matches!(self.cause, Cause::Quota { .. })
    }

    /// The resource of a conflict, as the service names it.
    pub(crate) fn conflicting_resource(&self) -> Option<&str> {
        match &self.cause {
            Cause::Conflict { resource_id, .. } => Some(resource_id),
            _ => None,
        }
    }

    /// What a conflict says to depend on the contact, as the service names it.
    pub(crate) fn dependents(&self) -> Vec<&str> {
        match &self.cause {
            Cause::Conflict { dependents, .. } => dependents
                .iter()
                .flat_map(|(_, ids)| ids)
                .map(String::as_str)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Adds a sentence to the message.
    pub(crate) fn with_note(mut self, note: &str) -> Self {
        let separator = if self.message.is_empty() { "" } else { "; " };
        self.message = format!("{}{separator}{note}", self.message);
        self
    }

    /// The same failure, without the advice to change a token that the template does not give.
    pub(crate) fn without_token_advice(mut self) -> Self {
        self.next_step
            .take_if(|step| *step == NextStep::Fixed(CHANGE_TOKEN));
        self
    }

    /// What it tells besides its message.
    fn details(&self) -> Vec<String> {
        match &self.cause {
            Cause::Validation { reason, fields } => {
                let fields =
                    fields
                        .iter()
                        .take(FIELDS_MAX)
                        .map(|(name, message)| match message.as_str() {
                            "" => shortened(name).into_owned(),
                            message => format!("{name}: {}", shortened(message)),
                        });
                reason.iter().cloned().chain(fields).collect()
            }
            Cause::Conflict {
                resource_id,
                dependents,
            } => {
                let mut by_relation: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
                for (relation, ids) in dependents {
                    let of_relation = by_relation.entry(relation).or_default();
                    of_relation.extend(ids.iter().map(String::as_str));
                }
                let dependents = by_relation
                    .into_iter()
                    .map(|(relation, ids)| format!("{relation}: {}", first_of(&ids)));
                let is_told = resource_id.is_empty() || self.message.contains(resource_id.as_str());
                let resource = (!is_told).then(|| format!("resource {resource_id}"));
                resource.into_iter().chain(dependents).collect()
            }
            Cause::Quota { code } if !code.is_empty() => vec![format!("quota {code}")],
            Cause::NotFound { resource_id }
                if !resource_id.is_empty() && *resource_id != self.subject =>
            {
                vec![format!("resource {resource_id}")]
            }
            _ => Vec::new(),
        }
    }
}

/// Most fields of a ValidationException that a Reason names.
const FIELDS_MAX: usize = 8;
/// Most bytes of the details that a Reason names. What to do next stands at its end, and must not
/// be cut off.
const DETAILS_MAX: usize = 1600;

impl fmt::Display for FailedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, subject, code) = (self.operation.as_str(), &self.subject, &self.code);
        write!(f, "{operation} failed for {subject}: {}", shortened(code))?;
        let message = shortened(self.message.trim().trim_end_matches('.'));
        if !message.is_empty() {
            write!(f, ": {message}")?;
        }
        let mut left = DETAILS_MAX;
        for detail in self.details() {
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
        match &self.next_step {
            Some(NextStep::Fixed(step)) => write!(f, " Next step: {step}."),
            Some(NextStep::AllowAction(action)) => {
                let also = match action.as_str() {
                    "ssm-contacts:CreateContact" | "ssm-contacts:UpdateContact" => {
                        " (with it ssm-contacts:AssociateContact, for the contacts that a plan names)"
                    }
                    _ => "",
                };
                write!(
                    f,
                    " Next step: allow the function's role {action}{also}, and look for a denial in a service control \
                     policy or permissions boundary."
                )
            }
            None => Ok(()),
        }
    }
}

impl Cause {
    fn of(error: &SdkError) -> Self {
        match error {
            SdkError::ResourceNotFoundException(inner) => Self::NotFound {
                resource_id: inner.resource_id().to_owned(),
            },
            SdkError::ServiceQuotaExceededException(inner) => Self::Quota {
                code: inner.quota_code().to_owned(),
            },
            SdkError::ConflictException(inner) => {
                let dependents = inner.dependent_entities().iter().map(|entity| {
                    let ids = entity.dependent_resource_ids().to_vec();
                    (entity.relation_type().to_owned(), ids)
                });
                Self::Conflict {
                    resource_id: inner.resource_id().to_owned(),
                    dependents: dependents.collect(),
                }
            }
            SdkError::ValidationException(inner) => {
                let fields = inner.fields().iter();
                let fields =
                    fields.map(|field| (field.name().to_owned(), field.message().to_owned()));
                Self::Validation {
                    reason: inner.reason().map(|reason| reason.as_str().to_owned()),
                    fields: fields.collect(),
                }
            }
            _ => Self::Other,
        }
    }
}

fn next_step(
    operation: Operation,
    subject: &str,
    error: &SdkError,
    message: &str,
    cause: &Cause,
) -> Option<NextStep> {
    let step = match (cause, operation) {
        (Cause::Conflict { .. }, Operation::DeleteContact) => RELEASE_DEPENDENTS,
        (Cause::Conflict { .. }, _) if operation.is_about_channels() => LOOK_AT_CHANNELS,
        (Cause::Conflict { .. }, _) => about_token(operation, message, &[])?,
        (Cause::Validation { .. }, _) if message.contains("Account not found for the request") => {
            CREATE_REPLICATION_SET
        }
        (
            Cause::Validation { .. },
            Operation::CreateContactChannel | Operation::UpdateContactChannel,
        ) => CHECK_ADDRESS,
        (Cause::Validation { fields, .. }, _) => {
            let refuses_tags = {
                let words = words(message, fields);
                says(&words, &["tag", "tags", "tagged", "tagging"])
                    && says(&words, &["region", "regions"])
            };
            let is_silent = message.trim().is_empty() && fields.is_empty();
            match about_token(operation, message, fields) {
                Some(step) => step,
                None if refuses_tags => TAG_IN_FIRST_REGION,
                None if is_silent => LOOK_AT_REGION,
                None => return None,
            }
        }
        (Cause::Quota { .. }, Operation::TagResource) => FEWER_TAGS,
        (Cause::Quota { .. }, Operation::CreateContact) => RAISE_QUOTA_OF_CONTACTS,
        (Cause::Quota { .. }, _) => RAISE_QUOTA,
        (Cause::NotFound { resource_id }, _)
            if !resource_id.is_empty() && resource_id != subject =>
        {
            CREATE_WHAT_THE_PLAN_NAMES
        }
        (Cause::NotFound { .. }, _) if operation.is_read() => return None,
        (Cause::NotFound { .. }, _) => UPDATE_AGAIN,
        (Cause::Other, _) => match (error, error.code()) {
            (SdkError::AccessDeniedException(_), _) => {
                let named = denied_action(message).map(ToOwned::to_owned);
                let action =
                    named.unwrap_or_else(|| format!("ssm-contacts:{}", operation.as_str()));
                return Some(NextStep::AllowAction(action));
            }
            (SdkError::DataEncryptionException(_), _) => ENABLE_KEY,
            (
                _,
                Some(
                    "ExpiredTokenException"
                    | "InvalidClientTokenId"
                    | "MissingAuthenticationTokenException"
                    | "UnrecognizedClientException",
                ),
            ) => CHECK_ROLE,
            (_, None) if message.contains("the credential provider was not enabled") => {
                SET_CREDENTIALS
            }
            _ => return None,
        },
    };
    Some(NextStep::Fixed(step))
}

/// The advice about a token, if a refusal of CreateContact is about it. The model of the service
/// has no code for it.
fn about_token(
    operation: Operation,
    message: &str,
    fields: &[(String, String)],
) -> Option<&'static str> {
    let is_about_token = says(&words(message, fields), &["token", "idempotencytoken"]);
    (operation == Operation::CreateContact && is_about_token).then_some(CHANGE_TOKEN)
}

/// The words of a message and of the fields, in lower case.
fn words(message: &str, fields: &[(String, String)]) -> Vec<String> {
    let fields = fields
        .iter()
        .flat_map(|(name, message)| [name.as_str(), message]);
    let texts = std::iter::once(message).chain(fields);
    let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    words.map(str::to_lowercase).collect()
}

fn says(words: &[String], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(&word.as_str()))
}

/// The action in IAM's message «… is not authorized to perform: <action> on …».
fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?;
    let (service, operation) = action.split_once(':')?;
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (is_name(service) && is_name(operation) && !may_be_address(action)).then_some(action)
}

#[cfg(test)]
mod tests;
