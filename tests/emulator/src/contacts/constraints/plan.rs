//! The plan: its members' constraints, and its shape by the contact's type.

use serde_json::Value;

use super::{At, Fields};
use crate::contacts::ServiceError;

impl Fields {
    /// The plan's members, whatever the contact's type.
    pub(in crate::contacts) fn plan(&mut self, plan: &Value) {
        let at = At {
            value: plan,
            path: "Plan".to_owned(),
        };
        if !self.structure(&at, &["Stages", "RotationIds"]) {
            return;
        }
        for rotation in self.list(&at.member("RotationIds"), false, 25) {
            self.arn_at(&rotation, true);
        }
        for stage in self.list(&at.member("Stages"), false, usize::MAX) {
            self.stage(&stage);
        }
    }

    fn stage(&mut self, at: &At) {
        if !self.structure(at, &["DurationInMinutes", "Targets"]) {
            return;
        }
        let duration = at.member("DurationInMinutes");
        self.number(&duration, true, 0..=30);
        let targets = self.list(&at.member("Targets"), true, usize::MAX);
        if targets.is_empty() && duration.value == &Value::from(0) {
            self.add(&duration.path, "can be 0 only if a target is specified");
        }
        for target in targets {
            self.target(&target);
        }
    }

    fn target(&mut self, at: &At) {
        if !self.structure(at, &["ChannelTargetInfo", "ContactTargetInfo"]) {
            return;
        }
        let has = |name: &str| at.value.get(name).is_some();
        match (has("ChannelTargetInfo"), has("ContactTargetInfo")) {
            (true, false) => self.channel(&at.member("ChannelTargetInfo")),
            (false, true) => self.contact(&at.member("ContactTargetInfo")),
            _ => self.add(
                &at.path,
                "a target has exactly one of ChannelTargetInfo and ContactTargetInfo",
            ),
        }
    }

    fn channel(&mut self, at: &At) {
        if self.structure(at, &["ContactChannelId", "RetryIntervalInMinutes"]) {
            self.arn_at(&at.member("ContactChannelId"), true);
            self.number(&at.member("RetryIntervalInMinutes"), false, 0..=60);
        }
    }

    fn contact(&mut self, at: &At) {
        if self.structure(at, &["ContactId", "IsEssential"]) {
            self.arn_at(&at.member("ContactId"), false);
            let essential = at.member("IsEssential");
            if !essential.value.is_boolean() {
                self.add(&essential.path, "must be true or false");
            }
        }
    }
}

/// Whether the plan has the shape that the contact's type asks for (CreateContact API page;
/// what the service answers to stages in a schedule's plan).
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
    let wanted = if contact_type == "PERSONAL" {
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
        .any(|target| target.get(wanted).is_none())
    {
        return Err(ServiceError::invalid(&format!(
            "Invalid value provided - the targets of a {contact_type} contact must be {wanted}"
        )));
    }
    Ok(())
}
