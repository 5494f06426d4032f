//! Reads an engagement plan, and checks what each type of contact allows in it.

use std::collections::BTreeSet;

use crate::channel::{ChannelReference, DesiredPlan};
use crate::contact::{Arn, ContactType, Plan, Stage, Target};

use super::reader::{Node, Shown, Violations, did_you_mean, quoted};

/// Most rotations an on-call schedule may have.
const ROTATIONS_MAX: usize = 25;
/// Most characters an ARN may have.
const ARN_MAX: usize = 2048;

/// What the rest of the properties says about a plan.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The type of the contact. Without one, which is a violation of its own, only the shape is
    /// checked.
    pub(super) contact_type: Option<ContactType>,
    /// The Names of the template's channels; `None` if one of them can't be read.
    pub(super) names: Option<&'a BTreeSet<String>>,
}

/// Reads a plan.
pub(super) fn read(
    node: &Node<'_>,
    context: Context<'_>,
    violations: &mut Violations,
) -> Option<DesiredPlan> {
    let contact_type = context.contact_type;
    let members = node.members(&["RotationIds", "Stages"], violations)?;
    let stages = members.get("Stages");
    let rotations = members.get("RotationIds");
    match contact_type {
        Some(ContactType::OncallSchedule) => {
            if let Some(stages) = &stages {
                violations.add(
                    &stages.path,
                    "must be left out: an ONCALL_SCHEDULE has RotationIds and no stages",
                );
            }
        }
        Some(other) => {
            if let Some(rotations) = &rotations {
                violations.add(
                    &rotations.path,
                    format!("must be left out: only an ONCALL_SCHEDULE has rotations, a contact of type {other} has Stages"),
                );
            }
        }
        None if stages.is_some() && rotations.is_some() => {
            violations.add(&node.path, "must have Stages or RotationIds, not both");
        }
        None => {}
    }
    let rotations = rotations.map(|node| read_rotations(&node, violations));
    let stages = stages.map(|node| read_stages(&node, context, violations));
    match (stages, rotations, contact_type) {
        (None, None, None) => None,
        (Some(stages), ..) => Some(Plan::Stages(stages?)),
        (None, Some(rotations), _) => Some(Plan::Rotations(rotations?)),
        (None, None, Some(contact_type)) => Some(contact_type.empty_plan()),
    }
}

fn read_rotations(node: &Node<'_>, violations: &mut Violations) -> Option<Vec<String>> {
    let items = node.items(violations)?;
    if items.len() > ROTATIONS_MAX {
        violations.add(
            &node.path,
            format!(
                "may have at most {ROTATIONS_MAX} rotations, not {}",
                items.len()
            ),
        );
    }
    each(&items, violations, read_arn)
}

fn read_stages(
    node: &Node<'_>,
    context: Context<'_>,
    violations: &mut Violations,
) -> Option<Vec<Stage<ChannelReference>>> {
    let items = node.items(violations)?;
    each(&items, violations, |node, violations| {
        read_stage(node, context, violations)
    })
}

fn read_stage(
    node: &Node<'_>,
    context: Context<'_>,
    violations: &mut Violations,
) -> Option<Stage<ChannelReference>> {
    let members = node.members(&["DurationInMinutes", "Targets"], violations)?;
    let duration = members.require("DurationInMinutes", violations);
    let minutes = duration
        .as_ref()
        .and_then(|node| node.number(&(0..=30), violations));
    let targets = members.require("Targets", violations).and_then(|node| {
        let items = node.items(violations)?;
        each(&items, violations, |node, violations| {
            read_target(node, context, violations)
        })
    });
    if let (Some(duration), Some(0), Some([])) = (&duration, minutes, targets.as_deref()) {
        violations.add(
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
    context: Context<'_>,
    violations: &mut Violations,
) -> Option<Target<ChannelReference>> {
    let members = node.members(&["ChannelTargetInfo", "ContactTargetInfo"], violations)?;
    let channel = members.get("ChannelTargetInfo");
    let contact = members.get("ContactTargetInfo");
    match context.contact_type {
        Some(ContactType::Personal) => {
            if let Some(contact) = &contact {
                violations.add(
                    &contact.path,
                    "is not allowed: the stages of a PERSONAL contact hold ChannelTargetInfo",
                );
            }
        }
        Some(ContactType::Escalation) => {
            if let Some(channel) = &channel {
                violations.add(
                    &channel.path,
                    "is not allowed: the stages of an ESCALATION plan hold ContactTargetInfo",
                );
            }
        }
        Some(ContactType::OncallSchedule) | None => {}
    }
    let channel_target = channel
        .as_ref()
        .and_then(|node| read_channel(node, context.names, violations));
    let contact_target = contact
        .as_ref()
        .and_then(|node| read_contact(node, violations));
    match (channel, contact) {
        (Some(_), None) => channel_target,
        (None, Some(_)) => contact_target,
        _ => {
            violations.add(
                &node.path,
                "must have exactly one of ChannelTargetInfo and ContactTargetInfo",
            );
            None
        }
    }
}

fn read_channel(
    node: &Node<'_>,
    names: Option<&BTreeSet<String>>,
    violations: &mut Violations,
) -> Option<Target<ChannelReference>> {
    let known = &[
        "ContactChannelId",
        "ContactChannelName",
        "RetryIntervalInMinutes",
    ];
    let members = node.members(known, violations)?;
    let id = members.get("ContactChannelId");
    let name = members.get("ContactChannelName");
    let contact_channel_id = match (id, name) {
        (Some(id), None) => read_channel_arn(id, violations).map(ChannelReference::Arn),
        (None, Some(name)) => {
            read_channel_name(&name, names, violations).map(ChannelReference::Name)
        }
        _ => {
            violations.add(
                &node.path,
                "must have exactly one of ContactChannelId and ContactChannelName",
            );
            None
        }
    };
    let retry_interval_in_minutes = members
        .get("RetryIntervalInMinutes")
        .and_then(|node| node.number(&(0..=60), violations));
    Some(Target::Channel {
        contact_channel_id: contact_channel_id?,
        retry_interval_in_minutes,
    })
}

/// Reads the ARN of a channel. What stands in its place is not repeated if it may be an
/// address.
fn read_channel_arn(node: Node<'_>, violations: &mut Violations) -> Option<String> {
    let text = node.text(violations)?;
    let may_be_address = text.contains(|c: char| c == '@' || c.is_numeric());
    let node = if may_be_address && !text.starts_with("arn:") {
        node.showing(Shown::Nothing)
    } else {
        node
    };
    read_arn(&node, violations)
}

/// Reads the Name of one of the template's channels. It is not repeated in a violation,
/// because it may be an address.
fn read_channel_name(
    node: &Node<'_>,
    names: Option<&BTreeSet<String>>,
    violations: &mut Violations,
) -> Option<String> {
    let name = node.text(violations)?;
    if let Some(names) = names
        && !names.contains(name.as_ref())
    {
        let guess = did_you_mean(&name, names.iter().map(String::as_str));
        violations.add(
            &node.path,
            format!("must be the Name of one of Channels{guess}"),
        );
        return None;
    }
    Some(name.into_owned())
}

fn read_contact(node: &Node<'_>, violations: &mut Violations) -> Option<Target<ChannelReference>> {
    let members = node.members(&["ContactId", "IsEssential"], violations)?;
    let contact_id = members
        .get("ContactId")
        .and_then(|node| read_arn(&node, violations));
    let is_essential = members
        .require("IsEssential", violations)
        .and_then(|node| node.flag(violations));
    Some(Target::Contact {
        contact_id,
        is_essential: is_essential?,
    })
}

fn read_arn(node: &Node<'_>, violations: &mut Violations) -> Option<String> {
    let text = node.text(violations)?;
    if is_contacts_arn(&text) {
        return Some(text.into_owned());
    }
    violations.add(
        &node.path,
        format!(
            "must be an ARN of SSM Contacts (arn:aws:ssm-contacts:<region>:<account>:…) of at most {ARN_MAX} characters{}",
            node.but_not(|| quoted(&text))
        ),
    );
    None
}

/// Whether an ARN fits the API's pattern:
/// `arn:(aws|aws-cn|aws-us-gov):ssm-contacts:[-\w+=\/,.@]*:[0-9]+:([\w+=\/,.@:-])*`.
fn is_contacts_arn(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-+=/,.@".contains(c);
    text.chars().count() <= ARN_MAX
        && Arn::parse(text).is_some_and(|arn| {
            matches!(arn.partition, "aws" | "aws-cn" | "aws-us-gov")
                && arn.service == "ssm-contacts"
                && arn.region.chars().all(word)
                && arn.resource.chars().all(|c| word(c) || c == ':')
        })
}

/// Reads every item, so that all violations are found; returns `None` if one can't be read.
fn each<'a, T>(
    items: &[Node<'a>],
    violations: &mut Violations,
    mut read: impl FnMut(&Node<'a>, &mut Violations) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<_> = items.iter().map(|item| read(item, violations)).collect();
    read.into_iter().collect()
}
