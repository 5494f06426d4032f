//! Parses a template's properties into what the API takes.
//!
//! New properties are checked against the constraints of CreateContact and of the
//! contact's type, and all violations are returned at once. Old properties are not
//! refused: what can't be read of them counts as absent.

use std::collections::BTreeSet;

use serde_json::Value;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::channel::{DesiredChannel, DesiredPlan};
use crate::contact::{Alias, ContactType, Tags};
use crate::identity::{OWNERSHIP_TAGS, OwnershipTags, TAG_VALUE_MAX};

mod channels;
mod plan;
mod reader;

pub use reader::Violation;
use reader::{Members, Node, Violations, quoted};

/// The properties of the resource, as the template writes them.
pub const NAMES: [&str; 8] = [
    "AdoptExisting",
    "Alias",
    "Channels",
    "DisplayName",
    "IdempotencyToken",
    "Plan",
    "Tags",
    "Type",
];

/// Most characters a display name may have.
pub const DISPLAY_NAME_MAX: usize = 255;
/// Most tags a contact may have.
pub const TAGS_MAX: usize = 50;
/// Most characters a tag's key may have.
pub const TAG_KEY_MAX: usize = 128;
/// Most characters an idempotency token may have.
pub const TOKEN_MAX: usize = 2048;

/// The contact that a template wants: checked properties.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Desired {
    /// The contact's alias.
    pub alias: Alias,
    /// The contact's type.
    pub contact_type: ContactType,
    /// The properties that may be left out.
    pub optional: OptionalProperties,
}

/// Properties that nobody has checked: those before an update and those of a Delete.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UncheckedProperties {
    /// The alias, if it can be read.
    pub alias: Option<Alias>,
    /// The type, if it can be read.
    pub contact_type: Option<ContactType>,
    /// The properties that may be left out, as far as they can be read.
    pub optional: OptionalProperties,
    /// Whether a Create accepts them under at least one setting of the function.
    pub is_valid: bool,
}

/// The properties that a template may leave out.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OptionalProperties {
    /// The full name; `None` leaves it as it is.
    pub display_name: Option<String>,
    /// The plan; `None` leaves it as it is.
    pub plan: Option<DesiredPlan>,
    /// The template's own channels.
    pub channels: Vec<DesiredChannel>,
    /// The template's own tags.
    pub tags: Tags,
    /// The template's idempotency token.
    pub idempotency_token: Option<String>,
    /// Whether an existing contact of that alias may be adopted.
    pub adopt_existing: bool,
}

impl Desired {
    /// Parses and checks new properties.
    ///
    /// # Errors
    ///
    /// Returns an error if a constraint is violated: every violation, unknown names first, then
    /// in the order of [`NAMES`].
    pub fn parse(
        properties: &Value,
        ownership_tags: OwnershipTags,
    ) -> Result<Self, Vec<Violation>> {
        let mut violations = Violations::default();
        let read = read(properties, Some(ownership_tags), &mut violations);
        match (read.alias, read.contact_type) {
            (Some(alias), Some(contact_type)) if violations.0.is_empty() => Ok(Self {
                alias,
                contact_type,
                optional: read.optional,
            }),
            _ => Err(violations.0),
        }
    }
}

impl UncheckedProperties {
    /// Reads what can be read. What can't counts as absent.
    #[must_use]
    pub fn parse(properties: &Value) -> Self {
        let mut violations = Violations::default();
        let read = read(properties, None, &mut violations);
        Self {
            is_valid: violations.0.is_empty(),
            ..read
        }
    }

    /// Whether a Create accepts them under this setting.
    #[must_use]
    pub fn is_accepted(&self, ownership_tags: OwnershipTags) -> bool {
        self.is_valid
            && self.optional.tags.len() <= tags_max(ownership_tags)
            && !(self.optional.adopt_existing && ownership_tags == OwnershipTags::Off)
    }
}

/// Most tags that a template may give under this setting. The ownership tags need three
/// of the 50 that a contact may have.
#[must_use]
pub fn tags_max(ownership_tags: OwnershipTags) -> usize {
    match ownership_tags {
        OwnershipTags::On => TAGS_MAX - OWNERSHIP_TAGS.len(),
        OwnershipTags::Off => TAGS_MAX,
    }
}

/// Whether a name is CloudFormation's own, such as `ServiceToken` and `ServiceTimeout`.
fn is_cloudformations_own(name: &str) -> bool {
    name.starts_with("Service")
}

/// Reads the properties, and checks them under a setting if one is given.
fn read(
    properties: &Value,
    ownership_tags: Option<OwnershipTags>,
    violations: &mut Violations,
) -> UncheckedProperties {
    let Some(map) = properties.as_object() else {
        violations.add("ResourceProperties", "must be an object");
        return UncheckedProperties::default();
    };
    let root = Members::root(map);
    root.refuse_unknown(&NAMES, is_cloudformations_own, violations);
    let adopt_existing = root
        .get("AdoptExisting")
        .and_then(|node| node.flag(violations));
    if adopt_existing == Some(true) && ownership_tags == Some(OwnershipTags::Off) {
        violations.add(
            "AdoptExisting",
            "needs ownership tags, which the function's setting OWNERSHIP_TAGS=off forbids",
        );
    }
    let alias = root
        .require("Alias", violations)
        .and_then(|node| alias(&node, violations));
    // Channels and plan depend on the type, and their violations come first.
    let mut of_type = Violations::default();
    let contact_type = root
        .require("Type", &mut of_type)
        .and_then(|node| contact_type(&node, &mut of_type));
    let channels = root
        .get("Channels")
        .map_or_else(channels::Read::none, |node| {
            if contact_type.is_some_and(|of| of != ContactType::Personal) {
                let problem = "must be left out: only a PERSONAL contact has channels";
                violations.add(&node.path, problem);
            }
            channels::read(node, violations)
        });
    let display_name = root
        .get("DisplayName")
        .and_then(|node| display_name(&node, violations));
    // A condition in a template may leave an empty token. It counts as none.
    let idempotency_token = root
        .get("IdempotencyToken")
        .and_then(|node| token(&node, violations))
        .filter(|token| !token.is_empty());
    let context = plan::Context {
        contact_type,
        names: channels.names_are_complete.then_some(&channels.names),
    };
    let plan = root
        .get("Plan")
        .and_then(|node| violations.valid(|found| plan::read(&node, context, found)));
    let tags = root
        .get("Tags")
        .map(|node| {
            let most = ownership_tags.map_or(TAGS_MAX, tags_max);
            tags(&node, most, violations)
        })
        .unwrap_or_default();
    violations.0.append(&mut of_type.0);
    UncheckedProperties {
        alias,
        contact_type,
        optional: OptionalProperties {
            display_name,
            plan,
            channels: channels.channels,
            tags,
            idempotency_token,
            adopt_existing: adopt_existing.unwrap_or_default(),
        },
        is_valid: false,
    }
}

fn alias(node: &Node<'_>, violations: &mut Violations) -> Option<Alias> {
    let text = node.text(violations)?;
    let alias = Alias::parse(&text);
    if alias.is_none() {
        violations.add(
            &node.path,
            format!("must be 1 to 255 of a-z 0-9 _ -, not {}", quoted(&text)),
        );
    }
    alias
}

fn contact_type(node: &Node<'_>, violations: &mut Violations) -> Option<ContactType> {
    let text = node.text(violations)?;
    let found = ContactType::ALL.into_iter().find(|t| t.as_str() == text);
    if found.is_none() {
        violations.add(
            &node.path,
            format!(
                "must be PERSONAL, ESCALATION or ONCALL_SCHEDULE, not {}",
                quoted(&text)
            ),
        );
    }
    found
}

fn display_name(node: &Node<'_>, violations: &mut Violations) -> Option<String> {
    let allowed = |c| is_letter_separator_or_number(c) || matches!(c, '_' | '.' | '-');
    bounded(
        node,
        0..=DISPLAY_NAME_MAX,
        allowed,
        "letters, numbers, spaces and _ . -",
        violations,
    )
}

fn token(node: &Node<'_>, violations: &mut Violations) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "\\/_+=-".contains(c);
    bounded(
        node,
        0..=TOKEN_MAX,
        allowed,
        "a-z A-Z 0-9 \\ / _ + = -",
        violations,
    )
}

fn tags(node: &Node<'_>, most: usize, violations: &mut Violations) -> Tags {
    let mut tags = Tags::new();
    let Some(items) = node.items(violations) else {
        return tags;
    };
    if items.len() > most {
        violations.add(
            &node.path,
            format!("may have at most {most} tags, not {}", items.len()),
        );
    }
    let mut keys = BTreeSet::new();
    for item in &items {
        let (key, value) = tag(item, violations);
        if let Some(key) = &key
            && !keys.insert(key.clone())
        {
            violations.add(&item.path, format!("repeats the key {}", quoted(key)));
        } else if let (Some(key), Some(value)) = (key, value) {
            tags.insert(key, value);
        }
    }
    tags
}

/// A tag's key and value, each if it is valid.
fn tag(node: &Node<'_>, violations: &mut Violations) -> (Option<String>, Option<String>) {
    let Some(members) = node.members(&["Key", "Value"], violations) else {
        return (None, None);
    };
    let key = members.require("Key", violations);
    let key = key.and_then(|node| violations.valid(|violations| tag_key(&node, violations)));
    let value = members.require("Value", violations).and_then(|node| {
        let allowed = |c| is_letter_separator_or_number(c) || "_.:/=+-@".contains(c);
        let words = "letters, numbers, spaces and _ . : / = + - @";
        bounded(&node, 1..=TAG_VALUE_MAX, allowed, words, violations)
    });
    (key, value)
}

fn tag_key(node: &Node<'_>, violations: &mut Violations) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "\\/_+=-".contains(c);
    let words = "a-z A-Z 0-9 \\ / _ + = -";
    let key = bounded(node, 1..=TAG_KEY_MAX, allowed, words, violations)?;
    if OWNERSHIP_TAGS.contains(&key.as_str()) {
        let problem = format!("{} is the function's own tag", quoted(&key));
        violations.add(&node.path, problem);
    }
    Some(key)
}

/// A string whose length is within bounds and whose characters are all allowed.
fn bounded(
    node: &Node<'_>,
    length: std::ops::RangeInclusive<usize>,
    allowed: impl Fn(char) -> bool,
    words: &str,
    violations: &mut Violations,
) -> Option<String> {
    let text = node.text(violations)?;
    if length.contains(&text.chars().count()) && text.chars().all(allowed) {
        return Some(text.into_owned());
    }
    let (least, most) = (length.start(), length.end());
    violations.add(
        &node.path,
        format!(
            "must be {least} to {most} characters out of {words}{}",
            node.but_not(|| quoted(&text))
        ),
    );
    None
}

/// `[\p{L}\p{Z}\p{N}]` in full Unicode.
fn is_letter_separator_or_number(c: char) -> bool {
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Letter
            | GeneralCategoryGroup::Separator
            | GeneralCategoryGroup::Number
    )
}
