//! Whose contact it is: physical ids, ownership tags, idempotency tokens.
//!
//! A contact's ARN follows from its alias, so the ARN alone never proves that
//! the contact is ours. The tags do.

use sha2::{Digest, Sha256};

use crate::contact::{ContactArn, Tags};

/// The tag that names the stack, by its id.
pub const STACK_TAG: &str = "cloudformation-stack-id";
/// The tag that names the resource within the stack, by its logical id.
pub const LOGICAL_TAG: &str = "cloudformation-logical-id";
/// The tag that says how the contact came to be: the id of the Create that made it,
/// `update` if an Update did, or `adopted`.
pub const ORIGIN_TAG: &str = "cloudformation-origin";
/// The three keys that are ours and refused in a template's `Tags`.
pub const OWNERSHIP_TAGS: [&str; 3] = [STACK_TAG, LOGICAL_TAG, ORIGIN_TAG];

/// The origin of a contact that was there before its stack.
const ADOPTED: &str = "adopted";
/// The origin of a contact that an Update made.
const UPDATE: &str = "update";

/// What the physical id of a failed Create begins with. The colon keeps it apart from
/// the ids that CloudFormation invents, which are made of letters, digits and hyphens.
const MARKERS: [(&str, Left); 4] = [
    ("nothing-created:", Left::Nothing),
    ("created:", Left::Contact),
    ("outcome-unknown:", Left::Unknown),
    // The only marker of the first version, which did not tell the three apart.
    ("not-created:", Left::Unknown),
];

/// What a Create that failed has left behind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Left {
    /// Nothing, for certain.
    Nothing,
    /// A contact without ownership tags (`OWNERSHIP_TAGS=off`).
    Contact,
    /// Perhaps a contact, now or later.
    Unknown,
}

/// The kind of request that makes or claims a contact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Creator {
    /// A Create.
    Create,
    /// An Update: a replacement, or one whose contact had been deleted outside.
    Update,
}

/// Whether the function writes ownership tags (setting `OWNERSHIP_TAGS`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OwnershipTags {
    /// It writes and reads them.
    #[default]
    On,
    /// It writes none, and still heeds those that it finds.
    Off,
}

/// The resource that a request speaks for: one logical id in one stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resource {
    /// The stack's id, an ARN.
    pub stack_id: String,
    /// The name in the template.
    pub logical_id: String,
    /// The id of the request, the same in every redelivery.
    pub request_id: String,
}

/// What a contact's tags say of its owner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ownership {
    /// This stack's and this logical id's.
    Ours(Origin),
    /// No ownership tags at all.
    Nobody,
    /// Nobody's: the origin `adopted` is all that a release under `OWNERSHIP_TAGS=off`
    /// has left.
    Released,
    /// Nothing that names another owner, but not all that would make it ours.
    Incomplete,
    /// Another stack's, or another logical id's.
    Other {
        /// The stack that the tag names, if there is one.
        stack: Option<String>,
        /// The logical id that the tag names, if there is one.
        logical_id: Option<String>,
    },
}

/// How a contact of ours came to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Made by the Create with this id.
    Create(String),
    /// Made by an Update.
    Update,
    /// There before the stack, which took it over.
    Adopted,
    /// The tag is missing.
    Missing,
}

impl Origin {
    fn of(tag: Option<&String>) -> Self {
        match tag.map(String::as_str) {
            None => Self::Missing,
            Some(ADOPTED) => Self::Adopted,
            Some(UPDATE) => Self::Update,
            Some(request) => Self::Create(request.to_owned()),
        }
    }
}

impl Resource {
    /// The physical id of a Create that failed: it is no contact's, and it tells the
    /// Delete that follows what to look for.
    #[must_use]
    pub fn marker(&self, left: Left) -> String {
        let of_kind = MARKERS.iter().find(|(_, kind)| *kind == left);
        let prefix = of_kind.map_or("", |(prefix, _)| prefix);
        format!("{prefix}{}", self.request_tag())
    }

    /// The tags that make a contact ours and say that this request made it.
    #[must_use]
    pub fn tags(&self, creator: Creator) -> Tags {
        self.tags_with_origin(self.origin(creator))
    }

    /// The tags that make a contact ours and say that the stack did not create it.
    #[must_use]
    pub fn adoption_tags(&self) -> Tags {
        self.tags_with_origin(ADOPTED.to_owned())
    }

    fn tags_with_origin(&self, origin: String) -> Tags {
        Tags::from([
            (STACK_TAG.to_owned(), tag_value(&self.stack_id)),
            (LOGICAL_TAG.to_owned(), tag_value(&self.logical_id)),
            (ORIGIN_TAG.to_owned(), origin),
        ])
    }

    /// The origin of a contact that this request makes.
    #[must_use]
    pub fn origin(&self, creator: Creator) -> String {
        match creator {
            Creator::Create => self.request_tag(),
            Creator::Update => UPDATE.to_owned(),
        }
    }

    /// This request's id as the origin tag and the marker hold it.
    fn request_tag(&self) -> String {
        match tag_value(&self.request_id) {
            value if value == ADOPTED || value == UPDATE => digest([&self.request_id]),
            value => value,
        }
    }

    /// The stack's name, out of its id `arn:…:stack/<name>/<uuid>`.
    fn stack_name(&self) -> Option<&str> {
        let (_, rest) = self.stack_id.split_once(":stack/")?;
        rest.split('/').next().filter(|name| !name.is_empty())
    }

    /// Reads what a contact's tags say of its owner.
    #[must_use]
    pub fn ownership(&self, tags: &Tags) -> Ownership {
        let stack = tags.get(STACK_TAG);
        let logical_id = tags.get(LOGICAL_TAG);
        let origin = tags.get(ORIGIN_TAG);
        let foreign = |tag: Option<&String>, own: &str| tag.is_some_and(|t| *t != tag_value(own));
        if foreign(stack, &self.stack_id) || foreign(logical_id, &self.logical_id) {
            return Ownership::Other {
                stack: stack.cloned(),
                logical_id: logical_id.cloned(),
            };
        }
        match (stack, logical_id, origin) {
            (None, None, None) => Ownership::Nobody,
            (None, None, Some(origin)) if origin == ADOPTED => Ownership::Released,
            (Some(_), Some(_), origin) => Ownership::Ours(Origin::of(origin)),
            _ => Ownership::Incomplete,
        }
    }

    /// The idempotency token of this request's create: the same in every
    /// redelivery, another for every alias and for every token of the template.
    /// Hexadecimal, because the API allows no `:` in a token.
    #[must_use]
    pub fn token(&self, alias: &str, template_token: Option<&str>) -> String {
        digest([
            self.stack_id.as_str(),
            &self.logical_id,
            &self.request_id,
            alias,
            template_token.unwrap_or_default(),
        ])
    }
}

/// The physical id that a request carries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PhysicalId {
    /// A contact's ARN.
    Contact(ContactArn),
    /// The marker of a failed Create: what it left, and the Create's origin.
    Marker(Left, String),
    /// CloudFormation's invention for a Create that never answered:
    /// `<stack>-<logical id>-<suffix>`.
    Invented,
    /// Any other, such as that of a function which backed the resource before.
    Unrecognized,
}

impl PhysicalId {
    /// Reads the id of an Update or a Delete of this resource.
    #[must_use]
    pub fn parse(text: &str, resource: &Resource) -> Self {
        if let Some(arn) = ContactArn::parse(text) {
            return Self::Contact(arn);
        }
        let marker = MARKERS
            .iter()
            .find_map(|(prefix, left)| Some((*left, text.strip_prefix(prefix)?)));
        if let Some((left, origin)) = marker {
            return Self::Marker(left, origin.to_owned());
        }
        let after_stack = resource
            .stack_name()
            .and_then(|stack| text.strip_prefix(stack));
        match after_stack {
            Some(rest) if rest.starts_with('-') => Self::Invented,
            _ => Self::Unrecognized,
        }
    }
}

/// Most characters a tag's value may have (CreateContact, `Tags`).
pub const TAG_VALUE_MAX: usize = 256;

/// An id as a tag's value: itself, or its digest where the API would refuse it.
fn tag_value(id: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.:/=+-@ ".contains(c);
    if !id.is_empty() && id.len() <= TAG_VALUE_MAX && id.chars().all(allowed) {
        id.to_owned()
    } else {
        digest([id])
    }
}

/// SHA-256 in hexadecimal; each part goes in with its length, so that no two
/// lists of parts run together.
fn digest<'a>(parts: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
