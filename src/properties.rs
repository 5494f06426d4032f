//! A template's properties: CloudFormation's stringly JSON becomes what the API takes.
//!
//! New properties are checked whole, against the constraints of CreateContact and
//! of the contact's type, and all faults are told at once. Old properties are
//! never checked: what can't be read of them counts as absent.

use std::collections::BTreeSet;

use serde_json::Value;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::contact::{Alias, ContactType, Plan, Tags};
use crate::identity::{OWNERSHIP_TAGS, OwnershipTags, TAG_VALUE_MAX};

mod plan;
mod reader;

pub use reader::Fault;
use reader::{Faults, Members, Node, quoted};

/// The properties of the resource, as the template writes them.
pub const NAMES: [&str; 7] = [
    "AdoptExisting",
    "Alias",
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

/// What the template wants, checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Desired {
    /// The contact's alias.
    pub alias: Alias,
    /// The contact's type.
    pub contact_type: ContactType,
    /// The full name; `None` leaves it alone.
    pub display_name: Option<String>,
    /// The plan; `None` leaves it alone.
    pub plan: Option<Plan>,
    /// The template's own tags.
    pub tags: Tags,
    /// The template's idempotency token.
    pub idempotency_token: Option<String>,
    /// Whether an existing contact of that alias may be taken over.
    pub adopt_existing: bool,
}

/// What can be read of properties that nobody checks: those before an update and
/// those of a delete.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Readable {
    /// The alias, where it is one.
    pub alias: Option<Alias>,
    /// The type, where it is one.
    pub contact_type: Option<ContactType>,
    /// The full name.
    pub display_name: Option<String>,
    /// The plan, where all of it can be read.
    pub plan: Option<Plan>,
    /// The tags that can be read.
    pub tags: Tags,
    /// The idempotency token.
    pub idempotency_token: Option<String>,
    /// Whether an existing contact might have been taken over.
    pub adopt_existing: bool,
    /// Whether a Create could have accepted them, under one setting or another.
    pub is_sound: bool,
}

impl Desired {
    /// Reads and checks new properties.
    ///
    /// # Errors
    ///
    /// Every fault there is, in the order of the properties.
    pub fn parse(properties: &Value, ownership_tags: OwnershipTags) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let read = read(properties, tags_max(ownership_tags), &mut faults);
        if read.adopt_existing && ownership_tags == OwnershipTags::Off {
            faults.add(
                "AdoptExisting",
                "needs ownership tags, which the function's setting OWNERSHIP_TAGS=off forbids",
            );
        }
        match (read.alias, read.contact_type) {
            (Some(alias), Some(contact_type)) if faults.0.is_empty() => Ok(Self {
                alias,
                contact_type,
                display_name: read.display_name,
                plan: read.plan,
                tags: read.tags,
                idempotency_token: read.idempotency_token,
                adopt_existing: read.adopt_existing,
            }),
            _ => Err(faults.0),
        }
    }
}

impl Readable {
    /// Reads what it can, and checks nothing.
    #[must_use]
    pub fn parse(properties: &Value) -> Self {
        let mut faults = Faults::default();
        let read = read(properties, TAGS_MAX, &mut faults);
        Self {
            is_sound: faults.0.is_empty(),
            ..read
        }
    }

    /// Whether a Create accepts them under this setting.
    #[must_use]
    pub fn are_accepted(&self, ownership_tags: OwnershipTags) -> bool {
        self.is_sound
            && self.tags.len() <= tags_max(ownership_tags)
            && !(self.adopt_existing && ownership_tags == OwnershipTags::Off)
    }
}

/// Most tags that a template may give under this setting.
#[must_use]
pub fn tags_max(ownership_tags: OwnershipTags) -> usize {
    match ownership_tags {
        OwnershipTags::On => TAGS_MAX - OWNERSHIP_TAGS.len(),
        OwnershipTags::Off => TAGS_MAX,
    }
}

/// `ServiceToken` and `ServiceTimeout` stand among the properties.
fn is_cloudformations_own(name: &str) -> bool {
    name.starts_with("Service")
}

fn read(properties: &Value, most_tags: usize, faults: &mut Faults) -> Readable {
    let Some(map) = properties.as_object() else {
        faults.add("ResourceProperties", "must be an object");
        return Readable::default();
    };
    let root = Members::root(map);
    root.refuse_unknown(&NAMES, is_cloudformations_own, faults);
    let adopt_existing = root.get("AdoptExisting").and_then(|node| node.flag(faults));
    let alias = root
        .require("Alias", faults)
        .and_then(|node| alias(&node, faults));
    let display_name = root
        .get("DisplayName")
        .and_then(|node| display_name(&node, faults));
    // An empty one, as a condition in a template leaves it, is none.
    let idempotency_token = root
        .get("IdempotencyToken")
        .and_then(|node| token(&node, faults))
        .filter(|token| !token.is_empty());
    let contact_type = root
        .require("Type", faults)
        .and_then(|node| contact_type(&node, faults));
    let plan = root
        .get("Plan")
        .and_then(|node| faults.sound(|faults| plan::read(&node, contact_type, faults)));
    let tags = root
        .get("Tags")
        .map(|node| tags(&node, most_tags, faults))
        .unwrap_or_default();
    Readable {
        alias,
        contact_type,
        display_name,
        plan,
        tags,
        idempotency_token,
        adopt_existing: adopt_existing.unwrap_or_default(),
        is_sound: false,
    }
}

fn alias(node: &Node<'_>, faults: &mut Faults) -> Option<Alias> {
    let text = node.text(faults)?;
    let alias = Alias::parse(&text);
    if alias.is_none() {
        faults.add(
            &node.path,
            format!("must be 1 to 255 of a-z 0-9 _ -, not {}", quoted(&text)),
        );
    }
    alias
}

fn contact_type(node: &Node<'_>, faults: &mut Faults) -> Option<ContactType> {
    let text = node.text(faults)?;
    let found = ContactType::ALL.into_iter().find(|t| t.as_str() == text);
    if found.is_none() {
        faults.add(
            &node.path,
            format!(
                "must be PERSONAL, ESCALATION or ONCALL_SCHEDULE, not {}",
                quoted(&text)
            ),
        );
    }
    found
}

fn display_name(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let allowed = |c| is_letter_separator_or_number(c) || matches!(c, '_' | '.' | '-');
    bounded(
        node,
        0..=DISPLAY_NAME_MAX,
        allowed,
        "letters, numbers, spaces and _ . -",
        faults,
    )
}

fn token(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "\\/_+=-".contains(c);
    bounded(
        node,
        0..=TOKEN_MAX,
        allowed,
        "a-z A-Z 0-9 \\ / _ + = -",
        faults,
    )
}

fn tags(node: &Node<'_>, most: usize, faults: &mut Faults) -> Tags {
    let mut tags = Tags::new();
    let Some(items) = node.items(faults) else {
        return tags;
    };
    if items.len() > most {
        faults.add(
            &node.path,
            format!("may have at most {most} tags, not {}", items.len()),
        );
    }
    let mut keys = BTreeSet::new();
    for item in &items {
        let (key, value) = tag(item, faults);
        if let Some(key) = &key
            && !keys.insert(key.clone())
        {
            faults.add(&item.path, format!("repeats the key {}", quoted(key)));
        } else if let (Some(key), Some(value)) = (key, value) {
            tags.insert(key, value);
        }
    }
    tags
}

/// A tag's key and value, each where it is sound.
fn tag(node: &Node<'_>, faults: &mut Faults) -> (Option<String>, Option<String>) {
    let Some(members) = node.members(&["Key", "Value"], faults) else {
        return (None, None);
    };
    let key = members.require("Key", faults);
    let key = key.and_then(|node| faults.sound(|faults| tag_key(&node, faults)));
    let value = members.require("Value", faults).and_then(|node| {
        let allowed = |c| is_letter_separator_or_number(c) || "_.:/=+-@".contains(c);
        let words = "letters, numbers, spaces and _ . : / = + - @";
        bounded(&node, 1..=TAG_VALUE_MAX, allowed, words, faults)
    });
    (key, value)
}

fn tag_key(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "\\/_+=-".contains(c);
    let words = "a-z A-Z 0-9 \\ / _ + = -";
    let key = bounded(node, 1..=TAG_KEY_MAX, allowed, words, faults)?;
    if OWNERSHIP_TAGS.contains(&key.as_str()) {
        let problem = format!("{} is the function's own tag", quoted(&key));
        faults.add(&node.path, problem);
    }
    Some(key)
}

/// A string of so many characters, all of them allowed.
fn bounded(
    node: &Node<'_>,
    length: std::ops::RangeInclusive<usize>,
    allowed: impl Fn(char) -> bool,
    words: &str,
    faults: &mut Faults,
) -> Option<String> {
    let text = node.text(faults)?;
    if length.contains(&text.chars().count()) && text.chars().all(allowed) {
        return Some(text.into_owned());
    }
    let (least, most) = (length.start(), length.end());
    faults.add(
        &node.path,
        format!(
            "must be {least} to {most} characters out of {words}, not {}",
            quoted(&text)
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
