//! The constraints of the service's model (botocore, `ssm-contacts`, 2021-05-03).

mod plan;

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::ServiceError;

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

/// A value, and where in the request it stands.
struct At<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    /// A member of the request itself.
    fn top(input: &'a Value, name: &str) -> Self {
        Self {
            value: input.get(name).unwrap_or(&Value::Null),
            path: name.to_owned(),
        }
    }

    /// The member of this name; null where there is none.
    fn member(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            ..Self::top(self.value, name)
        }
    }
}

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

    /// Whether a value is a structure, of these members and no others.
    fn structure(&mut self, at: &At, known: &[&str]) -> bool {
        let Some(members) = at.value.as_object() else {
            self.add(&at.path, "must be a structure");
            return false;
        };
        for name in members
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            self.add(&at.member(name).path, "is no member");
        }
        true
    }

    /// A string: there if required, so many characters, of this pattern.
    fn string(
        &mut self,
        At { value, path }: &At,
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

    /// A list: there if required, of at most so many items; each with its path.
    fn list<'a>(
        &mut self,
        At { value, path }: &At<'a>,
        required: bool,
        most: usize,
    ) -> Vec<At<'a>> {
        match value {
            Value::Null if required => self.add(path, "is required"),
            Value::Null => {}
            Value::Array(items) => {
                if items.len() > most {
                    self.add(path, format!("must have at most {most} items"));
                }
                let item = |(n, value)| At {
                    value,
                    path: format!("{path}[{n}]"),
                };
                return items.iter().enumerate().map(item).collect();
            }
            _ => self.add(path, "must be a list"),
        }
        Vec::new()
    }

    fn number(&mut self, At { value, path }: &At, required: bool, range: RangeInclusive<i64>) {
        match value {
            Value::Null if !required => {}
            Value::Number(number) if number.as_i64().is_some_and(|n| range.contains(&n)) => {}
            _ => {
                let (least, most) = (range.start(), range.end());
                self.add(path, format!("must be a number from {least} to {most}"));
            }
        }
    }

    fn arn_at(&mut self, at: &At, required: bool) {
        self.string(at, required, 1..=2048, Some(&ARN));
    }

    pub(super) fn arn(&mut self, input: &Value, name: &str) {
        self.arn_at(&At::top(input, name), true);
    }

    pub(super) fn alias(&mut self, input: &Value, name: &str, required: bool) {
        self.string(&At::top(input, name), required, 1..=255, Some(&ALIAS));
    }

    pub(super) fn display_name(&mut self, input: &Value) {
        let at = At::top(input, "DisplayName");
        self.string(&at, false, 0..=255, Some(&NAME));
    }

    pub(super) fn token(&mut self, input: &Value, name: &str) {
        self.string(&At::top(input, name), false, 0..=2048, Some(&TOKEN));
    }

    pub(super) fn resource_arn(&mut self, input: &Value) {
        self.string(&At::top(input, "ResourceARN"), true, 1..=1011, None);
    }

    pub(super) fn contact_type(&mut self, input: &Value, required: bool) {
        let At { value, path } = At::top(input, "Type");
        let known = ["PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"];
        let fits = value.as_str().is_some_and(|text| known.contains(&text));
        if !fits && (required || !value.is_null()) {
            let known = known.join(", ");
            self.add(
                &path,
                format!("Member must satisfy enum value set: [{known}]"),
            );
        }
    }

    pub(super) fn most_results(&mut self, input: &Value) {
        self.number(&At::top(input, "MaxResults"), false, 0..=1024);
    }

    pub(super) fn tags(&mut self, input: &Value, required: bool) {
        let mut keys = Vec::new();
        for tag in self.list(&At::top(input, "Tags"), required, 50) {
            if self.structure(&tag, &["Key", "Value"]) {
                let (key, value) = (tag.member("Key"), tag.member("Value"));
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
        for key in self.list(&At::top(input, "TagKeys"), true, 50) {
            self.string(&key, true, 1..=128, Some(&TOKEN));
        }
    }
}
