//! The engagement plan: its shape, and what each type of contact allows in it.

use crate::contact::{ContactType, Plan, Stage, Target};

use super::reader::{Faults, Node, quoted};

/// Most rotations an on-call schedule may have.
const ROTATIONS_MAX: usize = 25;
/// Most characters an ARN may have.
const ARN_MAX: usize = 2048;

/// Reads a plan. Without a type, which has its own fault, only the shape is checked.
pub(super) fn read(
    node: &Node<'_>,
    contact_type: Option<ContactType>,
    faults: &mut Faults,
) -> Option<Plan> {
    let members = node.members(&["RotationIds", "Stages"], faults)?;
    let stages = members.get("Stages");
    let rotations = members.get("RotationIds");
    match contact_type {
        Some(ContactType::OncallSchedule) => {
            if let Some(stages) = &stages {
                faults.add(
                    &stages.path,
                    "must be left out: an ONCALL_SCHEDULE has RotationIds and no stages",
                );
            }
        }
        Some(other) => {
            if let Some(rotations) = &rotations {
                faults.add(
                    &rotations.path,
                    format!("must be left out: only an ONCALL_SCHEDULE has rotations, a contact of type {other} has Stages"),
                );
            }
        }
        None if stages.is_some() && rotations.is_some() => {
            faults.add(&node.path, "must have Stages or RotationIds, not both");
        }
        None => {}
    }
    let rotations = rotations.map(|node| read_rotations(&node, faults));
    let stages = stages.map(|node| read_stages(&node, contact_type, faults));
    match (stages, rotations, contact_type) {
        (None, None, None) => None,
        (Some(stages), ..) => Some(Plan::Stages(stages?)),
        (None, Some(rotations), _) => Some(Plan::Rotations(rotations?)),
        (None, None, Some(contact_type)) => Some(contact_type.empty_plan()),
    }
}

fn read_rotations(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let items = node.items(faults)?;
    if items.len() > ROTATIONS_MAX {
        faults.add(
            &node.path,
            format!(
                "may have at most {ROTATIONS_MAX} rotations, not {}",
                items.len()
            ),
        );
    }
    each(&items, faults, read_arn)
}

fn read_stages(
    node: &Node<'_>,
    contact_type: Option<ContactType>,
    faults: &mut Faults,
) -> Option<Vec<Stage>> {
    let items = node.items(faults)?;
    each(&items, faults, |node, faults| {
        read_stage(node, contact_type, faults)
    })
}

fn read_stage(
    node: &Node<'_>,
    contact_type: Option<ContactType>,
    faults: &mut Faults,
) -> Option<Stage> {
    let members = node.members(&["DurationInMinutes", "Targets"], faults)?;
    let duration = members.require("DurationInMinutes", faults);
    let minutes = duration
        .as_ref()
        .and_then(|node| node.number(&(0..=30), faults));
    let targets = members.require("Targets", faults).and_then(|node| {
        let items = node.items(faults)?;
        each(&items, faults, |node, faults| {
            read_target(node, contact_type, faults)
        })
    });
    if let (Some(duration), Some(0), Some([])) = (&duration, minutes, targets.as_deref()) {
        faults.add(
            &duration.path,
            "may be 0 only if the stage has a target; 1 to 30 otherwise",
        );
    }
    Some(Stage {
        duration_in_minutes: minutes?,
        targets: targets?,
    })
}

fn read_target(
    node: &Node<'_>,
    contact_type: Option<ContactType>,
    faults: &mut Faults,
) -> Option<Target> {
    let members = node.members(&["ChannelTargetInfo", "ContactTargetInfo"], faults)?;
    let channel = members.get("ChannelTargetInfo");
    let contact = members.get("ContactTargetInfo");
    match contact_type {
        Some(ContactType::Personal) => {
            if let Some(contact) = &contact {
                faults.add(
                    &contact.path,
                    "is not allowed: the stages of a PERSONAL contact hold ChannelTargetInfo",
                );
            }
        }
        Some(ContactType::Escalation) => {
            if let Some(channel) = &channel {
                faults.add(
                    &channel.path,
                    "is not allowed: the stages of an ESCALATION plan hold ContactTargetInfo",
                );
            }
        }
        Some(ContactType::OncallSchedule) | None => {}
    }
    let channel_target = channel.as_ref().and_then(|node| read_channel(node, faults));
    let contact_target = contact.as_ref().and_then(|node| read_contact(node, faults));
    match (channel, contact) {
        (Some(_), None) => channel_target,
        (None, Some(_)) => contact_target,
        _ => {
            faults.add(
                &node.path,
                "must have exactly one of ChannelTargetInfo and ContactTargetInfo",
            );
            None
        }
    }
}

fn read_channel(node: &Node<'_>, faults: &mut Faults) -> Option<Target> {
    let members = node.members(&["ContactChannelId", "RetryIntervalInMinutes"], faults)?;
    let arn = members
        .require("ContactChannelId", faults)
        .and_then(|node| read_arn(&node, faults));
    let retry_interval_in_minutes = members
        .get("RetryIntervalInMinutes")
        .and_then(|node| node.number(&(0..=60), faults));
    Some(Target::Channel {
        contact_channel_id: arn?,
        retry_interval_in_minutes,
    })
}

fn read_contact(node: &Node<'_>, faults: &mut Faults) -> Option<Target> {
    let members = node.members(&["ContactId", "IsEssential"], faults)?;
    let contact_id = members
        .get("ContactId")
        .and_then(|node| read_arn(&node, faults));
    let is_essential = members
        .require("IsEssential", faults)
        .and_then(|node| node.flag(faults));
    Some(Target::Contact {
        contact_id,
        is_essential: is_essential?,
    })
}

fn read_arn(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let text = node.text(faults)?;
    if is_contacts_arn(&text) {
        return Some(text.into_owned());
    }
    faults.add(
        &node.path,
        format!(
            "must be an ARN of SSM Contacts (arn:aws:ssm-contacts:<region>:<account>:…) of at most {ARN_MAX} characters, not {}",
            quoted(&text)
        ),
    );
    None
}

/// The API's pattern for an ARN:
/// `arn:(aws|aws-cn|aws-us-gov):ssm-contacts:[-\w+=\/,.@]*:[0-9]+:([\w+=\/,.@:-])*`.
fn is_contacts_arn(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-+=/,.@".contains(c);
    let [scheme, partition, service, region, account, resource] =
        *text.splitn(6, ':').collect::<Vec<_>>()
    else {
        return false;
    };
    text.chars().count() <= ARN_MAX
        && scheme == "arn"
        && matches!(partition, "aws" | "aws-cn" | "aws-us-gov")
        && service == "ssm-contacts"
        && region.chars().all(word)
        && !account.is_empty()
        && account.bytes().all(|b| b.is_ascii_digit())
        && resource.chars().all(|c| word(c) || c == ':')
}

/// Reads every item, so that every fault is told; `None` if one can't be read.
fn each<'a, T>(
    items: &[Node<'a>],
    faults: &mut Faults,
    mut read: impl FnMut(&Node<'a>, &mut Faults) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<_> = items.iter().map(|item| read(item, faults)).collect();
    read.into_iter().collect()
}
