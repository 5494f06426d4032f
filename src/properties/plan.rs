//! Reads an engagement plan, and checks what each type of contact allows in it.

use std::collections::BTreeSet;

use crate::contact::ContactType;
use crate::contact::arn::Arn;
use crate::contact::personal_data::may_be_address;
use crate::contact::plan::{ChannelReference, Plan, Stage, Target};

use super::reader::Node;
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
    pub(super) fn plan(&self, node: &Node<'_>) -> Option<Plan> {
        if node.is_list() {
            let is_schedule = self.contact_type == Some(ContactType::OncallSchedule);
            let member = if is_schedule { "RotationIds" } else { "Stages" };
            node.refuse(format!("must be an object, not a list; use Plan: {{{member}: […]}}"));
            if !is_schedule {
                self.stages(node);
            }
            return None;
        }
        let members = node.members(&["RotationIds", "Stages"])?;
        let (stages, rotations) = (members.get("Stages"), members.get("RotationIds"));
        // A condition in a template may leave an empty plan. It counts as none.
        if stages.is_none() && rotations.is_none() {
            return None;
        }
        let is_schedule = match self.contact_type {
            Some(contact_type) => contact_type == ContactType::OncallSchedule,
            None => stages.is_none() && rotations.is_some(),
        };
        if is_schedule {
            stages.iter().for_each(refuse_stages);
            let rotations = rotations.and_then(|node| read_rotations(&node));
            return rotations.map(Plan::Rotations);
        }
        match (self.contact_type, rotations) {
            (Some(other), Some(rotations)) => rotations.refuse(format!(
                "must be left out: only an ONCALL_SCHEDULE has rotations, a contact of type {other} \
                 has Stages"
            )),
            (None, Some(_)) => node.refuse("must have Stages or RotationIds, not both"),
            (_, None) => {}
        }
        stages.and_then(|node| self.stages(&node)).map(Plan::Stages)
    }

    fn stages(&self, node: &Node<'_>) -> Option<Vec<Stage>> {
        node.each(|node| self.stage(&node))
    }

    fn stage(&self, node: &Node<'_>) -> Option<Stage> {
        let mut members = node.members(&["DurationInMinutes", "Targets"])?;
        if node.get("RotationIds").is_some() {
            // A stage of rotations is one mistake.
            members.excused.extend(["DurationInMinutes", "Targets"]);
        }
        let duration = members.require("DurationInMinutes");
        let minutes = duration.as_ref().and_then(|node| node.number(0..=30));
        let targets = members.require("Targets");
        let targets = targets.and_then(|node| node.each(|node| self.target(&node)));
        if let (Some(duration), Some(0), Some([])) = (&duration, minutes, targets.as_deref()) {
            duration.refuse("may be 0 only if the stage has a target; 1 to 30 otherwise");
        }
        Some(Stage { duration_in_minutes: minutes?, targets: targets? })
    }

    fn target(&self, node: &Node<'_>) -> Option<Target> {
        let members = node.members(&["ChannelTargetInfo", "ContactTargetInfo"])?;
        let (channel, contact) =
            (members.get("ChannelTargetInfo"), members.get("ContactTargetInfo"));
        match (channel, contact, self.contact_type) {
            (Some(channel), None, Some(ContactType::Escalation)) => {
                channel.refuse(
                    "is not allowed: the stages of an ESCALATION plan hold ContactTargetInfo",
                );
                None
            }
            (None, Some(contact), Some(ContactType::Personal)) => {
                contact.refuse(
                    "is not allowed: the stages of a PERSONAL contact hold ChannelTargetInfo",
                );
                None
            }
            (Some(channel), None, _) => self.channel(&channel),
            (None, Some(contact), _) => read_contact(&contact),
            _ => {
                members.require_one("ChannelTargetInfo", "ContactTargetInfo");
                None
            }
        }
    }

    fn channel(&self, node: &Node<'_>) -> Option<Target> {
        let known = ["ContactChannelId", "ContactChannelName", "RetryIntervalInMinutes"];
        let members = node.members(&known)?;
        let channel = match (members.get("ContactChannelId"), members.get("ContactChannelName")) {
            (Some(id), None) => read_arn(&id).map(ChannelReference::Arn),
            (None, Some(name)) => self.channel_name(&name).map(ChannelReference::Name),
            _ => {
                members.require_one("ContactChannelId", "ContactChannelName");
                None
            }
        };
        let retry_interval = members.get("RetryIntervalInMinutes");
        let retry_interval_in_minutes = retry_interval.and_then(|node| node.number(0..=60));
        Some(Target::Channel { channel: channel?, retry_interval_in_minutes })
    }

    /// Reads the Name of one of the template's channels.
    fn channel_name(&self, node: &Node<'_>) -> Option<String> {
        let name = node.text()?;
        if let Some(names) = self.names
            && !names.contains(name.as_ref())
        {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let meant = nearest(&name, &names).filter(|meant| !may_be_address(meant));
            let hint = meant.map_or_else(String::new, |meant| format!("; use {meant}"));
            node.must_be(format_args!("the Name of one of Channels{hint}"), &name);
            return None;
        }
        Some(name.into_owned())
    }
}

/// Stages of an on-call schedule are one mistake, and `RotationIds` within them tell which.
fn refuse_stages(stages: &Node<'_>) {
    let items = if stages.is_list() { stages.items() } else { None };
    let items = items.unwrap_or_default();
    let misplaced: Vec<_> = items.iter().filter_map(|stage| stage.get("RotationIds")).collect();
    for rotations in &misplaced {
        rotations
            .refuse("is unknown; use Plan: {RotationIds: […]}; an ONCALL_SCHEDULE has no stages");
    }
    if misplaced.is_empty() {
        stages.refuse("must be left out: an ONCALL_SCHEDULE has RotationIds and no stages");
    }
}

fn read_rotations(node: &Node<'_>) -> Option<Vec<String>> {
    let rotations = node.each(|node| read_arn(&node))?;
    if rotations.len() > ROTATIONS_MAX {
        let count = rotations.len();
        node.refuse(format!("may have at most {ROTATIONS_MAX} rotations, not {count}"));
    }
    Some(rotations)
}

fn read_contact(node: &Node<'_>) -> Option<Target> {
    let members = node.members(&["ContactId", "IsEssential"])?;
    let contact_id = members.get("ContactId").and_then(|node| read_arn(&node));
    let is_essential = members.require("IsEssential").and_then(|node| node.flag());
    Some(Target::Contact { contact_id, is_essential: is_essential? })
}

/// Reads an ARN that fits the API's pattern:
/// `arn:(aws|aws-cn|aws-us-gov):ssm-contacts:[-\w+=\/,.@]*:[0-9]+:([\w+=\/,.@:-])*`.
fn read_arn(node: &Node<'_>) -> Option<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-+=/,.@".contains(c);
    let fits = |arn: &Arn<'_>| {
        matches!(arn.partition, "aws" | "aws-cn" | "aws-us-gov")
            && arn.service == "ssm-contacts"
            && arn.region.chars().all(is_word)
            && arn.resource.chars().all(|c| is_word(c) || c == ':')
    };
    let allowed = format!(
        "an ARN of SSM Contacts (arn:aws:ssm-contacts:<region>:<account>:…) of at most {ARN_MAX} \
         characters"
    );
    node.read(allowed, |text| {
        let arn = Arn::parse(text).filter(|_| text.chars().count() <= ARN_MAX).filter(fits);
        arn.map(|_| text.to_owned())
    })
}
