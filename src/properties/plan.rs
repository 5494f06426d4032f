//! Reads an engagement plan, and checks what each type of contact allows in it.

use std::collections::BTreeSet;

use crate::contact::ContactType;
use crate::contact::arn::Arn;
use crate::contact::personal_data::may_be_address;
use crate::contact::plan::{ChannelReference, Plan, Stage, Target};

use super::reader::{Node, Violations};
use super::suggestion::nearest;

/// Most rotations an on-call schedule may have.
const ROTATIONS_MAX: usize = 25;
/// Most characters an ARN may have.
const ARN_MAX: usize = 2048;

/// Reads the plan of a contact.
pub(super) struct PlanReader<'a> {
    /// The type of the contact. Without one, which is a violation of its own, only the shape is
    /// checked.
    pub(super) contact_type: Option<ContactType>,
    /// The Names of the template's channels; `None` if one of them can't be read.
    pub(super) names: Option<&'a BTreeSet<String>>,
}

impl PlanReader<'_> {
    pub(super) fn plan(&self, node: &Node<'_>, violations: &mut Violations) -> Option<Plan> {
        if node.is_list() {
            let is_schedule = self.contact_type == Some(ContactType::OncallSchedule);
            let member = if is_schedule { "RotationIds" } else { "Stages" };
            let problem = format!("must be an object, not a list; use Plan: {{{member}: […]}}");
            violations.add(&node.path, problem);
            if !is_schedule {
                self.stages(node, violations);
            }
            return None;
        }
        let members = node.members(&["RotationIds", "Stages"], violations)?;
        let (stages, rotations) = (members.get("Stages"), members.get("RotationIds"));
        let is_schedule = match self.contact_type {
            Some(contact_type) => contact_type == ContactType::OncallSchedule,
            None => stages.is_none() && rotations.is_some(),
        };
        if is_schedule {
            if let Some(stages) = stages {
                refuse_stages(&stages, violations);
            }
            let rotations = rotations.map_or_else(
                || Some(Vec::new()),
                |node| read_rotations(&node, violations),
            );
            return rotations.map(Plan::Rotations);
        }
        match (self.contact_type, rotations) {
            (Some(other), Some(rotations)) => {
                let problem = format!(
                    "must be left out: only an ONCALL_SCHEDULE has rotations, a contact of type {other} has Stages"
                );
                violations.add(&rotations.path, problem);
            }
            (None, Some(_)) => {
                violations.add(&node.path, "must have Stages or RotationIds, not both");
            }
            (_, None) => {}
        }
        let stages = stages.map_or_else(|| Some(Vec::new()), |node| self.stages(&node, violations));
        stages.map(Plan::Stages)
    }

    fn stages(&self, node: &Node<'_>, violations: &mut Violations) -> Option<Vec<Stage>> {
        node.each(violations, |node, violations| self.stage(node, violations))
    }

    fn stage(&self, node: &Node<'_>, violations: &mut Violations) -> Option<Stage> {
        let members = node.members(&["DurationInMinutes", "Targets"], violations)?;
        // A stage of rotations is one mistake.
        let is_stage = node.member("RotationIds").is_none();
        let get = |name, violations: &mut Violations| {
            if is_stage {
                members.require(name, violations)
            } else {
                members.get(name)
            }
        };
        let duration = get("DurationInMinutes", violations);
        let minutes = duration
            .as_ref()
            .and_then(|node| node.number(&(0..=30), violations));
        let targets = get("Targets", violations).and_then(|node| {
            node.each(violations, |node, violations| self.target(node, violations))
        });
        if let (Some(duration), Some(0), Some([])) = (&duration, minutes, targets.as_deref()) {
            let problem = "may be 0 only if the stage has a target; 1 to 30 otherwise";
            violations.add(&duration.path, problem);
        }
        Some(Stage {
            duration_in_minutes: minutes?,
            targets: targets?,
        })
    }

    fn target(&self, node: &Node<'_>, violations: &mut Violations) -> Option<Target> {
        let members = node.members(&["ChannelTargetInfo", "ContactTargetInfo"], violations)?;
        match (
            members.get("ChannelTargetInfo"),
            members.get("ContactTargetInfo"),
            self.contact_type,
        ) {
            (Some(channel), None, Some(ContactType::Escalation)) => {
                let problem =
                    "is not allowed: the stages of an ESCALATION plan hold ContactTargetInfo";
                violations.add(&channel.path, problem);
                None
            }
            (None, Some(contact), Some(ContactType::Personal)) => {
                let problem =
                    "is not allowed: the stages of a PERSONAL contact hold ChannelTargetInfo";
                violations.add(&contact.path, problem);
                None
            }
            (Some(channel), None, _) => self.channel(&channel, violations),
            (None, Some(contact), _) => read_contact(&contact, violations),
            _ => {
                members.require_one("ChannelTargetInfo", "ContactTargetInfo", violations);
                None
            }
        }
    }

    fn channel(&self, node: &Node<'_>, violations: &mut Violations) -> Option<Target> {
        let known = [
            "ContactChannelId",
            "ContactChannelName",
            "RetryIntervalInMinutes",
        ];
        let members = node.members(&known, violations)?;
        let channel = match (
            members.get("ContactChannelId"),
            members.get("ContactChannelName"),
        ) {
            (Some(id), None) => read_arn(&id, violations).map(ChannelReference::Arn),
            (None, Some(name)) => self
                .channel_name(&name, violations)
                .map(ChannelReference::Name),
            _ => {
                members.require_one("ContactChannelId", "ContactChannelName", violations);
                None
            }
        };
        let retry_interval = members.get("RetryIntervalInMinutes");
        let retry_interval_in_minutes =
            retry_interval.and_then(|node| node.number(&(0..=60), violations));
        Some(Target::Channel {
            channel: channel?,
            retry_interval_in_minutes,
        })
    }

    /// Reads the Name of one of the template's channels.
    fn channel_name(&self, node: &Node<'_>, violations: &mut Violations) -> Option<String> {
        let name = node.text(violations)?;
        if let Some(names) = self.names
            && !names.contains(name.as_ref())
        {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let meant = nearest(&name, &names).filter(|meant| !may_be_address(meant));
            let hint = meant.map_or_else(String::new, |meant| format!("; use {meant}"));
            node.refuse(
                format_args!("the Name of one of Channels{hint}"),
                &name,
                violations,
            );
            return None;
        }
        Some(name.into_owned())
    }
}

/// Stages of an on-call schedule are one mistake, and `RotationIds` within them tell which.
fn refuse_stages(stages: &Node<'_>, violations: &mut Violations) {
    let items = stages
        .is_list()
        .then(|| stages.items(violations))
        .flatten()
        .unwrap_or_default();
    let misplaced: Vec<_> = items
        .iter()
        .filter(|stage| stage.member("RotationIds").is_some())
        .collect();
    for stage in &misplaced {
        let path = format!("{}.RotationIds", stage.path);
        violations.add(
            &path,
            "is unknown; use Plan: {RotationIds: […]}; an ONCALL_SCHEDULE has no stages",
        );
    }
    if misplaced.is_empty() {
        let problem = "must be left out: an ONCALL_SCHEDULE has RotationIds and no stages";
        violations.add(&stages.path, problem);
    }
}

fn read_rotations(node: &Node<'_>, violations: &mut Violations) -> Option<Vec<String>> {
    let rotations = node.each(violations, read_arn)?;
    if rotations.len() > ROTATIONS_MAX {
        let problem = format!(
            "may have at most {ROTATIONS_MAX} rotations, not {}",
            rotations.len()
        );
        violations.add(&node.path, problem);
    }
    Some(rotations)
}

fn read_contact(node: &Node<'_>, violations: &mut Violations) -> Option<Target> {
    let members = node.members(&["ContactId", "IsEssential"], violations)?;
    let contact_id = members
        .get("ContactId")
        .and_then(|node| read_arn(&node, violations));
    let is_essential = members.require("IsEssential", violations);
    let is_essential = is_essential.and_then(|node| node.flag(violations));
    Some(Target::Contact {
        contact_id,
        is_essential: is_essential?,
    })
}

/// Reads an ARN that fits the API's pattern:
/// `arn:(aws|aws-cn|aws-us-gov):ssm-contacts:[-\w+=\/,.@]*:[0-9]+:([\w+=\/,.@:-])*`.
fn read_arn(node: &Node<'_>, violations: &mut Violations) -> Option<String> {
    let text = node.text(violations)?;
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-+=/,.@".contains(c);
    let fits = text.chars().count() <= ARN_MAX
        && Arn::parse(&text).is_some_and(|arn| {
            matches!(arn.partition, "aws" | "aws-cn" | "aws-us-gov")
                && arn.service == "ssm-contacts"
                && arn.region.chars().all(is_word)
                && arn.resource.chars().all(|c| is_word(c) || c == ':')
        });
    if !fits {
        let allowed = format_args!(
            "an ARN of SSM Contacts (arn:aws:ssm-contacts:<region>:<account>:…) of at most {ARN_MAX} characters"
        );
        node.refuse(allowed, &text, violations);
    }
    fits.then(|| text.into_owned())
}
