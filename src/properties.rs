//! Parses a template's properties into what the API takes.
//!
//! New properties are checked against the constraints of CreateContact and of the
//! contact's type, and all violations are returned at once.

use std::collections::BTreeSet;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::contact::arn::Alias;
use crate::contact::channel::DesiredChannel;
use crate::contact::personal_data::quoted;
use crate::contact::plan::Plan;
use crate::contact::{ContactType, Tags};
use crate::json::Json;
use crate::ownership::{OWNERSHIP_TAGS, TAG_VALUE_MAX};

mod channels;
mod plan;
mod reader;
mod suggestion;

use plan::PlanReader;
pub(crate) use reader::Violations;
use reader::{Members, Node, Parsed};

/// The properties of the resource, as the template writes them.
const NAMES: [&str; 8] = [
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
const DISPLAY_NAME_MAX: usize = 255;
/// Most tags a contact may have.
pub(crate) const TAGS_MAX: usize = 50;
/// Most characters a tag's key may have.
const TAG_KEY_MAX: usize = 128;
/// Most characters an idempotency token may have.
const TOKEN_MAX: usize = 2048;
/// Most characters a logical id may have (CloudFormation's quotas).
const LOGICAL_ID_MAX: usize = 255;

/// The contact that a template wants: properties that a Create accepts.
#[derive(Clone, Debug)]
pub(crate) struct Desired {
    pub(crate) alias: Alias,
    pub(crate) contact_type: ContactType,
    /// The full name; `None` leaves it as it is.
    pub(crate) display_name: Option<String>,
    /// The plan; `None` leaves it as it is.
    pub(crate) plan: Option<Plan>,
    /// The template's own channels.
    pub(crate) channels: Vec<DesiredChannel>,
    /// The template's own tags.
    pub(crate) tags: Tags,
    pub(crate) idempotency_token: Option<String>,
    pub(crate) adopt_existing: AdoptExisting,
}

/// Which contact that stands under the alias the resource may take over.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum AdoptExisting {
    #[default]
    No,
    /// One that has no ownership tags.
    Untagged,
    /// The one of this logical id of the same stack.
    OfLogicalId(String),
}

/// What a Delete needs of the last properties. It need not be what a Create accepts.
#[derive(Clone, Debug)]
pub(crate) struct LastProperties {
    pub(crate) alias: Option<Alias>,
    pub(crate) adopt_existing: AdoptExisting,
}

impl Desired {
    /// Parses and checks the text of properties.
    ///
    /// Returns an error if a constraint is violated: every violation.
    pub(crate) fn parse(properties: &str) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let json = Json::new(properties);
        if !json.is_object() {
            violations.add("ResourceProperties", "must be an object");
            return Err(violations);
        }
        let parsed = Parsed::new(json);
        match read(&parsed, &mut violations) {
            Some(desired) if violations.is_empty() => Ok(desired),
            _ => Err(violations),
        }
    }
}

impl LastProperties {
    /// Reads what can be read. What can't counts as left out.
    pub(crate) fn read(properties: &str) -> Self {
        let ignored = &mut Violations::default();
        let parsed = Parsed::new(Json::new(properties));
        let root = Members::of_properties(&parsed, &NAMES, |_| false, ignored);
        let adopt_existing = root.get("AdoptExisting");
        Self {
            alias: root.get("Alias").and_then(|node| alias(&node, ignored)),
            adopt_existing: adopt_existing
                .and_then(|node| adopt(&node, ignored))
                .unwrap_or_default(),
        }
    }
}

/// Whether a name is CloudFormation's own, such as `ServiceToken` and `ServiceTimeout`.
fn is_cloudformations_own(name: &str) -> bool {
    name.starts_with("Service")
}

fn read(parsed: &Parsed, violations: &mut Violations) -> Option<Desired> {
    let root = Members::of_properties(parsed, &NAMES, is_cloudformations_own, violations);
    let adopt_existing = root
        .get("AdoptExisting")
        .and_then(|node| adopt(&node, violations));
    let alias = root
        .require("Alias", violations)
        .and_then(|node| alias(&node, violations));
    let contact_type = root.require("Type", violations).and_then(|node| {
        let words = "PERSONAL, ESCALATION or ONCALL_SCHEDULE";
        node.one_of(words, ContactType::from_name, violations)
    });
    let channels = match root.get("Channels") {
        None => channels::Read {
            names: (!root.means("Channels")).then(BTreeSet::new),
            ..channels::Read::default()
        },
        Some(node) if contact_type.is_some_and(|of| of != ContactType::Personal) => {
            let problem = "must be left out: only a PERSONAL contact has channels";
            violations.add(&node.path, problem);
            channels::Read::default()
        }
        Some(node) => channels::read(&node, violations),
    };
    let display_name = root.get("DisplayName").and_then(|node| {
        let allowed = |c| is_letter_separator_or_number(c) || matches!(c, '_' | '.' | '-');
        let words = "letters, numbers, spaces and _ . -";
        node.bounded(0..=DISPLAY_NAME_MAX, allowed, words, violations)
    });
    let token = root.get("IdempotencyToken").and_then(|node| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "\\/_+=-".contains(c);
        node.bounded(
            0..=TOKEN_MAX,
            allowed,
            "a-z A-Z 0-9 \\ / _ + = -",
            violations,
        )
    });
    let reader = PlanReader {
        contact_type,
        names: channels.names.as_ref(),
    };
    let plan = root.get("Plan");
    let plan = plan.and_then(|node| violations.valid(|violations| reader.plan(&node, violations)));
    let tags = root.get("Tags").map(|node| tags(&node, violations));
    Some(Desired {
        alias: alias?,
        contact_type: contact_type?,
        display_name,
        plan,
        channels: channels.channels,
        tags: tags.unwrap_or_default(),
        // A condition in a template may leave an empty token. It counts as none.
        idempotency_token: token.filter(|token| !token.is_empty()),
        adopt_existing: adopt_existing.unwrap_or_default(),
    })
}

fn alias(node: &Node<'_>, violations: &mut Violations) -> Option<Alias> {
    node.one_of("1 to 255 of a-z 0-9 _ -", Alias::parse, violations)
}

fn adopt(node: &Node<'_>, violations: &mut Violations) -> Option<AdoptExisting> {
    node.one_of(
        "true, false or a logical id of this stack",
        parse_adopt,
        violations,
    )
}

fn parse_adopt(text: &str) -> Option<AdoptExisting> {
    let is_id = (1..=LOGICAL_ID_MAX).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric());
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(AdoptExisting::Untagged),
        "false" => Some(AdoptExisting::No),
        _ => is_id.then(|| AdoptExisting::OfLogicalId(text.to_owned())),
    }
}

fn tags(node: &Node<'_>, violations: &mut Violations) -> Tags {
    let most = TAGS_MAX - OWNERSHIP_TAGS.len();
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
            let key = quoted(key).unwrap_or_else(|| "of another tag".to_owned());
            violations.add(&item.path, format!("repeats the key {key}"));
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
    let key = members
        .require("Key", violations)
        .and_then(|node| tag_key(&node, violations));
    let value = members.require("Value", violations).and_then(|node| {
        let allowed = |c| is_letter_separator_or_number(c) || "_.:/=+-@".contains(c);
        let words = "letters, numbers, spaces and _ . : / = + - @";
        node.bounded(1..=TAG_VALUE_MAX, allowed, words, violations)
    });
    (key, value)
}

fn tag_key(node: &Node<'_>, violations: &mut Violations) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "\\/_+=-".contains(c);
    let words = "a-z A-Z 0-9 \\ / _ + = -";
    let key = node.bounded(1..=TAG_KEY_MAX, allowed, words, violations)?;
    if OWNERSHIP_TAGS.contains(&key.as_str()) {
        violations.add(&node.path, format!("{key} is the function's own tag"));
        return None;
    }
    Some(key)
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

#[cfg(test)]
mod tests;
