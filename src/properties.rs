//! Parses a template's properties into what the API takes.
//!
//! New properties are checked against the constraints of CreateContact and of the
//! contact's type, and all violations are returned at once.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::contact::arn::Alias;
use crate::contact::channel::DesiredChannel;
use crate::contact::personal_data::quoted;
use crate::contact::plan::Plan;
use crate::contact::{ContactType, Tags};
use crate::json::Json;
use crate::ownership::{self, OWNERSHIP_TAGS, Owner, TAG_VALUE_MAX};

mod channels;
mod plan;
mod reader;
mod suggestion;

use plan::PlanReader;
pub(crate) use reader::Violations;
use reader::{Collector, Node};

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

impl AdoptExisting {
    /// Whether it allows to adopt a contact of this owner.
    pub(crate) fn allows(&self, owner: &Owner) -> bool {
        match (self, owner) {
            (Self::Untagged, Owner::Nobody) => true,
            (Self::OfLogicalId(named), Owner::Sibling(tag)) => ownership::is_logical_id(tag, named),
            _ => false,
        }
    }
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
        let found = Collector::default();
        let (value, broken) = parse(properties, &found);
        let desired = read(&Node::root(&value, &found), broken);
        let found = found.into_inner();
        desired.filter(|_| found.count == 0).ok_or(found)
    }
}

impl LastProperties {
    /// Reads what can be read. What can't counts as left out.
    pub(crate) fn read(properties: &str) -> Self {
        let ignored = Collector::default();
        let (value, _) = parse(properties, &ignored);
        let root = Node::root(&value, &ignored);
        Self {
            alias: root.get("Alias").and_then(|node| alias(&node)),
            adopt_existing: root
                .get("AdoptExisting")
                .and_then(|node| adopt(&node))
                .unwrap_or_default(),
        }
    }
}

/// Parses each property if that is possible, and names the known ones that are broken. Names that
/// begin with `Service` are CloudFormation's own, such as `ServiceToken` and `ServiceTimeout`.
fn parse(properties: &str, found: &Collector) -> (Value, Vec<&'static str>) {
    let json = Json::new(properties);
    if !json.is_object() {
        return (Value::Null, Vec::new());
    }
    let (mut parsed, mut broken) = (Map::new(), Vec::new());
    let members = json.object().0.into_iter();
    for (name, value) in members.filter(|(name, _)| !name.starts_with("Service")) {
        match value.parse() {
            Ok(value) => drop(parsed.insert(name, value)),
            Err(error) => {
                let known = NAMES.into_iter().find(|known| *known == name);
                let path = known.unwrap_or("ResourceProperties");
                found.borrow_mut().add(path, format!("can't be read as JSON: {error}"));
                broken.extend(known);
            }
        }
    }
    (Value::Object(parsed), broken)
}

fn read(root: &Node<'_>, broken: Vec<&'static str>) -> Option<Desired> {
    let mut root = root.members(&NAMES)?;
    root.excused.extend(broken);
    let adopt_existing = root.get("AdoptExisting").and_then(|node| adopt(&node));
    let alias = root.require("Alias").and_then(|node| alias(&node));
    let contact_type = root.require("Type");
    let contact_type = contact_type.and_then(|node| {
        node.read("PERSONAL, ESCALATION or ONCALL_SCHEDULE", ContactType::from_name)
    });
    let channels = match root.get("Channels") {
        None => channels::ReadableChannels {
            names: (!root.excused.contains(&"Channels")).then(BTreeSet::new),
            ..channels::ReadableChannels::default()
        },
        Some(node) if contact_type.is_some_and(|of| of != ContactType::Personal) => {
            node.refuse("must be left out: only a PERSONAL contact has channels");
            channels::ReadableChannels::default()
        }
        Some(node) => channels::read(&node),
    };
    let display_name = root.get("DisplayName");
    let display_name =
        display_name.and_then(|node| node.bounded(0..=DISPLAY_NAME_MAX, is_name, NAME_WORDS));
    let token = root.get("IdempotencyToken");
    let token = token.and_then(|node| node.bounded(0..=TOKEN_MAX, is_key, KEY_WORDS));
    let reader = PlanReader { contact_type, names: channels.names.as_ref() };
    let plan = root.get("Plan").and_then(|node| reader.plan(&node));
    let tags = root.get("Tags").map(|node| tags(&node));
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

fn alias(node: &Node<'_>) -> Option<Alias> {
    node.read("1 to 255 of a-z 0-9 _ -", Alias::parse)
}

fn adopt(node: &Node<'_>) -> Option<AdoptExisting> {
    node.read("true, false or a logical id of this stack", parse_adopt)
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

fn tags(node: &Node<'_>) -> Tags {
    let most = TAGS_MAX - OWNERSHIP_TAGS.len();
    let items = node.items().unwrap_or_default();
    if items.len() > most {
        node.refuse(format!("may have at most {most} tags, not {}", items.len()));
    }
    let mut tags = Tags::new();
    let mut keys = BTreeSet::new();
    for item in items {
        let Some(members) = item.members(&["Key", "Value"]) else {
            continue;
        };
        let key = members.require("Key").and_then(|node| tag_key(&node));
        let value = members.require("Value").and_then(|node| {
            let allowed = |c| is_letter_separator_or_number(c) || "_.:/=+-@".contains(c);
            let words = "letters, numbers, spaces and _ . : / = + - @";
            node.bounded(1..=TAG_VALUE_MAX, allowed, words)
        });
        let Some(key) = key else { continue };
        if !keys.insert(key.clone()) {
            let shown = quoted(&key).unwrap_or_else(|| "of another tag".to_owned());
            item.refuse(format!("repeats the key {shown}"));
        }
        tags.extend(value.map(|value| (key, value)));
    }
    tags
}

fn tag_key(node: &Node<'_>) -> Option<String> {
    let key = node.bounded(1..=TAG_KEY_MAX, is_key, KEY_WORDS)?;
    if OWNERSHIP_TAGS.contains(&key.as_str()) {
        node.refuse(format!("{key} is the function's own tag"));
        return None;
    }
    Some(key)
}

/// `[\\\/a-zA-Z0-9_+=\-]`, of a tag's key and a token.
fn is_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || "\\/_+=-".contains(c)
}

const KEY_WORDS: &str = "a-z A-Z 0-9 \\ / _ + = -";

/// `[\p{L}\p{Z}\p{N}_.\-]`, of a contact's and a channel's name.
fn is_name(c: char) -> bool {
    is_letter_separator_or_number(c) || "_.-".contains(c)
}

const NAME_WORDS: &str = "letters, numbers, spaces and _ . -";

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
