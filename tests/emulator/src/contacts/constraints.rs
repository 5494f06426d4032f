//! Validates requests against the model of the service (botocore, `ssm-contacts`, 2021-05-03).

mod channel;
mod plan;

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::ServiceError;

pub(super) use channel::address_fits;
pub(super) use plan::plan_fits;

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

/// A member of a request, at any depth.
struct Member<'a> {
    value: &'a Value,
    /// The path from the request to the member, such as `Plan.Stages[0]`.
    path: String,
}

impl<'a> Member<'a> {
    /// Returns the member of the request with this name. Its value is null if it is missing.
    fn top(input: &'a Value, name: &str) -> Self {
        Self {
            value: input.get(name).unwrap_or(&Value::Null),
            path: name.to_owned(),
        }
    }

    /// Returns the member of this structure with this name. Its value is null if it is missing.
    fn get(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            ..Self::top(self.value, name)
        }
    }
}

/// Collects the constraint violations of a request, each with a path and a message.
#[derive(Debug, Default)]
pub(super) struct Validator(Vec<(String, String)>);

impl Validator {
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

    /// Checks that a member is a structure without members other than these. Returns whether it is
    /// a structure.
    fn structure(&mut self, member: &Member, known: &[&str]) -> bool {
        let Some(members) = member.value.as_object() else {
            self.add(&member.path, "must be a structure");
            return false;
        };
        for name in members
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            self.add(&member.get(name).path, "is not a member");
        }
        true
    }

    /// Checks that a member is a string of this length in characters and of this pattern.
    fn string(
        &mut self,
        Member { value, path }: &Member,
        required: bool,
        length: RangeInclusive<usize>,
        pattern: Option<&Regex>,
    ) {
        match value {
            Value::Null if required => self.add(path, "is required"),
            Value::Null => {}
            Value::String(text) => {
                let (least, most) = (length.start(), length.end());
                if !length.contains(&text.chars().count()) {
                    self.add(path, format!("must have {least} to {most} characters"));
                }
                if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
                    self.add(path, "failed to satisfy constraint: Member must satisfy regular expression pattern");
                }
            }
            _ => self.add(path, "must be a string"),
        }
    }

    /// Checks that a member is a list of at most `most` items. Returns its items.
    fn list<'a>(
        &mut self,
        Member { value, path }: &Member<'a>,
        required: bool,
        most: usize,
    ) -> Vec<Member<'a>> {
        match value {
            Value::Null if required => self.add(path, "is required"),
            Value::Null => {}
            Value::Array(items) => {
                if items.len() > most {
                    self.add(path, format!("must have at most {most} items"));
                }
                let item = |(n, value)| Member {
                    value,
                    path: format!("{path}[{n}]"),
                };
                return items.iter().enumerate().map(item).collect();
            }
            _ => self.add(path, "must be a list"),
        }
        Vec::new()
    }

    fn number(
        &mut self,
        Member { value, path }: &Member,
        required: bool,
        range: RangeInclusive<i64>,
    ) {
        match value {
            Value::Null if !required => {}
            Value::Number(number) if number.as_i64().is_some_and(|n| range.contains(&n)) => {}
            _ => {
                let (least, most) = (range.start(), range.end());
                self.add(path, format!("must be a number from {least} to {most}"));
            }
        }
    }

    fn arn_member(&mut self, member: &Member, required: bool) {
        self.string(member, required, 1..=2048, Some(&ARN));
    }

    pub(super) fn arn(&mut self, input: &Value, name: &str) {
        self.arn_member(&Member::top(input, name), true);
    }

    pub(super) fn alias(&mut self, input: &Value, name: &str, required: bool) {
        self.string(&Member::top(input, name), required, 1..=255, Some(&ALIAS));
    }

    pub(super) fn display_name(&mut self, input: &Value) {
        let member = Member::top(input, "DisplayName");
        self.string(&member, false, 0..=255, Some(&NAME));
    }

    pub(super) fn token(&mut self, input: &Value, name: &str) {
        self.string(&Member::top(input, name), false, 0..=2048, Some(&TOKEN));
    }

    pub(super) fn resource_arn(&mut self, input: &Value) {
        self.string(&Member::top(input, "ResourceARN"), true, 1..=1011, None);
    }

    /// Checks that a member is one of these values.
    fn enumeration(&mut self, Member { value, path }: &Member, required: bool, known: &[&str]) {
        let fits = value.as_str().is_some_and(|text| known.contains(&text));
        if !fits && (required || !value.is_null()) {
            let known = known.join(", ");
            self.add(
                path,
                format!("Member must satisfy enum value set: [{known}]"),
            );
        }
    }

    pub(super) fn contact_type(&mut self, input: &Value, required: bool) {
        let known = ["PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"];
        self.enumeration(&Member::top(input, "Type"), required, &known);
    }

    pub(super) fn most_results(&mut self, input: &Value) {
        self.number(&Member::top(input, "MaxResults"), false, 0..=1024);
    }

    pub(super) fn tags(&mut self, input: &Value, required: bool) {
        let mut keys = Vec::new();
        for tag in self.list(&Member::top(input, "Tags"), required, 50) {
            if self.structure(&tag, &["Key", "Value"]) {
                let (key, value) = (tag.get("Key"), tag.get("Value"));
                self.string(&key, true, 1..=128, Some(&TOKEN));
                self.string(&value, true, 1..=256, Some(&TAG_VALUE));
                if keys.contains(&key.value) {
                    self.add(&key.path, "tag keys must be unique");
                }
                keys.push(key.value);
            }
        }
    }

    pub(super) fn tag_keys(&mut self, input: &Value) {
        for key in self.list(&Member::top(input, "TagKeys"), true, 50) {
            self.string(&key, true, 1..=128, Some(&TOKEN));
        }
    }
}
