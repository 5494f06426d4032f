//! Between the domain and the SDK's types.

use aws_sdk_ssmcontacts::Error as ServiceError;
use aws_sdk_ssmcontacts::error::{BuildError, ProvideErrorMetadata};
use aws_sdk_ssmcontacts::operation::RequestId;
use aws_sdk_ssmcontacts::operation::get_contact::GetContactOutput;
use aws_sdk_ssmcontacts::types::{
    ChannelTargetInfo, ContactTargetInfo, ContactType as SdkType, Plan as SdkPlan,
    Stage as SdkStage, Tag, Target as SdkTarget,
};

use crate::contact::{Contact, ContactArn, ContactType, Plan, Stage, Tags, Target};
use crate::error::{Cause, Failure};

use super::http::causes;

pub(super) fn contact_type(contact_type: ContactType) -> SdkType {
    match contact_type {
        ContactType::Personal => SdkType::Personal,
        ContactType::Escalation => SdkType::Escalation,
        ContactType::OncallSchedule => SdkType::OncallSchedule,
    }
}

fn contact_type_from(contact_type: &SdkType) -> Option<ContactType> {
    ContactType::ALL
        .into_iter()
        .find(|known| known.as_str() == contact_type.as_str())
}

/// The plan of a create. Left out, it is an empty list of stages, but nothing at all
/// for an on-call schedule, where the service refuses even an empty list.
pub(super) fn plan_to_create(
    contact_type: ContactType,
    wanted: Option<&Plan>,
) -> Result<SdkPlan, BuildError> {
    match (wanted, contact_type) {
        (Some(wanted), _) => plan(wanted),
        (None, ContactType::OncallSchedule) => Ok(SdkPlan::builder().build()),
        (None, _) => plan(&contact_type.empty_plan()),
    }
}

pub(super) fn plan(plan: &Plan) -> Result<SdkPlan, BuildError> {
    let plan = match plan {
        Plan::Stages(stages) => {
            let stages = stages.iter().map(stage).collect::<Result<_, _>>()?;
            SdkPlan::builder().set_stages(Some(stages))
        }
        Plan::Rotations(rotations) => SdkPlan::builder().set_rotation_ids(Some(rotations.clone())),
    };
    Ok(plan.build())
}

fn stage(stage: &Stage) -> Result<SdkStage, BuildError> {
    let targets = stage.targets.iter().map(target).collect::<Result<_, _>>()?;
    SdkStage::builder()
        .duration_in_minutes(stage.duration_in_minutes)
        .set_targets(Some(targets))
        .build()
}

fn target(target: &Target) -> Result<SdkTarget, BuildError> {
    let target = match target {
        Target::Channel {
            contact_channel_id,
            retry_interval_in_minutes,
        } => SdkTarget::builder().channel_target_info(
            ChannelTargetInfo::builder()
                .contact_channel_id(contact_channel_id)
                .set_retry_interval_in_minutes(*retry_interval_in_minutes)
                .build()?,
        ),
        Target::Contact {
            contact_id,
            is_essential,
        } => SdkTarget::builder().contact_target_info(
            ContactTargetInfo::builder()
                .set_contact_id(contact_id.clone())
                .is_essential(*is_essential)
                .build()?,
        ),
    };
    Ok(target.build())
}

pub(super) fn tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}

pub(super) fn tags_from(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| {
            Some((
                tag.key()?.to_owned(),
                tag.value().unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}

/// The contact without its tags, which GetContact does not tell.
pub(super) fn contact(arn: &ContactArn, found: &GetContactOutput) -> Contact {
    let contact_type = contact_type_from(found.r#type());
    // The service may name another Region than it was asked in. Under two ARNs,
    // CloudFormation would take one contact for two.
    let named = ContactArn::parse(found.contact_arn()).filter(|named| named.alias() == arn.alias());
    Contact {
        arn: named.unwrap_or_else(|| arn.clone()),
        contact_type,
        display_name: found.display_name().unwrap_or_default().to_owned(),
        plan: contact_type
            .zip(found.plan())
            .and_then(|(contact_type, plan)| plan_from(contact_type, plan)),
        tags: Tags::new(),
    }
}

fn plan_from(contact_type: ContactType, plan: &SdkPlan) -> Option<Plan> {
    match contact_type {
        ContactType::OncallSchedule => Some(Plan::Rotations(plan.rotation_ids().to_vec())),
        ContactType::Personal | ContactType::Escalation => {
            let stages = plan.stages().iter().map(stage_from);
            stages.collect::<Option<_>>().map(Plan::Stages)
        }
    }
}

fn stage_from(stage: &SdkStage) -> Option<Stage> {
    let targets = stage.targets().iter().map(target_from);
    Some(Stage {
        duration_in_minutes: stage.duration_in_minutes(),
        targets: targets.collect::<Option<_>>()?,
    })
}

fn target_from(target: &SdkTarget) -> Option<Target> {
    match (target.channel_target_info(), target.contact_target_info()) {
        (Some(channel), None) => Some(Target::Channel {
            contact_channel_id: channel.contact_channel_id().to_owned(),
            retry_interval_in_minutes: channel.retry_interval_in_minutes(),
        }),
        (None, Some(contact)) => Some(Target::Contact {
            contact_id: contact.contact_id().map(ToOwned::to_owned),
            is_essential: contact.is_essential(),
        }),
        _ => None,
    }
}

/// What the person who reads the Reason needs of a failed call.
pub(super) fn failure(operation: &'static str, subject: &str, error: &ServiceError) -> Failure {
    let (code, message) = if let Some(code) = error.code() {
        (code, error.message().unwrap_or_default().to_owned())
    } else {
        // Its own text says only that it is an error.
        let source = std::error::Error::source(error);
        let why = source.map(causes).unwrap_or_default();
        ("no usable answer", why)
    };
    let cause = cause(error, &message);
    Failure {
        operation,
        subject: subject.to_owned(),
        code: code.to_owned(),
        message,
        request_id: error.request_id().map(ToOwned::to_owned),
        cause,
    }
}

fn cause(error: &ServiceError, message: &str) -> Cause {
    match error {
        ServiceError::AccessDeniedException(_) => Cause::AccessDenied,
        ServiceError::DataEncryptionException(_) => Cause::Encryption,
        ServiceError::ResourceNotFoundException(inner) => Cause::NotFound {
            resource_id: inner.resource_id().to_owned(),
        },
        ServiceError::ServiceQuotaExceededException(inner) => Cause::Quota {
            code: inner.quota_code().to_owned(),
        },
        ServiceError::ConflictException(inner) => Cause::Conflict {
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
        ServiceError::ValidationException(_)
            if message.contains("Account not found for the request") =>
        {
            Cause::NoReplicationSet
        }
        ServiceError::ValidationException(inner) => Cause::Validation {
            reason: inner.reason().map(|reason| reason.as_str().to_owned()),
            fields: inner
                .fields()
                .iter()
                .map(|field| (field.name().to_owned(), field.message().to_owned()))
                .collect(),
        },
        other => match other.code() {
            Some(
                "ExpiredTokenException"
                | "InvalidClientTokenId"
                | "MissingAuthenticationTokenException"
                | "UnrecognizedClientException",
            ) => Cause::Credentials,
            None if message.contains("the credential provider was not enabled") => {
                Cause::NoCredentials
            }
            _ => Cause::Other,
        },
    }
}
