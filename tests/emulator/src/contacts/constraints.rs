//! The members of each request and their constraints, as in the model of the service (botocore,
//! `ssm-contacts`, 2021-05-03).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::error::{Result, ServiceError};
use Shape::{Checked, Flag, List, Number, OneOf, Structure, Text};

enum Shape {
    /// A string with a number of characters from the first to the second, and a pattern.
    Text(usize, usize, Option<&'static LazyLock<Regex>>),
    OneOf(&'static [&'static str]),
    /// An integer from the first to the second.
    Number(i64, i64),
    Flag,
    /// A list of at most so many items.
    List(usize, &'static Shape),
    Structure(&'static [Member]),
    /// A shape with a rule that the model does not state.
    Checked(&'static Shape, Rule),
}

/// A member of a structure: its name, whether it is required, and its shape.
struct Member(&'static str, bool, &'static Shape);

/// Returns the violations of a value, each with its path from the value and a message.
type Rule = fn(&Value) -> Vec<(String, &'static str)>;

#[expect(clippy::unwrap_used, reason = "the patterns are constants")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static ALIAS_PATTERN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[a-z0-9_\-]*$"));
static NAME_PATTERN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\p{L}\p{Z}\p{N}_.\-]*$"));
static TOKEN_PATTERN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\\/a-zA-Z0-9_+=\-]*$"));
static VALUE_PATTERN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$"));
static CODE_PATTERN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[0-9]*$"));
static ARN_PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^arn:(aws|aws-cn|aws-us-gov):ssm-contacts:[-a-zA-Z0-9_+=/,.@]*:[0-9]+:([a-zA-Z0-9_+=/,.@:-]+)*$",
    )
});

static ALIAS: Shape = Text(1, 255, Some(&ALIAS_PATTERN));
static ARN: Shape = Text(1, 2048, Some(&ARN_PATTERN));
static TAGGED_ARN: Shape = Text(1, 1011, None);
static TOKEN: Shape = Text(0, 2048, Some(&TOKEN_PATTERN));
static CONTACT_TYPE: Shape = OneOf(&["PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"]);
static DISPLAY_NAME: Shape = Text(0, 255, Some(&NAME_PATTERN));
static PAGE: Shape = Number(0, 1024);

static TAG_KEY: Shape = Text(1, 128, Some(&TOKEN_PATTERN));
static TAG: Shape = Structure(&[
    // The model does not require them.
    Member("Key", true, &TAG_KEY),
    Member("Value", true, &Text(1, 256, Some(&VALUE_PATTERN))),
]);
static TAGS: Shape = Checked(&List(50, &TAG), unique_keys);

static CHANNEL_NAME: Shape = Text(1, 255, Some(&NAME_PATTERN));
// The model does not require the member. `address_fits` refuses its absence.
static ADDRESS: Shape = Structure(&[Member("SimpleAddress", false, &Text(1, 320, None))]);

static PLAN: Shape = Structure(&[
    Member("RotationIds", false, &List(25, &ARN)),
    Member("Stages", false, &List(usize::MAX, &Checked(&STAGE, target_in_0_minutes))),
]);
static STAGE: Shape = Structure(&[
    Member("DurationInMinutes", true, &Number(0, 30)),
    Member("Targets", true, &List(usize::MAX, &Checked(&TARGET, one_member))),
]);
static TARGET: Shape = Structure(&[
    Member(
        "ChannelTargetInfo",
        false,
        &Structure(&[
            Member("ContactChannelId", true, &ARN),
            Member("RetryIntervalInMinutes", false, &Number(0, 60)),
        ]),
    ),
    Member(
        "ContactTargetInfo",
        false,
        &Structure(&[Member("ContactId", false, &ARN), Member("IsEssential", true, &Flag)]),
    ),
]);

static ON_CONTACT: Shape = Structure(&[Member("ContactId", true, &ARN)]);
static ON_CHANNEL: Shape = Structure(&[Member("ContactChannelId", true, &ARN)]);

static CREATE_CONTACT: Shape = Structure(&[
    Member("Alias", true, &ALIAS),
    Member("Type", true, &CONTACT_TYPE),
    Member("DisplayName", false, &DISPLAY_NAME),
    Member("Plan", true, &PLAN),
    Member("Tags", false, &TAGS),
    Member("IdempotencyToken", false, &TOKEN),
]);
static UPDATE_CONTACT: Shape = Structure(&[
    Member("ContactId", true, &ARN),
    Member("DisplayName", false, &DISPLAY_NAME),
    Member("Plan", false, &PLAN),
]);
static LIST_CONTACTS: Shape = Structure(&[
    Member("NextToken", false, &TOKEN),
    Member("MaxResults", false, &PAGE),
    Member("AliasPrefix", false, &ALIAS),
    Member("Type", false, &CONTACT_TYPE),
]);
static TAG_RESOURCE: Shape =
    Structure(&[Member("ResourceARN", true, &TAGGED_ARN), Member("Tags", true, &TAGS)]);
static UNTAG_RESOURCE: Shape = Structure(&[
    Member("ResourceARN", true, &TAGGED_ARN),
    Member("TagKeys", true, &List(50, &TAG_KEY)),
]);
static CREATE_CONTACT_CHANNEL: Shape = Structure(&[
    Member("ContactId", true, &ARN),
    Member("Name", true, &CHANNEL_NAME),
    Member("Type", true, &OneOf(&["SMS", "VOICE", "EMAIL"])),
    Member("DeliveryAddress", true, &ADDRESS),
    Member("DeferActivation", false, &Flag),
    Member("IdempotencyToken", false, &TOKEN),
]);
static UPDATE_CONTACT_CHANNEL: Shape = Structure(&[
    Member("ContactChannelId", true, &ARN),
    Member("Name", false, &CHANNEL_NAME),
    Member("DeliveryAddress", false, &ADDRESS),
]);
static LIST_CONTACT_CHANNELS: Shape = Structure(&[
    Member("ContactId", true, &ARN),
    Member("NextToken", false, &TOKEN),
    Member("MaxResults", false, &PAGE),
]);
static ACTIVATE_CONTACT_CHANNEL: Shape = Structure(&[
    Member("ContactChannelId", true, &ARN),
    Member("ActivationCode", true, &Text(6, 10, Some(&CODE_PATTERN))),
]);

static OPERATIONS: [(&str, &Shape); 15] = [
    ("CreateContact", &CREATE_CONTACT),
    ("GetContact", &ON_CONTACT),
    ("UpdateContact", &UPDATE_CONTACT),
    ("DeleteContact", &ON_CONTACT),
    ("ListContacts", &LIST_CONTACTS),
    ("TagResource", &TAG_RESOURCE),
    ("UntagResource", &UNTAG_RESOURCE),
    ("ListTagsForResource", &Structure(&[Member("ResourceARN", true, &TAGGED_ARN)])),
    ("CreateContactChannel", &CREATE_CONTACT_CHANNEL),
    ("GetContactChannel", &ON_CHANNEL),
    ("UpdateContactChannel", &UPDATE_CONTACT_CHANNEL),
    ("DeleteContactChannel", &ON_CHANNEL),
    ("ListContactChannels", &LIST_CONTACT_CHANNELS),
    ("SendActivationCode", &ON_CHANNEL),
    ("ActivateContactChannel", &ACTIVATE_CONTACT_CHANNEL),
];

pub(super) fn check(operation: &str, input: &Value) -> Result<()> {
    let known = OPERATIONS.iter().find(|(name, _)| *name == operation);
    let Some((_, shape)) = known else {
        let message = format!("unknown operation {operation}");
        return Err(ServiceError::new("UnknownOperationException", &message));
    };
    let mut violations = Vec::new();
    shape.check(input, "", &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(ServiceError::fields(&violations)) }
}

impl Shape {
    fn check(&self, value: &Value, path: &str, violations: &mut Vec<(String, String)>) {
        let mut add = |message: String| violations.push((path.to_owned(), message));
        match (self, value) {
            (Text(least, most, pattern), Value::String(text)) => {
                if !(*least..=*most).contains(&text.chars().count()) {
                    add(format!("must have {least} to {most} characters"));
                }
                if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
                    let message = "failed to satisfy constraint: Member must satisfy regular expression pattern";
                    add(message.to_owned());
                }
            }
            (Text(..), _) => add("must be a string".to_owned()),
            (OneOf(known), _) => {
                if !value.as_str().is_some_and(|text| known.contains(&text)) {
                    let known = known.join(", ");
                    add(format!("Member must satisfy enum value set: [{known}]"));
                }
            }
            (Number(least, most), _) => {
                if !value.as_i64().is_some_and(|n| (*least..=*most).contains(&n)) {
                    add(format!("must be a number from {least} to {most}"));
                }
            }
            (Flag, Value::Bool(_)) => {}
            (Flag, _) => add("must be true or false".to_owned()),
            (List(most, item), Value::Array(items)) => {
                if items.len() > *most {
                    add(format!("must have at most {most} items"));
                }
                for (number, value) in items.iter().enumerate() {
                    item.check(value, &format!("{path}[{number}]"), violations);
                }
            }
            (List(..), _) => add("must be a list".to_owned()),
            (Structure(known), Value::Object(members)) => {
                let join = |name: &str| match path {
                    "" => name.to_owned(),
                    path => format!("{path}.{name}"),
                };
                for name in members.keys() {
                    if !known.iter().any(|Member(known, ..)| known == name) {
                        violations.push((join(name), "is not a member".to_owned()));
                    }
                }
                for Member(name, required, shape) in *known {
                    match members.get(*name).filter(|value| !value.is_null()) {
                        Some(value) => shape.check(value, &join(name), violations),
                        None if *required => {
                            violations.push((join(name), "is required".to_owned()));
                        }
                        None => {}
                    }
                }
            }
            (Structure(_), _) => add("must be a structure".to_owned()),
            (Checked(shape, rule), value) => {
                shape.check(value, path, violations);
                let more = rule(value).into_iter();
                violations
                    .extend(more.map(|(at, message)| (format!("{path}{at}"), message.to_owned())));
            }
        }
    }
}

fn unique_keys(tags: &Value) -> Vec<(String, &'static str)> {
    let tags = tags.as_array().into_iter().flatten();
    let keys: Vec<_> = tags.map(|tag| tag.get("Key")).collect();
    let before = |number: usize| keys.iter().take(number);
    let repeated = keys.iter().enumerate();
    let repeated =
        repeated.filter(|(number, key)| key.is_some() && before(*number).any(|it| it == *key));
    repeated.map(|(number, _)| (format!("[{number}].Key"), "tag keys must be unique")).collect()
}

fn target_in_0_minutes(stage: &Value) -> Vec<(String, &'static str)> {
    let minutes = stage.get("DurationInMinutes").and_then(Value::as_i64);
    let targets = stage.get("Targets").and_then(Value::as_array);
    if minutes == Some(0) && targets.is_none_or(Vec::is_empty) {
        let message = "can be 0 only if a target is specified";
        return vec![(".DurationInMinutes".to_owned(), message)];
    }
    Vec::new()
}

fn one_member(target: &Value) -> Vec<(String, &'static str)> {
    let has = |name: &str| target.get(name).is_some();
    if target.is_object() && has("ChannelTargetInfo") == has("ContactTargetInfo") {
        let message = "a target has exactly one of ChannelTargetInfo and ContactTargetInfo";
        return vec![(String::new(), message)];
    }
    Vec::new()
}
