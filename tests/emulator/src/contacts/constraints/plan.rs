//! Validates engagement plans: their members, and the form that the type of the contact requires.

use serde_json::Value;

use super::{Member, Validator};
use crate::contacts::ServiceError;

impl Validator {
    /// Checks the members of a plan, whatever the type of the contact is.
    pub(in crate::contacts) fn plan(&mut self, plan: &Value) {
        let member = Member {
            value: plan,
            path: "Plan".to_owned(),
        };
        if !self.structure(&member, &["Stages", "RotationIds"]) {
            return;
        }
        for rotation in self.list(&member.get("RotationIds"), false, 25) {
            self.arn_member(&rotation, true);
        }
        for stage in self.list(&member.get("Stages"), false, usize::MAX) {
            self.stage(&stage);
        }
    }

    fn stage(&mut self, member: &Member) {
        if !self.structure(member, &["DurationInMinutes", "Targets"]) {
            return;
        }
        let duration = member.get("DurationInMinutes");
        self.number(&duration, true, 0..=30);
        let targets = self.list(&member.get("Targets"), true, usize::MAX);
        if targets.is_empty() && duration.value == &Value::from(0) {
            self.add(&duration.path, "can be 0 only if a target is specified");
        }
        for target in targets {
            self.target(&target);
        }
    }

    fn target(&mut self, member: &Member) {
        if !self.structure(member, &["ChannelTargetInfo", "ContactTargetInfo"]) {
            return;
        }
        let has = |name: &str| member.value.get(name).is_some();
        match (has("ChannelTargetInfo"), has("ContactTargetInfo")) {
            (true, false) => self.channel(&member.get("ChannelTargetInfo")),
            (false, true) => self.contact(&member.get("ContactTargetInfo")),
            _ => self.add(
                &member.path,
                "a target has exactly one of ChannelTargetInfo and ContactTargetInfo",
            ),
        }
    }

    fn channel(&mut self, member: &Member) {
        if self.structure(member, &["ContactChannelId", "RetryIntervalInMinutes"]) {
            self.arn_member(&member.get("ContactChannelId"), true);
            self.number(&member.get("RetryIntervalInMinutes"), false, 0..=60);
        }
    }

    fn contact(&mut self, member: &Member) {
        if self.structure(member, &["ContactId", "IsEssential"]) {
            self.arn_member(&member.get("ContactId"), false);
            let essential = member.get("IsEssential");
            if !essential.value.is_boolean() {
                self.add(&essential.path, "must be true or false");
            }
        }
    }
}

/// Checks that a plan has the form that the type of the contact requires (API reference,
/// CreateContact; the error of the service for a schedule whose plan has stages).
pub(in crate::contacts) fn plan_fits(
    contact_type: &str,
    plan: &Value,
    creating: bool,
) -> Result<(), ServiceError> {
    let has = |name: &str| plan.get(name).is_some();
    if contact_type == "ONCALL_SCHEDULE" {
        return if has("Stages") {
            Err(ServiceError::invalid(
                "Invalid value provided - ONCALL SCHEDULE contact cannot have stages in plan",
            ))
        } else {
            Ok(())
        };
    }
    if has("RotationIds") {
        return Err(ServiceError::invalid(
            "Invalid value provided - only an ONCALL SCHEDULE contact can have rotations in plan",
        ));
    }
    if creating && !has("Stages") {
        return Err(ServiceError::invalid(
            "Invalid value provided - plan must have stages",
        ));
    }
    let required = if contact_type == "PERSONAL" {
        "ChannelTargetInfo"
    } else {
        "ContactTargetInfo"
    };
    let stages = plan
        .get("Stages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let targets = stages
        .filter_map(|stage| stage.get("Targets")?.as_array())
        .flatten();
    if targets
        .into_iter()
        .any(|target| target.get(required).is_none())
    {
        return Err(ServiceError::invalid(&format!(
            "Invalid value provided - the targets of a {contact_type} contact must be {required}"
        )));
    }
    Ok(())
}
