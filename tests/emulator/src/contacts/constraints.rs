//! The constraints of the service's model (botocore, `ssm-contacts`, 2021-05-03) and
//! the plan's shape by type (CreateContact API page; `reference` of the tests' README).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::ServiceError;

#[expect(clippy::unwrap_used, reason = "the patterns are constants")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static ALIAS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[a-z0-9_\-]*$"));
static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\p{L}\p{Z}\p{N}_.\-]*$"));
static TOKEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\\/a-zA-Z0-9_+=\-]*$"));
static TAG_VALUE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$"));
static ARN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^arn:(aws|aws-cn|aws-us-gov):ssm-contacts:[-a-zA-Z0-9_+=/,.@]*:[0-9]+:([a-zA-Z0-9_+=/,.@:-]+)*$",
    )
});

/// Collects what is wrong with a request's members.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    fn add(&mut self, path: &str, message: impl Into<String>) {
        self.0.push((path.to_owned(), message.into()));
    }

    pub(super) fn into_result(self) -> Result<(), ServiceError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ServiceError::fields(&self.0))
        }
    }

    /// A string member: present if required, so many characters, of this pattern.
    fn string(
        &mut self,
        input: &Value,
        path: &str,
        required: bool,
        length: std::ops::RangeInclusive<usize>,
        pattern: Option<&Regex>,
    ) {
        match member(input, path) {
            Value::Null if required => self.add(path, "is required"),
            Value::Null => {}
            Value::String(text) => {
                if !length.contains(&text.chars().count()) {
                    self.add(
                        path,
                        format!(
                            "must have {} to {} characters",
                            length.start(),
                            length.end()
                        ),
                    );
                }
                if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
                    self.add(path, "failed to satisfy constraint: Member must satisfy regular expression pattern");
                }
            }
            _ => self.add(path, "must be a string"),
        }
    }

    pub(super) fn arn(&mut self, input: &Value, name: &str, required: bool) {
        self.string(input, name, required, 1..=2048, Some(&ARN));
    }

    pub(super) fn alias(&mut self, input: &Value) {
        self.string(input, "Alias", true, 1..=255, Some(&ALIAS));
    }

    pub(super) fn display_name(&mut self, input: &Value) {
        self.string(input, "DisplayName", false, 0..=255, Some(&NAME));
    }

    pub(super) fn token(&mut self, input: &Value) {
        self.string(input, "IdempotencyToken", false, 0..=2048, Some(&TOKEN));
    }

    pub(super) fn resource_arn(&mut self, input: &Value) {
        self.string(input, "ResourceARN", true, 1..=1011, None);
    }

    pub(super) fn contact_type(&mut self, input: &Value) {
        if !matches!(
            input.get("Type").and_then(Value::as_str),
            Some("PERSONAL" | "ESCALATION" | "ONCALL_SCHEDULE")
        ) {
            self.add(
                "Type",
                "Member must satisfy enum value set: [PERSONAL, ESCALATION, ONCALL_SCHEDULE]",
            );
        }
    }

    pub(super) fn tags(&mut self, input: &Value, required: bool) {
        let Some(tags) = self.list(input, "Tags", required, 50) else {
            return;
        };
        for tag in tags {
            self.string(tag, "Key", true, 1..=128, Some(&TOKEN));
            self.string(tag, "Value", true, 1..=256, Some(&TAG_VALUE));
        }
        let mut keys: Vec<&Value> = tags.iter().filter_map(|tag| tag.get("Key")).collect();
        keys.sort_by_key(ToString::to_string);
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            self.add("Tags", "tag keys must be unique");
        }
    }

    pub(super) fn tag_keys(&mut self, input: &Value) {
        for key in self.list(input, "TagKeys", true, 50).into_iter().flatten() {
            self.string(key, "", true, 1..=128, Some(&TOKEN));
        }
    }

    fn list<'a>(
        &mut self,
        input: &'a Value,
        path: &str,
        required: bool,
        most: usize,
    ) -> Option<&'a Vec<Value>> {
        match member(input, path) {
            Value::Null if required => self.add(path, "is required"),
            Value::Null => {}
            Value::Array(items) => {
                if items.len() > most {
                    self.add(path, format!("must have at most {most} items"));
                }
                return Some(items);
            }
            _ => self.add(path, "must be a list"),
        }
        None
    }

    fn number(
        &mut self,
        input: &Value,
        path: &str,
        required: bool,
        range: std::ops::RangeInclusive<i64>,
    ) {
        match member(input, path) {
            Value::Null if !required => {}
            Value::Number(number) if number.as_i64().is_some_and(|n| range.contains(&n)) => {}
            _ => self.add(
                path,
                format!("must be a number from {} to {}", range.start(), range.end()),
            ),
        }
    }

    /// The plan's members, whatever the type.
    pub(super) fn plan(&mut self, plan: &Value) {
        if !plan.is_object() {
            self.add("Plan", "must be a structure");
            return;
        }
        for arn in self
            .list(plan, "RotationIds", false, 25)
            .into_iter()
            .flatten()
        {
            self.string(arn, "", true, 1..=2048, Some(&ARN));
        }
        for stage in self
            .list(plan, "Stages", false, usize::MAX)
            .into_iter()
            .flatten()
        {
            self.number(stage, "DurationInMinutes", true, 0..=30);
            let targets = self.list(stage, "Targets", true, usize::MAX);
            if targets.is_some_and(Vec::is_empty)
                && stage.get("DurationInMinutes") == Some(&0.into())
            {
                self.add(
                    "DurationInMinutes",
                    "can be 0 only if a target is specified",
                );
            }
            for target in targets.into_iter().flatten() {
                self.target(target);
            }
        }
    }

    fn target(&mut self, target: &Value) {
        match (
            target.get("ChannelTargetInfo"),
            target.get("ContactTargetInfo"),
        ) {
            (Some(channel), None) => {
                self.arn(channel, "ContactChannelId", true);
                self.number(channel, "RetryIntervalInMinutes", false, 0..=60);
            }
            (None, Some(contact)) => {
                self.arn(contact, "ContactId", false);
                if !contact.get("IsEssential").is_some_and(Value::is_boolean) {
                    self.add("IsEssential", "is required");
                }
            }
            _ => self.add(
                "Targets",
                "a target has exactly one of ChannelTargetInfo and ContactTargetInfo",
            ),
        }
    }
}

/// A member by its name; the value itself for an empty one.
fn member<'a>(input: &'a Value, name: &str) -> &'a Value {
    if name.is_empty() {
        input
    } else {
        input.get(name).unwrap_or(&Value::Null)
    }
}

/// The plan's shape by type.
pub(super) fn plan_fits(
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
