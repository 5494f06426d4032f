//! What the service's errors mean: the one place that interprets its codes and words.

use aws_sdk_ssmcontacts::Error as SdkError;
use aws_sdk_ssmcontacts::error::ProvideErrorMetadata;
use aws_sdk_ssmcontacts::operation::RequestId;

use crate::error::{Cause, Error, FailedCall, NextStep};
use crate::io::http::causes;

/// Whether a Reason and the log tell the service's message about a failed call of this
/// operation. A message about a channel may repeat its address.
pub(super) fn tells_message(operation: &str) -> bool {
    !matches!(
        operation,
        "CreateContactChannel"
            | "DeleteContactChannel"
            | "ListContactChannels"
            | "UpdateContactChannel"
    )
}

/// The error of a call that failed.
pub(super) fn call_failed(
    operation: &'static str,
    subject: &str,
    error: impl Into<SdkError>,
) -> Error {
    let error = error.into();
    let (code, message) = if let Some(code) = error.code() {
        (code, error.message().unwrap_or_default().to_owned())
    } else {
        // The SDK's own text says only that it is an error.
        let source = std::error::Error::source(&error);
        ("no usable answer", source.map(causes).unwrap_or_default())
    };
    let mut cause = cause(&error, &message);
    let next_step = next_step(operation, subject, &error, &message, &cause);
    let message = if tells_message(operation) {
        message
    } else {
        cause.forget_messages();
        String::new()
    };
    Error::call_failed(FailedCall {
        operation,
        subject: subject.to_owned(),
        code: code.to_owned(),
        message,
        request_id: error.request_id().map(ToOwned::to_owned),
        cause,
        next_step,
    })
}

fn cause(error: &SdkError, message: &str) -> Cause {
    match error {
        SdkError::AccessDeniedException(_) => Cause::AccessDenied,
        SdkError::ResourceNotFoundException(inner) => Cause::NotFound {
            resource_id: inner.resource_id().to_owned(),
        },
        SdkError::ServiceQuotaExceededException(inner) => Cause::Quota {
            code: inner.quota_code().to_owned(),
        },
        SdkError::ConflictException(inner) => Cause::Conflict {
            resource_id: inner.resource_id().to_owned(),
            dependents: inner
                .dependent_entities()
                .iter()
                .map(|entity| {
                    let ids = entity.dependent_resource_ids().to_vec();
                    (entity.relation_type().to_owned(), ids)
                })
                .collect(),
        },
        SdkError::ValidationException(_)
            if message.contains("Account not found for the request") =>
        {
            Cause::NoReplicationSet
        }
        SdkError::ValidationException(inner) => {
            let fields: Vec<_> = inner
                .fields()
                .iter()
                .map(|field| (field.name().to_owned(), field.message().to_owned()))
                .collect();
            let words = words(message, &fields);
            let refuses_tags_in_region = says(&words, &["tag", "tags", "tagged", "tagging"])
                && says(&words, &["region", "regions"]);
            Cause::Validation {
                reason: inner.reason().map(|reason| reason.as_str().to_owned()),
                fields,
                refuses_tags_in_region,
            }
        }
        _ => Cause::Other,
    }
}

fn next_step(
    operation: &'static str,
    subject: &str,
    error: &SdkError,
    message: &str,
    cause: &Cause,
) -> Option<NextStep> {
    match cause {
        Cause::AccessDenied => {
            let action = denied_action(message)
                .map_or_else(|| format!("ssm-contacts:{operation}"), ToOwned::to_owned);
            Some(NextStep::AllowAction(action))
        }
        Cause::Conflict { .. } if operation == "DeleteContact" => Some(NextStep::ReleaseDependents),
        Cause::Conflict { .. } if !tells_message(operation) => Some(NextStep::LookAtChannels),
        Cause::Validation { .. } if operation == "ListContactChannels" => None,
        Cause::Validation { .. } if !tells_message(operation) => Some(NextStep::CheckAddress),
        Cause::Conflict { .. } | Cause::Validation { .. } => about_input(operation, message, cause),
        Cause::Quota { .. } if operation == "TagResource" => Some(NextStep::FewerTags),
        Cause::Quota { .. } if operation == "CreateContact" => Some(NextStep::RaiseQuotaOfContacts),
        Cause::Quota { .. } => Some(NextStep::RaiseQuota),
        Cause::NoReplicationSet => Some(NextStep::CreateReplicationSet),
        Cause::NotFound { resource_id } if !resource_id.is_empty() && resource_id != subject => {
            Some(NextStep::CreateWhatThePlanNames)
        }
        Cause::NotFound { .. } => {
            let is_read = matches!(
                operation,
                "GetContact" | "ListContactChannels" | "ListTagsForResource"
            );
            (!is_read).then_some(NextStep::UpdateAgain)
        }
        Cause::Other => match (error, error.code()) {
            (SdkError::DataEncryptionException(_), _) => Some(NextStep::EnableKey),
            (
                _,
                Some(
                    "ExpiredTokenException"
                    | "InvalidClientTokenId"
                    | "MissingAuthenticationTokenException"
                    | "UnrecognizedClientException",
                ),
            ) => Some(NextStep::CheckRole),
            (_, None) if message.contains("the credential provider was not enabled") => {
                Some(NextStep::SetCredentials)
            }
            _ => None,
        },
    }
}

/// What a refusal of the input is about. The model of the service has no codes for it.
fn about_input(operation: &'static str, message: &str, cause: &Cause) -> Option<NextStep> {
    let (fields, refuses_tags) = match cause {
        Cause::Validation {
            fields,
            refuses_tags_in_region,
            ..
        } => (fields.as_slice(), *refuses_tags_in_region),
        _ => (&[][..], false),
    };
    if operation == "CreateContact" && says(&words(message, fields), &["token", "idempotencytoken"])
    {
        Some(NextStep::ChangeToken)
    } else {
        refuses_tags.then_some(NextStep::TagInFirstRegion)
    }
}

/// The words of a message and of the fields, in lower case.
fn words(message: &str, fields: &[(String, String)]) -> Vec<String> {
    let fields = fields
        .iter()
        .flat_map(|(name, message)| [name.as_str(), message]);
    std::iter::once(message)
        .chain(fields)
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .map(str::to_lowercase)
        .collect()
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
    (is_name(service) && is_name(operation)).then_some(action)
}
