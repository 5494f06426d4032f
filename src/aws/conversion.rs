//! Converts between the domain and the SDK's types.

use aws_sdk_ssmcontacts::error::BuildError;
use aws_sdk_ssmcontacts::operation::get_contact::GetContactOutput;
use aws_sdk_ssmcontacts::types::{
    ActivationStatus, ChannelTargetInfo, ContactChannel, ContactChannelAddress, ContactTargetInfo,
    Plan as SdkPlan, Stage as SdkStage, Tag, Target as SdkTarget,
};

use crate::contact::arn::ContactArn;
use crate::contact::channel::{Address, Channel, ChannelType};
use crate::contact::plan::{ChannelReference, Plan, Stage, Target};
use crate::contact::{Contact, ContactType, Tags};

/// The plan of a CreateContact, whose `Plan` is required.
pub(super) fn plan_or_empty(wanted: Option<&Plan>) -> Result<SdkPlan, BuildError> {
    wanted.map_or_else(|| Ok(SdkPlan::builder().build()), plan)
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
        // `build` refuses a target whose channel has no ARN yet.
        Target::Channel { channel, retry_interval_in_minutes } => SdkTarget::builder()
            .channel_target_info(
                ChannelTargetInfo::builder()
                    .set_contact_channel_id(match channel {
                        ChannelReference::Arn(arn) => Some(arn.clone()),
                        ChannelReference::Name(_) => None,
                    })
                    .set_retry_interval_in_minutes(*retry_interval_in_minutes)
                    .build()?,
            ),
        Target::Contact { contact_id, is_essential } => SdkTarget::builder().contact_target_info(
            ContactTargetInfo::builder()
                .set_contact_id(contact_id.clone())
                .is_essential(*is_essential)
                .build()?,
        ),
    };
    Ok(target.build())
}

pub(super) fn address(address: &Address) -> ContactChannelAddress {
    ContactChannelAddress::builder().simple_address(address.reveal()).build()
}

pub(super) fn channel_from(found: &ContactChannel) -> Channel {
    let address = found.delivery_address();
    let address = address.and_then(ContactChannelAddress::simple_address);
    let channel_type = found.r#type().and_then(|found| ChannelType::from_name(found.as_str()));
    Channel {
        arn: found.contact_channel_arn().to_owned(),
        name: found.name().to_owned(),
        channel_type,
        address: Address::new(address.unwrap_or_default()),
        is_activated: *found.activation_status() == ActivationStatus::Activated,
    }
}

pub(super) fn tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}

pub(super) fn tags_from(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect()
}

/// The contact without its tags and channels, which GetContact does not return.
pub(super) fn contact(arn: &ContactArn, found: &GetContactOutput) -> Contact {
    let contact_type = ContactType::from_name(found.r#type().as_str());
    // The service may answer with another Region than the ARN that it was asked for. With
    // two ARNs for one contact, CloudFormation would delete one of two resources.
    let named = ContactArn::parse(found.contact_arn()).filter(|named| named.alias() == arn.alias());
    Contact {
        arn: named.unwrap_or_else(|| arn.clone()),
        contact_type,
        display_name: found.display_name().unwrap_or_default().to_owned(),
        plan: contact_type
            .zip(found.plan())
            .and_then(|(contact_type, plan)| plan_from(contact_type, plan)),
        tags: Tags::new(),
        channels: None,
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
            channel: ChannelReference::Arn(channel.contact_channel_id().to_owned()),
            retry_interval_in_minutes: channel.retry_interval_in_minutes(),
        }),
        (None, Some(contact)) => Some(Target::Contact {
            contact_id: contact.contact_id().map(ToOwned::to_owned),
            is_essential: contact.is_essential(),
        }),
        _ => None,
    }
}
